#include "known_files.h"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <string>
#include <utility>

#include <sys/stat.h>

#include "every/core/clock.h"
#include "every/core/file.h"

namespace every::cli {
namespace {

constexpr std::size_t kMostKept = 500;
constexpr std::size_t kMostBytes = std::size_t{1} << 20;
// The coarsest times of file systems in use.
constexpr std::int64_t kAtRest = std::chrono::nanoseconds(std::chrono::seconds(2)).count();

std::int64_t nanoseconds(const timespec& time) {
  return std::chrono::nanoseconds(std::chrono::seconds(time.tv_sec)).count() + time.tv_nsec;
}

std::map<FileIdentity, ipld::Cid> read_known(const std::filesystem::path& file) {
  std::map<FileIdentity, ipld::Cid> known;
  const auto bytes = core::read_file(file, kMostBytes);
  if (!bytes) return known;
  std::istringstream lines{std::string(core::as_text(*bytes))};
  for (std::string line; std::getline(lines, line) && known.size() < kMostKept;) {
    std::istringstream words(line);
    FileIdentity file_of;
    std::string text;
    if (!(words >> file_of.device >> file_of.inode >> file_of.size >> file_of.modified >>
          file_of.changed >> text))
      continue;
    if (auto cid = ipld::Cid::parse(text)) known.insert_or_assign(file_of, std::move(*cid));
  }
  return known;
}

/// One file has one content: what was known of it before goes.
void set_known(std::map<FileIdentity, ipld::Cid>& known, const FileIdentity& identity,
               const ipld::Cid& cid) {
  std::erase_if(known, [&](const auto& entry) {
    return entry.first.device == identity.device && entry.first.inode == identity.inode;
  });
  known.insert_or_assign(identity, cid);
  // Files that are built anew are others each time: the longest unchanged may be gone.
  while (known.size() > kMostKept) {
    known.erase(
        std::ranges::min_element(known, {}, [](const auto& entry) { return entry.first.changed; }));
  }
}

}  // namespace

KnownFiles::KnownFiles(const std::filesystem::path& folder) {
  if (!core::ensure_private_directory(folder)) return;
  file_ = folder / "known-files";
  state_.lock()->known = read_known(file_);
}

KnownFiles::Seen KnownFiles::look(const std::filesystem::path& path) {
  struct stat status{};
  if (file_.empty() || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  const FileIdentity identity{status.st_dev, status.st_ino,
                              static_cast<std::uint64_t>(status.st_size),
                              nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
  const core::WallNanos at = core::SystemClock().wall();
  if (identity.changed > at - kAtRest || identity.modified > at - kAtRest) return {};
  Seen seen{identity, {}};
  auto state = state_.lock();
  if (const auto found = state->known.find(identity); found != state->known.end())
    seen.cid = found->second;
  return seen;
}

void KnownFiles::remember(const FileIdentity& identity, const ipld::Cid& cid) {
  auto state = state_.lock();
  if (const auto found = state->known.find(identity);
      found != state->known.end() && found->second == cid)
    return;
  set_known(state->known, identity, cid);
  state->is_changed = true;
}

void KnownFiles::save() {
  auto state = state_.lock();
  if (file_.empty() || !std::exchange(state->is_changed, false)) return;
  // What another process remembered meanwhile stays.
  auto all = read_known(file_);
  for (const auto& [identity, cid] : state->known) set_known(all, identity, cid);
  std::ostringstream out;
  for (const auto& [identity, cid] : all) {
    out << identity.device << ' ' << identity.inode << ' ' << identity.size << ' '
        << identity.modified << ' ' << identity.changed << ' ' << cid.render() << '\n';
  }
  (void)core::write_file_atomically(file_, core::as_bytes(out.str()), 0600, core::Sync::kNo);
}

}  // namespace every::cli
