#include "add_files.h"

#include <cerrno>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "every/core/file.h"
#include "every/ipld/unixfs_directory.h"

namespace every::cli {
namespace {

using core::ErrorCode;
namespace fs = std::filesystem;
namespace unixfs = ipld::unixfs;

constexpr std::size_t kReadBytes = std::size_t{1} << 20;

Added added(const unixfs::Imported& imported, std::uint64_t files) {
  return {imported.root, imported.size, imported.dag_size, files};
}

core::Result<Added> add_file(const fs::path& path, const unixfs::BlockSink& sink,
                             const AddOptions& options) {
  const core::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return std::unexpected(core::system_error("cannot read", path, errno));
  return add_descriptor(fd.get(), path, sink, options);
}

core::Result<Added> add_link(const fs::path& path, const unixfs::BlockSink& sink,
                             const AddOptions& options) {
  std::error_code problem;
  const fs::path target = fs::read_symlink(path, problem);
  if (problem) return std::unexpected(core::system_error("cannot read", path, problem.value()));
  EVERY_TRY_ASSIGN(const auto made, unixfs::make_symlink(target.string(), sink, options.version));
  return added(made, 0);
}

core::Result<Added> add_directory(const fs::path& path, const unixfs::BlockSink& sink,
                                  const AddOptions& options) {
  std::error_code problem;
  std::vector<unixfs::Entry> entries;
  Added sum{ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, {})};
  for (fs::directory_iterator at(path, problem); !problem && at != fs::directory_iterator();
       at.increment(problem)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with('.') && options.hidden == AddOptions::Hidden::kSkip) continue;
    EVERY_TRY_ASSIGN(const Added one, add_path(at->path(), sink, options));
    entries.push_back({name, one.cid, one.dag_size});
    sum.size += one.size;
    sum.files += one.files;
  }
  if (problem) return std::unexpected(core::system_error("cannot list", path, problem.value()));
  EVERY_TRY_ASSIGN(const auto made,
                   unixfs::make_directory(std::move(entries), sink, options.version));
  sum.cid = made.root;
  sum.dag_size = made.dag_size;
  return sum;
}

}  // namespace

core::Result<Added> add_path(const fs::path& path, const unixfs::BlockSink& sink,
                             const AddOptions& options) {
  std::error_code problem;
  const fs::file_status status = fs::symlink_status(path, problem);
  if (problem || status.type() == fs::file_type::not_found)
    return std::unexpected(
        core::system_error("cannot read", path, problem ? problem.value() : ENOENT));
  switch (status.type()) {
    case fs::file_type::regular:
      return add_file(path, sink, options);
    case fs::file_type::symlink:
      return add_link(path, sink, options);
    case fs::file_type::directory:
      if (options.directories == AddOptions::Directories::kAdd)
        return add_directory(path, sink, options);
      return core::fail(ErrorCode::kInvalidArgument,
                        path.string() + " is a directory; with -r all below it is added");
    default:
      break;
  }
  return core::fail(ErrorCode::kInvalidArgument,
                    path.string() +
                        " is no file, directory or symbolic link (a device, a socket "
                        "or a pipe); it cannot be added");
}

core::Result<Added> add_descriptor(int fd, const fs::path& name, const unixfs::BlockSink& sink,
                                   const AddOptions& options) {
  const bool v0 = options.version == unixfs::CidVersion::k0;
  unixfs::Importer importer(
      sink ? sink : [](const ipld::Cid&, core::BytesView) { return core::Status(); },
      v0 ? unixfs::ImportOptions::version_0() : unixfs::ImportOptions());
  core::Bytes buffer(kReadBytes);
  std::size_t used = 0;
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data() + used, buffer.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(core::system_error("cannot read", name, errno));
    used += static_cast<std::size_t>(got);
    // Filled up before it is handed on: whole chunks are not copied again.
    if (got != 0 && used < buffer.size()) continue;
    EVERY_TRY(importer.add(core::BytesView(buffer).first(used)));
    used = 0;
    if (got == 0) break;
  }
  EVERY_TRY_ASSIGN(const auto imported, importer.finish());
  return added(imported, 1);
}

}  // namespace every::cli
