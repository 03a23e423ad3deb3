#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "every/core/error.h"
#include "every/wasm/executor.h"

namespace every::wasm {

/// An Executor around another that bounds what its folder of compiled code takes: what was used least recently goes first, never what a process has in
/// use that keeps the folder this way, too; any number may share it. What is gone is compiled again when it is needed.
///
/// in: folder   of the code cache `inner` was made with; empty: nothing is bounded. limit [bytes]   0: any number
[[nodiscard]] std::unique_ptr<Executor> keep_code_within(std::unique_ptr<Executor> inner,
                                                         std::filesystem::path folder,
                                                         std::uint64_t limit);

/// What removing entries of a folder of compiled code came to.
struct CodeTrimmed {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};
/// Brings a folder of compiled code below a limit, least recently used entries first; those in use stay. errors: kIo the folder cannot be listed
[[nodiscard]] core::Result<CodeTrimmed> trim_code(const std::filesystem::path& folder,
                                                  std::uint64_t limit);

}  // namespace every::wasm
