#pragma once

#include <filesystem>

#include "every/core/error.h"
#include "every/sql/examination.h"

/// Whether a block store is sound, and making one of what is sound in it. docs/formats/repair.md
namespace every::blocks {

using sql::Examination;
using sql::Salvage;

/// As sql::examine: every block is hashed.
[[nodiscard]] core::Result<Examination> examine_blocks(const std::filesystem::path& file);
/// As sql::prepare_repair. thread: the owner of the home
[[nodiscard]] core::Result<Salvage> prepare_repair(const std::filesystem::path& file);

}  // namespace every::blocks
