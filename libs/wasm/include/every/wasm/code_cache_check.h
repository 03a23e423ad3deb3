#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "every/core/error.h"

namespace every::wasm {

/// What looking through the folder of compiled code came to.
struct CodeCacheCheck {
  std::uint64_t entries = 0;  ///< sound ones
  struct Finding {
    std::string what;
    std::vector<std::filesystem::path>
        files;  ///< of no use: to be removed, and made again when they are needed
  };
  std::vector<Finding> findings;
};
/// Reads everything in the folder and compares its checksums. errors: kIo; a folder that is not there is empty. cost: as much as is kept
[[nodiscard]] core::Result<CodeCacheCheck> check_code_cache(const std::filesystem::path& folder);

}  // namespace every::wasm
