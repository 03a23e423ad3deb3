#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "every/core/error.h"
#include "every/toolchain/language_builder.h"

namespace every::toolchain {

inline constexpr std::string_view kInstallPythonTool = "every toolchain install python";
inline constexpr std::string_view kInstallPython = "sudo apt-get install python3 python3-pip";

/// The interpreter that runs the tools; the component has Python 3.14 whatever it is.
/// errors: kNotFound saying how to install it
[[nodiscard]] core::Result<std::filesystem::path> find_python(const BuildContext& context);

/// componentize-py, where it is.
struct PythonTool {
  std::filesystem::path python;
  std::filesystem::path folder;  ///< goes into Python's path first; empty: the interpreter knows it
  std::string version;
};

/// The version of the embedded lock file.
[[nodiscard]] std::string locked_tool_version();
/// The one `every toolchain install python` has put there, else one of a fitting version in the project's virtual environment, in the
/// active one, or in PATH.
/// errors: kNotFound saying how to install it
[[nodiscard]] core::Result<PythonTool> find_python_tool(const std::filesystem::path& project,
                                                        const BuildContext& context);
/// errors: those of LanguageBuilder::install
[[nodiscard]] core::Status install_python_tool(const BuildContext& context);

/// Packages for the component, fetched once and kept in the cache.
struct PythonPackages {
  std::filesystem::path folder;
  std::vector<std::pair<std::string, std::string>> versions;  ///< name and version, sorted
};
/// in: lines   of a requirements file. The first time the package index is asked; after that nothing is.
/// errors: kUnsupported a package has compiled parts; kUnavailable the index cannot be reached; kInvalidArgument; kNotFound no pip
[[nodiscard]] core::Result<PythonPackages> python_packages(std::span<const std::string> lines,
                                                           const std::string& file,
                                                           const BuildContext& context);

}  // namespace every::toolchain
