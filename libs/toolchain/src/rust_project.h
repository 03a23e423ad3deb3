#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "rust_toolchain.h"

#include "every/core/error.h"

namespace every::toolchain {

/// What cargo says about a project, without its dependencies.
struct RustProject {
  std::string package;
  std::string library;                              ///< file name of the module, without `.wasm`
  std::filesystem::path folder;                     ///< of its Cargo.toml
  std::filesystem::path workspace;                  ///< the same, or the workspace it belongs to
  std::filesystem::path target;                     ///< where cargo builds
  std::vector<std::filesystem::path> dependencies;  ///< folders of path dependencies, theirs too
};

/// errors: kInvalidArgument a broken Cargo.toml (cargo's words), a workspace without a package of its own, no `cdylib` library
[[nodiscard]] core::Result<RustProject> read_rust_project(const BuildContext& context,
                                                          const RustToolchain& rust,
                                                          const std::filesystem::path& manifest);

}  // namespace every::toolchain
