#pragma once

#include <filesystem>
#include <memory>

#include "every/core/error.h"
#include "every/sql/inquiry.h"
#include "every/sql/snapshot.h"

/// The file of blocks beside the node that uses it: asked in SQL, and copied.
namespace every::blocks {

/// Views of blocks and components, which use the function `cid` of the store's. source: docs/formats/query.md
[[nodiscard]] sql::InquiryPart inquiry_part(const std::filesystem::path& file);

/// The blocks as they are now. errors: those of sql::open_snapshot
[[nodiscard]] core::Result<std::unique_ptr<sql::Connection>> open_snapshot(
    const std::filesystem::path& file);

}  // namespace every::blocks
