#include "get_files.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "every/core/file.h"
#include "every/ipld/unixfs_directory.h"

namespace every::cli {
namespace {

using core::ErrorCode;
namespace fs = std::filesystem;
namespace unixfs = ipld::unixfs;

// Directories inside of directories; a DAG has no cycles, but it can be deep.
constexpr std::size_t kMaxDepth = 256;

core::Status check_name(const std::string& name, const fs::path& directory) {
  const bool leads_elsewhere = name.empty() || name == "." || name == ".." ||
                               name.find('/') != std::string::npos ||
                               name.find('\0') != std::string::npos;
  if (!leads_elsewhere) return {};
  return core::fail(
      ErrorCode::kInvalidArgument,
      "an entry of " + directory.string() + " is named '" + name + "', which is no file name");
}

core::Status write_file(const ipld::Cid& cid, const unixfs::BlockSource& source, const fs::path& to,
                        Written& written) {
  fs::path part = to;
  part += ".part-" + std::to_string(::getpid());
  const core::UniqueFd fd(
      ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!fd.valid()) return std::unexpected(core::system_error("cannot write", part, errno));
  const auto size = write_content(cid, source, {}, fd.get(), part);
  // link() and not rename(): what has come to be there meanwhile is not overwritten.
  const bool placed = size && ::link(part.c_str(), to.c_str()) == 0;
  const int reason = errno;
  ::unlink(part.c_str());
  if (!size) return core::fail(size.error());
  if (!placed) return std::unexpected(core::system_error("cannot write", to, reason));
  ++written.files;
  written.bytes += *size;
  return {};
}

core::Status write_below(const ipld::Cid& cid, const unixfs::BlockSource& source,
                         const fs::path& to, std::size_t depth, Written& written) {
  std::error_code problem;
  if (fs::symlink_status(to, problem).type() != fs::file_type::not_found)
    return core::fail(ErrorCode::kConflict, to.string() +
                                                " is there already, and is left alone; "
                                                "name another place with -o");
  if (cid.codec() == ipld::Codec::kRaw) return write_file(cid, source, to, written);
  EVERY_TRY_ASSIGN(const core::Bytes block, source(cid));
  EVERY_TRY_ASSIGN(const unixfs::Kind kind, unixfs::kind_of(cid, block));
  if (kind.type == unixfs::Type::kSymlink) {
    fs::create_symlink(kind.target, to, problem);
    if (problem) return std::unexpected(core::system_error("cannot write", to, problem.value()));
    return {};
  }
  if (!unixfs::is_directory(kind)) return write_file(cid, source, to, written);
  if (depth == kMaxDepth)
    return core::fail(ErrorCode::kResourceExhausted,
                      "directories nested deeper than " + std::to_string(kMaxDepth));
  fs::create_directory(to, problem);
  if (problem) return std::unexpected(core::system_error("cannot make", to, problem.value()));
  EVERY_TRY_ASSIGN(const auto entries, unixfs::list_directory(cid, source));
  for (const unixfs::Entry& entry : entries) {
    EVERY_TRY(check_name(entry.name, to));
    EVERY_TRY(write_below(entry.cid, source, to / entry.name, depth + 1, written));
  }
  return {};
}

}  // namespace

core::Result<std::uint64_t> write_content(const ipld::Cid& cid, const unixfs::BlockSource& source,
                                          const unixfs::ReadOptions& range, int fd,
                                          const fs::path& name) {
  unixfs::ReadOptions options = range;
  options.verify = unixfs::Verify::kNothing;  // the source has done it
  return unixfs::read_file(
      cid, source, [&](core::BytesView piece) { return core::write_all(fd, piece, name); },
      options);
}

core::Status write_tree(const ipld::Cid& cid, const unixfs::BlockSource& source, const fs::path& to,
                        Written& written) {
  return write_below(cid, source, to, 0, written);
}

}  // namespace every::cli
