#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "every/core/error.h"
#include "every/toolchain/records.h"
#include "every/toolchain/wit_folder.h"

namespace every::toolchain {

/// Adds all files below a folder under `prefix` + their relative path. Left out: hidden files and folders, and the folders named.
/// errors: kIo; kResourceExhausted more than 20,000 files, or a file over 256 MiB
[[nodiscard]] core::Status add_folder(BuildInputs& inputs, const std::filesystem::path& folder,
                                      const std::string& prefix,
                                      std::span<const std::string_view> left_out);

/// Adds the WIT, as mended.
void add_wit(BuildInputs& inputs, const WitFolder& wit);

}  // namespace every::toolchain
