#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "test_paths.h"

#include "every/core/bytes.h"
#include "every/core/text.h"
#include "every/ipld/multibase.h"

namespace every::ipld::tests {

inline core::Bytes from_hex(std::string_view hex) {
  return decode_base(Multibase::kBase16, hex).value();
}

/// The rows of a tab-separated file in tests/data, comments left out.
inline std::vector<std::vector<std::string>> read_rows(const std::string& name) {
  std::ifstream file(std::string(EVERY_TEST_DATA_DIR) + "/" + name);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::vector<std::string> row;
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, '\t');) row.push_back(cell);
    rows.push_back(row);
  }
  return rows;
}

/// A test name gtest accepts.
inline std::string test_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (plain) {
      out += c;
    } else {
      out += "_" + core::to_hex({reinterpret_cast<const std::uint8_t*>(&c), 1});
    }
  }
  return out;
}

}  // namespace every::ipld::tests
