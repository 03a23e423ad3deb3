#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "every/core/error.h"
#include "every/ipld/unixfs.h"

namespace every::cli {

/// How files become content, as `ipfs add` takes it.
struct AddOptions {
  enum class Directories : std::uint8_t { kRefuse, kAdd } directories = Directories::kRefuse;
  enum class Hidden : std::uint8_t { kSkip, kAdd } hidden = Hidden::kSkip;  ///< below a directory
  ipld::unixfs::CidVersion version = ipld::unixfs::CidVersion::k1;
};

struct Added {
  ipld::Cid cid;
  std::uint64_t size = 0;      ///< [bytes] of content, of a directory that of all its files
  std::uint64_t dag_size = 0;  ///< [bytes] of all blocks
  std::uint64_t files = 0;
};

/// Adds a file, or a directory with all below it, with the CIDs of Kubo. Symbolic links stay links.
///
/// in:     sink   may be empty: nothing but the CIDs is wanted
/// errors: kNotFound; kInvalidArgument a directory where they are refused, or what is neither file, directory nor link (the path is named);
///         kPermissionDenied, kIo; those of the sink
/// cost:   memory: a chunk, and the entries of the directories that are open
[[nodiscard]] core::Result<Added> add_path(const std::filesystem::path& path,
                                           const ipld::unixfs::BlockSink& sink,
                                           const AddOptions& options);
/// Adds what comes from a descriptor up to its end. in: name   for errors
[[nodiscard]] core::Result<Added> add_descriptor(int fd, const std::filesystem::path& name,
                                                 const ipld::unixfs::BlockSink& sink,
                                                 const AddOptions& options);

}  // namespace every::cli
