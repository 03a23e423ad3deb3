#include "verbs/backup.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "backup_files.h"
#include "node_request.h"
#include "places.h"
#include "sizes.h"
#include <boost/json.hpp>
#include <unistd.h>

#include "every/blocks/inquiry.h"
#include "every/core/file.h"
#include "every/store/home.h"
#include "every/store/inquiry.h"

namespace every::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using core::ErrorCode;
using Kind = BackupFile::Kind;

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

/// A database and the files that SQLite keeps beside it.
bool database_is_there(const fs::path& path) {
  return is_there(path) || is_there(path.string() + "-wal");
}

auto open_snapshot(const BackupFile& file, const fs::path& path) {
  return file.name == "store.db" ? store::open_snapshot(path) : blocks::open_snapshot(path);
}

/// Whether a process has a file open. No when nothing can be said: it is another user's.
bool has_open(std::int64_t pid, const fs::path& file) {
  std::error_code problem;
  const fs::path wanted = fs::canonical(file, problem);
  for (auto at = fs::directory_iterator("/proc/" + std::to_string(pid) + "/fd", problem);
       !problem && at != fs::directory_iterator(); at.increment(problem)) {
    std::error_code ignored;
    if (fs::read_symlink(at->path(), ignored) == wanted) return true;
  }
  return false;
}

/// What such a node knows is in no file, however many there are of earlier ones.
core::Status refuse_memory_node(const Places& places) {
  EVERY_TRY_ASSIGN(const auto owner, store::HomeLock::find_owner(places.home));
  if (!owner || has_open(owner->pid, places.store_file())) return {};
  return core::fail(ErrorCode::kUnavailable,
                    "the process that owns " + places.home.string() + " (pid " +
                        std::to_string(owner->pid) +
                        ") does not use its store.db: it keeps everything in memory (--durability "
                        "memory), or is just starting or ending. Stop it, or try again");
}

/// Copies both databases as they are at one moment into a folder.
core::Status copy_databases(const Places& places, const fs::path& folder,
                            std::vector<KeptFile>& kept) {
  // Content is written before the receipts that speak of it. So the receipts' moment comes first: whatever they speak of is there a moment later.
  std::vector<std::pair<const BackupFile*, decltype(store::open_snapshot({}))>> snapshots;
  for (std::size_t i = backup_files().size(); i-- > 0;) {
    const BackupFile& file = backup_files()[i];
    if (file.kind != Kind::kDatabase || !is_there(file.place(places))) continue;
    snapshots.emplace_back(&file, open_snapshot(file, file.place(places)));
    if (!snapshots.back().second) return std::unexpected(snapshots.back().second.error());
  }
  for (auto& [file, snapshot] : snapshots) {
    const fs::path copy = folder / file->name;
    EVERY_TRY((*snapshot)->copy_to(copy));
    snapshot->reset();
    EVERY_TRY_ASSIGN(KeptFile one, hash_file(copy));
    one.file = file;
    kept.push_back(std::move(one));
  }
  return {};
}

core::Status copy_secrets(const Places& places, const fs::path& folder,
                          std::vector<KeptFile>& kept) {
  for (const BackupFile& file : backup_files()) {
    const fs::path from = file.place(places);
    if (file.kind != Kind::kSecret || !is_there(from)) continue;
    EVERY_TRY_ASSIGN(KeptFile one, copy_hashed(from, folder / file.name));
    one.file = &file;
    kept.push_back(std::move(one));
  }
  return {};
}

/// What was copied, for a person or as JSON.
void report(const std::vector<KeptFile>& files, Output output, const char* done,
            const fs::path& where, const Console& console) {
  std::uint64_t total = 0;
  json::array list;
  for (const KeptFile& kept : files) {
    total += kept.bytes;
    list.push_back(json::object{{"name", kept.file->name}, {"bytes", kept.bytes}});
    if (output == Output::kText)
      console.line("  " + std::string(kept.file->what) + ": " + size_text(kept.bytes));
  }
  if (output == Output::kJson) {
    print(json::serialize(json::object{
              {"folder", where.string()}, {"files", std::move(list)}, {"bytes", total}}) +
          "\n");
  } else {
    console.done(done + size_text(total) + " to " + where.string());
  }
}

/// The kind, the version and the structure of a copied database.
core::Status check(const BackupFile& file, const fs::path& path) {
  EVERY_TRY_ASSIGN(const auto database, open_snapshot(file, path));
  return database->check_integrity();
}

/// Files being put into a home, under other names until all are there and sound.
class Placing {
 public:
  explicit Placing(const Places& places) : places_(places) {}
  ~Placing() {
    std::error_code ignored;
    for (const auto& [part, place] : parts_) fs::remove(part, ignored);
  }
  Placing(const Placing&) = delete;
  Placing& operator=(const Placing&) = delete;

