#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "console.h"

#include "every/core/error.h"
#include "every/runtime/node.h"

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

/// Reads and loads files one after the other, with a line for one that takes long to compile and one for each that cannot be loaded.
/// out: how many were loaded
[[nodiscard]] std::size_t load_functions(runtime::Node& node, const std::vector<std::string>& paths,
                                         const Console& console);

}  // namespace every::cli
