#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "every/core/error.h"
#include "every/sql/inquiry.h"
#include "every/sql/snapshot.h"

/// The store's file beside the node that uses it: asked in SQL, and copied.
namespace every::store {

using Inquiry = sql::Inquiry;
using InquiryPart = sql::InquiryPart;
using Cell = sql::Cell;

/// Questions about runs, tasks, receipts and logs, and about content when its part is given.
/// errors: those of sql::Inquiry::open. source: docs/formats/query.md
[[nodiscard]] core::Result<std::unique_ptr<Inquiry>> open_inquiry(
    const std::filesystem::path& file, const std::optional<InquiryPart>& content);

/// The store as it is now. errors: those of sql::open_snapshot
[[nodiscard]] core::Result<std::unique_ptr<sql::Connection>> open_snapshot(
    const std::filesystem::path& file);

}  // namespace every::store
