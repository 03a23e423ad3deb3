#pragma once

#include <cstdint>
#include <filesystem>

#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/ipld/unixfs.h"

namespace every::cli {

struct Written {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

/// Gives a file's bytes, or a range of them, to a descriptor. errors: those of unixfs::read_file; kIo
[[nodiscard]] core::Result<std::uint64_t> write_content(const ipld::Cid& cid,
                                                        const ipld::unixfs::BlockSource& source,
                                                        const ipld::unixfs::ReadOptions& range,
                                                        int fd, const std::filesystem::path& name);

/// Writes a file, a directory with all below it, or a symbolic link to a path where nothing is yet. A file appears whole or not at all.
///
/// errors: kConflict something is there; kInvalidArgument neither file nor directory, or an entry whose name would lead elsewhere;
///         kIo, kPermissionDenied; those of the source. A directory that was begun stays, and is named
[[nodiscard]] core::Status write_tree(const ipld::Cid& cid, const ipld::unixfs::BlockSource& source,
                                      const std::filesystem::path& to, Written& written);

}  // namespace every::cli
