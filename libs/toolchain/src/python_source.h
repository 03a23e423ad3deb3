#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "every/core/error.h"
#include "every/toolchain/language_builder.h"

namespace every::toolchain {

/// A Python source as python/scripts/describe.py sees it.
struct PythonSource {
  std::filesystem::path root;  ///< where `import` starts from
  std::string module;          ///< of the entry, e.g. `app`
  std::string world_module;    ///< the bindings' module that it imports, `wit_world` by default
  bool has_class = false;      ///< written in componentize-py's style
  std::vector<std::string> functions;
  std::optional<std::string> wit;  ///< made from type hints
  std::string hints;               ///< Python literal for every_guest.classes
  std::optional<core::Error> wit_problem;
  std::vector<std::string> files;  ///< relative to root
  std::string requirements_file;
  std::vector<std::string> packages;  ///< lines of requirements
  std::vector<std::string> tools;     ///< build tools among them
};

/// Looks at a source; nothing of it is run.
/// in: python   an interpreter
/// errors: kInvalidArgument the source is wrong, with file and line; kNotFound, kCancelled, kIo
[[nodiscard]] core::Result<PythonSource> describe_python(const Source& source,
                                                         const std::filesystem::path& python,
                                                         const BuildContext& context);

/// A path as a person in the current folder would write it.
[[nodiscard]] std::string near_path(const std::filesystem::path& path);

}  // namespace every::toolchain
