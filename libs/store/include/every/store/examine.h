#pragma once

#include <filesystem>

#include "every/core/error.h"
#include "every/sql/examination.h"

/// Whether a store is sound, and making one of what is sound in it. docs/formats/repair.md
namespace every::store {

using sql::Examination;
using sql::finish_repair;
using sql::repaired_name;
using sql::Salvage;

/// As sql::examine.
[[nodiscard]] core::Result<Examination> examine_store(const std::filesystem::path& file);
/// As sql::prepare_repair. thread: the owner of the home
[[nodiscard]] core::Result<Salvage> prepare_repair(const std::filesystem::path& file);

}  // namespace every::store
