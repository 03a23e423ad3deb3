#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "every/core/error.h"

namespace every::runtime {

/// Whether the receipts of a database are believed at the word of who brings it over.
enum class Believe : std::uint8_t {
  kNothing,  ///< they can be read, and are hits once they are verified or attested
  kMyWord,   ///< they are hits
};

/// What came over from a database of the original.
struct HomestarReport {
  std::uint64_t receipts = 0;   ///< kept now
  std::uint64_t known = 0;      ///< kept before
  std::uint64_t workflows = 0;  ///< kept now, each as a run
  std::uint64_t known_workflows = 0;
  std::uint64_t refused = 0;     ///< rows that cannot be used
  std::vector<std::string> why;  ///< of the first of these, in a person's words
};

}  // namespace every::runtime
