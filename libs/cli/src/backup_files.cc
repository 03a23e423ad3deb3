#include "backup_files.h"

#include <cerrno>
#include <optional>
#include <sstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "every/core/bytes.h"
#include "every/core/file.h"
#include "every/ipld/multihash.h"

namespace every::cli {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;

constexpr std::string_view kSums = "SHA256SUMS";
constexpr std::size_t kPiece = std::size_t{1} << 20;

std::string hex(core::BytesView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) out += {kDigits[byte >> 4], kDigits[byte & 15]};
  return out;
}

core::Error is_there(const fs::path& path) {
  return {ErrorCode::kConflict,
          path.string() +
              " is there already, and nothing is overwritten; name a folder that is "
              "not there yet",
          {{"path", path.string()}}};
}

core::Status sync_folder(const fs::path& folder) {
  const core::UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0)
    return std::unexpected(core::system_error("cannot write", folder, errno));
  return {};
}

/// Reads a file once; what is read goes to `to` if there is one.
core::Result<KeptFile> read_through(const fs::path& from, const fs::path& to, int out) {
  const core::UniqueFd in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!in.valid()) return std::unexpected(core::system_error("cannot read", from, errno));
  ipld::Hasher hasher(ipld::HashCode::kSha2_256);
  KeptFile kept;
  core::Bytes buffer(kPiece);
  for (;;) {
    const ssize_t got = ::read(in.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(core::system_error("cannot read", from, errno));
    if (got == 0) break;
    const auto piece = core::BytesView(buffer).first(static_cast<std::size_t>(got));
    hasher.update(piece);
    if (out >= 0) EVERY_TRY(core::write_all(out, piece, to));
    kept.bytes += piece.size();
  }
  kept.sha256 = hex(hasher.finish());
  return kept;
}

const BackupFile* find_file(std::string_view name) {
  for (const BackupFile& file : backup_files()) {
    if (file.name == name) return &file;
  }
  return nullptr;
}

}  // namespace

const std::array<BackupFile, 5>& backup_files() {
  using Kind = BackupFile::Kind;
  static constexpr std::array<BackupFile, 5> kFiles = {{
      {"key.pem", "the node's key", Kind::kSecret, [](const Places& p) { return p.key_file(); }},
      {"tokens", "tokens", Kind::kSecret, [](const Places& p) { return p.token_file(); }},
      {"homestar.toml", "settings", Kind::kSecret,
       [](const Places& p) { return p.settings_files.back(); }},
      {"blocks.db", "content", Kind::kDatabase, [](const Places& p) { return p.blocks_file(); }},
      {"store.db", "receipts and runs", Kind::kDatabase,
       [](const Places& p) { return p.store_file(); }},
  }};
  return kFiles;
}

core::Result<std::unique_ptr<NewFolder>> NewFolder::make(fs::path place) {
  place = fs::absolute(place).lexically_normal();
  if (!place.has_filename()) place = place.parent_path();
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(place, ignored))) return std::unexpected(is_there(place));
  std::string part = place.string() + ".part-XXXXXX";
  if (::mkdtemp(part.data()) == nullptr)
    return std::unexpected(
        core::system_error("cannot make a folder in", place.parent_path(), errno));
  return std::unique_ptr<NewFolder>(new NewFolder(std::move(place), std::move(part)));
}

NewFolder::~NewFolder() {
  std::error_code ignored;
  if (!part_.empty()) fs::remove_all(part_, ignored);
}

core::Status NewFolder::finish() {
  EVERY_TRY(sync_folder(part_));
  int moved = ::renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD, place_.c_str(), RENAME_NOREPLACE);
  // A file system that cannot say so: an empty folder is then the most that can be in the way.
  if (moved != 0 && errno == EINVAL) moved = ::rename(part_.c_str(), place_.c_str());
  if (moved != 0 && (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR))
    return std::unexpected(is_there(place_));
  if (moved != 0) return std::unexpected(core::system_error("cannot write", place_, errno));
  part_.clear();
  return sync_folder(place_.parent_path());
}

core::Result<KeptFile> copy_hashed(const fs::path& from, const fs::path& to) {
  const core::UniqueFd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!out.valid() && errno == EEXIST) return std::unexpected(is_there(to));
  if (!out.valid()) return std::unexpected(core::system_error("cannot write", to, errno));
  EVERY_TRY_ASSIGN(KeptFile kept, read_through(from, to, out.get()));
  if (::fsync(out.get()) != 0)
    return std::unexpected(core::system_error("cannot write", to, errno));
  return kept;
}

core::Result<KeptFile> hash_file(const fs::path& file) {
  return read_through(file, {}, -1);
}

core::Status write_sums(const fs::path& folder, const std::vector<KeptFile>& files) {
  std::string text;
  for (const KeptFile& kept : files)
    text += kept.sha256 + "  " + std::string(kept.file->name) + "\n";
  return core::write_file_atomically(folder / kSums, core::as_bytes(text));
}

core::Result<std::vector<KeptFile>> read_sums(const fs::path& folder) {
  constexpr std::size_t kMost = 65536;
  const auto bytes = core::read_file(folder / kSums, kMost);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound)
    return core::fail(ErrorCode::kNotFound, folder.string() + " is no backup: it has no file " +
                                                std::string(kSums) +
                                                "; `every backup` makes such folders");
  if (!bytes) return std::unexpected(bytes.error());
  std::vector<KeptFile> files;
  std::istringstream lines{std::string(core::as_text(*bytes))};
  for (std::string sum, name; lines >> sum >> name;) {
    const BackupFile* file = find_file(name);
    if (file == nullptr || sum.size() != 64)
      return core::fail(ErrorCode::kMalformed, (folder / kSums).string() +
                                                   ": no backup of this version has '" + name +
                                                   "', or its sum is none");
    files.push_back({file, 0, std::move(sum)});
  }
  return files;
}

}  // namespace every::cli
