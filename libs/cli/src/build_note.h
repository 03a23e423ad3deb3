#pragma once

#include <filesystem>
#include <optional>

#include "every/ipld/cid.h"
#include "every/runtime/why.h"

namespace every::cli {

/// How a component was built, of the build records in a folder; none where there is no record of it. cost: reads every record. thread: any
[[nodiscard]] std::optional<runtime::BuildNote> build_note(const std::filesystem::path& folder,
                                                           const ipld::Cid& component);

}  // namespace every::cli
