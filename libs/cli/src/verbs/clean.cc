#include "verbs/clean.h"

#include <filesystem>

#include "home_sizes.h"
#include "node_request.h"
#include "places.h"
#include "sizes.h"
#include <boost/json.hpp>

#include "every/core/file.h"
#include "every/store/home.h"

namespace every::cli {
namespace {

namespace fs = std::filesystem;

/// One kind of thing that goes, and what of it was there.
struct Removal {
  std::string what;
  fs::path path;
  std::uintmax_t bytes = 0;
  bool was_there = false;
};

core::Error removal_error(const fs::path& path, const std::error_code& problem) {
  return core::system_error("cannot remove", path, problem.value());
}

core::Status remove(const fs::path& path, Removal& removal) {
  std::error_code problem;
  const auto status = fs::symlink_status(path, problem);
  if (!fs::exists(status)) return {};
  const std::uint64_t bytes = bytes_below(path);
  problem.clear();
  fs::remove_all(path, problem);
  if (problem) return std::unexpected(removal_error(path, problem));
  removal.was_there = true;
  removal.bytes += bytes;
  return {};
}

/// A database and the files SQLite keeps beside it.
core::Status remove_database(Removal& removal) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    fs::path file = removal.path;
    file += suffix;
    EVERY_TRY(remove(file, removal));
  }
  return {};
}

/// What is in a folder, which stays itself.
core::Status remove_content(Removal& removal) {
  std::error_code problem;
  std::vector<fs::path> entries;
  for (auto at = fs::directory_iterator(removal.path, problem);
       !problem && at != fs::directory_iterator(); at.increment(problem))
    entries.push_back(at->path());
  if (problem && problem != std::errc::no_such_file_or_directory)
    return std::unexpected(removal_error(removal.path, problem));
  for (const fs::path& entry : entries) EVERY_TRY(remove(entry, removal));
  return {};
}

void print_json(const std::vector<Removal>& removals) {
  boost::json::array list;
  std::uintmax_t total = 0;
  for (const Removal& removal : removals) {
    if (!removal.was_there) continue;
    list.push_back(boost::json::object{
        {"what", removal.what}, {"path", removal.path.string()}, {"bytes", removal.bytes}});
    total += removal.bytes;
  }
  print(boost::json::serialize(boost::json::object{{"removed", list}, {"bytes", total}}) + "\n");
}

}  // namespace

void CleanVerb::define(Options& options) {
  options.flag("--content", content, Content::kRemove,
               "Remove stored content (blocks), too: components, and what was added or imported");
  options.flag("--json", output, Output::kJson, "Print what was removed as JSON");
  add_home_option(options, node);
}

core::Result<int> CleanVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(const Places places, find_places(node.home, system_environment));
  std::vector<Removal> removals;
  std::error_code problem;
  if (fs::exists(places.home, problem)) {
    // Whoever owns the home works with these files.
    auto lock = store::HomeLock::take(places.home);
    if (!lock) return std::unexpected(std::move(lock.error()).in("nothing was removed"));
    removals.push_back({"receipts and runs", places.store_file()});
    EVERY_TRY(remove_database(removals.back()));
    if (content == Content::kRemove) {
      removals.push_back({"content", places.blocks_file()});
      EVERY_TRY(remove_database(removals.back()));
    }
    Removal socket{"socket", places.socket()};
    EVERY_TRY(remove(socket.path, socket));
  }
  removals.push_back({"compiled code and other caches", places.cache});
  EVERY_TRY(remove_content(removals.back()));

  if (output == Output::kJson) {
    print_json(removals);
    return 0;
  }
  std::uintmax_t total = 0;
  bool any = false;
  for (const Removal& removal : removals) {
    if (!removal.was_there) continue;
    any = true;
    total += removal.bytes;
    console.line("  " + removal.what + ": " + size_text(removal.bytes) + " at " +
                 removal.path.string());
  }
  console.done(any ? "Working directory removed: " + size_text(total) +
                         (content == Content::kKeep ? "; keys, settings and content are kept"
                                                    : "; keys and settings are kept")
                   : "Working directory already removed");
  return 0;
}

const VerbInfo kCleanVerb{
    "clean", "Remove receipts, runs and caches; keys, settings and content stay",
    "  every clean               the next run computes everything anew\n"
    "  every clean --content     and forget components and imported content\n",
    make_verb<CleanVerb>};

}  // namespace every::cli
