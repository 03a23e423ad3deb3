#pragma once

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "console.h"
#include "sizes.h"

#include "every/core/bytes.h"
#include "every/core/error.h"

namespace every::cli {

/// A function file, read.
struct FunctionFile {
  std::string
      label;  ///< file name without folder and extension; told apart by a number when it comes twice
  std::string origin;  ///< the path as given
  core::Bytes bytes;
};

/// The label of each path, in order: `math` for `out/math.wasm`, `math-2` for a second one.
[[nodiscard]] std::vector<std::string> make_labels(const std::vector<std::string>& paths);

/// A loading error as a sentence that names the file once.
[[nodiscard]] std::string describe_loading_error(const std::string& path, const core::Error& error);

/// Reads one file. errors: those of core::read_file; kUnsupported a source file, saying what to do
[[nodiscard]] core::Result<FunctionFile> read_function(const std::string& path, std::string label);

/// Does what compiles a file, with a line for a person when it takes long.
template <typename Compile>
auto compile_with_notice(const FunctionFile& file, Compile compile, const Console& console) {
  auto compiling = std::async(std::launch::async, std::move(compile));
  if (compiling.wait_for(std::chrono::seconds(1)) == std::future_status::timeout)
    console.busy("Compiling " + file.origin + " (" + size_text(file.bytes.size()) +
                 "), needed once");
  return compiling.get();
}

}  // namespace every::cli
