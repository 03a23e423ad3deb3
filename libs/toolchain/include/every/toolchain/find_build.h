#pragma once

#include <filesystem>
#include <optional>

#include "every/core/clock.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/toolchain/records.h"

namespace every::toolchain {

/// A build that is recorded.
struct RecordedBuild {
  BuildInputs inputs;
  core::WallNanos written = 0;  ///< when the record was written here
};

/// How a component was built, of the records in a folder (that of BuildRecords): the one written last. None where there is no such record, or no such folder;
/// a damaged record is none. Makes and changes nothing. cost: reads every record. thread: any
[[nodiscard]] std::optional<RecordedBuild> find_build_of(const std::filesystem::path& folder,
                                                         const ipld::Cid& component);

}  // namespace every::toolchain