  /// errors: kIntegrity it is not what was backed up; kNotFound, kIo
  core::Status add(KeptFile& kept, const fs::path& from) {
    const fs::path place = kept.file->place(places_);
    const fs::path part = place.string() + ".part-" + std::to_string(::getpid());
    if (kept.file->kind == Kind::kSecret && place.parent_path() != places_.home)
      EVERY_TRY(core::ensure_private_directory(place.parent_path()));
    parts_.emplace_back(part, place);
    EVERY_TRY_ASSIGN(const KeptFile copy, copy_hashed(from, part));
    if (copy.sha256 != kept.sha256)
      return core::fail(ErrorCode::kIntegrity,
                        from.string() +
                            " is not what was backed up: its SHA-256 is another than SHA256SUMS "
                            "says. Nothing was restored; take another copy");
    kept.bytes = copy.bytes;
    if (kept.file->kind == Kind::kSecret) return {};
    auto sound = check(*kept.file, part);
    if (!sound)
      return std::unexpected(
          std::move(sound).error().in(from.string() + " cannot be used, and nothing was restored"));
    return {};
  }
  core::Status finish() {
    while (!parts_.empty()) {
      const auto& [part, place] = parts_.front();
      if (::rename(part.c_str(), place.c_str()) != 0)
        return std::unexpected(core::system_error("cannot write", place, errno));
      parts_.erase(parts_.begin());
    }
    return {};
  }

 private:
  const Places& places_;
  std::vector<std::pair<fs::path, fs::path>> parts_;
};

/// errors: kConflict something would be overwritten
core::Status refuse_used_home(const std::vector<KeptFile>& files, const Places& places) {
  for (const BackupFile& file : backup_files()) {
    const fs::path place = file.place(places);
    if (file.kind == Kind::kDatabase && database_is_there(place))
      return core::fail(ErrorCode::kConflict,
                        "the home " + places.home.string() + " is not empty: it has " +
                            place.filename().string() +
                            ". A backup goes into a home that keeps nothing yet; name one with "
                            "--home DIR, or move that one away");
  }
  for (const KeptFile& kept : files) {
    const fs::path place = kept.file->place(places);
    if (kept.file->kind == Kind::kSecret && is_there(place))
      return core::fail(ErrorCode::kConflict,
                        place.string() + " is there already (" + std::string(kept.file->what) +
                            "), and nothing is overwritten; move it away, or restore with "
                            "--without-keys");
  }
  return {};
}

}  // namespace

void BackupVerb::define(Options& options) {
  options.word("FOLDER", folder, "The folder to make; it must not be there yet")
      .completes(Completion::kDirectories);
  options.flag("--with-keys", keys, Keys::kInclude,
               "Copy the node's key, its tokens and the settings, too: who has them is this node");
  options.flag("--json", output, Output::kJson, "What was copied as JSON");
  add_home_option(options, node);
}

core::Result<int> BackupVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(const Places places, find_places(node.home, system_environment));
  if (!is_there(places.store_file()))
    return core::fail(ErrorCode::kNotFound,
                      "nothing is kept at " + places.home.string() +
                          " yet (there is no store.db); another home is named with --home DIR");
  EVERY_TRY(refuse_memory_node(places));
  EVERY_TRY_ASSIGN(const auto target, NewFolder::make(folder));
  std::vector<KeptFile> files;
  EVERY_TRY(copy_databases(places, target->path(), files));
  if (keys == Keys::kInclude) EVERY_TRY(copy_secrets(places, target->path(), files));
  EVERY_TRY(write_sums(target->path(), files));
  EVERY_TRY(target->finish());
  report(files, output, "Backed up ", folder, console);
  if (output == Output::kText && keys == Keys::kLeaveOut)
    console.line("  Without the node's key, tokens and settings (--with-keys)");
  return 0;
}

const VerbInfo kBackupVerb{
    "backup", "Copy what a home keeps to a folder, while its node runs or without one",
    "  every backup /media/disk/monday              receipts, runs and content\n"
    "  every backup monday --with-keys              and what makes it this node\n"
    "  every restore monday --home DIR              into a new home\n",
    make_verb<BackupVerb>};

void RestoreVerb::define(Options& options) {
  options.word("FOLDER", folder, "What `every backup` made").completes(Completion::kDirectories);
  options.flag("--without-keys", keys, BackupVerb::Keys::kLeaveOut,
               "Leave out the key, the tokens and the settings, if the backup has them");
  options.flag("--json", output, Output::kJson, "What was restored as JSON");
  add_home_option(options, node);
}

core::Result<int> RestoreVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(const Places places, find_places(node.home, system_environment));
  EVERY_TRY_ASSIGN(std::vector<KeptFile> files, read_sums(folder));
  std::erase_if(files, [this](const KeptFile& kept) {
    return kept.file->kind == Kind::kSecret && keys == BackupVerb::Keys::kLeaveOut;
  });
  if (std::ranges::none_of(files, [](const auto& kept) { return kept.file->name == "store.db"; }))
    return core::fail(ErrorCode::kMalformed,
                      folder + " is no whole backup: SHA256SUMS names no store.db");
  // In the order of backup_files: the receipts come last.
  std::ranges::sort(files, {}, &KeptFile::file);
  EVERY_TRY_ASSIGN(const auto lock, store::HomeLock::take(places.home));
  EVERY_TRY(refuse_used_home(files, places));
  Placing placing(places);
  for (KeptFile& kept : files) EVERY_TRY(placing.add(kept, fs::path(folder) / kept.file->name));
  EVERY_TRY(placing.finish());
  report(files, output, "Restored ", places.home, console);
  return 0;
}

const VerbInfo kRestoreVerb{"restore", "Put a backup into a home that keeps nothing yet",
                            "  every restore /media/disk/monday             into this user's home\n"
                            "  every restore monday --home DIR              into another\n",
                            make_verb<RestoreVerb>};

}  // namespace every::cli
