#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "places.h"

#include "every/blocks/housekeeping.h"
#include "every/core/error.h"
#include "every/store/home.h"
#include "every/store/housekeeping.h"

namespace every::cli {

/// Bytes of a file, or of all below a folder; links are not followed. What comes and goes while it is looked at counts or does not.
[[nodiscard]] std::uint64_t bytes_below(const std::filesystem::path& path);

/// Bytes of files on the disk.
struct DiskUse {
  std::uint64_t store = 0;
  std::uint64_t store_log = 0;  ///< written and not yet moved into the store
  std::uint64_t blocks = 0;
  std::uint64_t blocks_log = 0;
  std::uint64_t code = 0;       ///< compiled
  std::uint64_t toolchain = 0;  ///< what building functions left: results, objects, downloads
};

/// What a home keeps, read from its files beside a node that uses them or without one.
struct HomeSizes {
  DiskUse disk;
  std::optional<store::StoreSizes> store;    ///< none: there is no store yet
  std::optional<blocks::BlockSizes> blocks;  ///< none: there are no blocks yet
  std::optional<store::HomeOwner> owner;     ///< the process that uses it
};
/// errors: kUnsupported a database of a newer version; kIo, kIntegrity, kPermissionDenied
[[nodiscard]] core::Result<HomeSizes> read_home_sizes(const Places& places);

}  // namespace every::cli
