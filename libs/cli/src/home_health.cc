#include "home_health.h"

#include <array>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "every/blocks/examine.h"
#include "every/core/file.h"
#include "every/store/examine.h"
#include "every/store/home.h"
#include "every/wasm/code_cache_check.h"

namespace every::cli {
namespace {

namespace fs = std::filesystem;
using State = HomeFinding::State;

/// A database of the home, and what its library knows of it.
struct Database {
  const char* name;
  const char* purpose;
  const char* when_lost;
  fs::path file;
  core::Result<store::Examination> (*examine)(const fs::path&);
  core::Result<store::Salvage> (*prepare_repair)(const fs::path&);
};

std::array<Database, 2> databases_of(const Places& places) {
  return {Database{"store.db", "receipts, runs and their logs",
                   "a result that is missing is computed again when it is asked for",
                   places.store_file(), store::examine_store, store::prepare_repair},
          Database{"blocks.db", "content and components",
                   "content that is missing is taken again when it is loaded, added or fetched",
                   places.blocks_file(), blocks::examine_blocks, blocks::prepare_repair}};
}

std::string count_of(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// What is wrong, a line each.
std::string words_for(const store::Examination& examination) {
  std::string text;
  const auto add = [&text](const std::string& line) { text += (text.empty() ? "" : "\n") + line; };
  constexpr std::size_t kMostTold = 5;
  const auto add_some = [&](const std::vector<std::string>& lines, std::uint64_t all) {
    const std::size_t told = std::min(kMostTold, lines.size());
    for (std::size_t i = 0; i < told; ++i) add(lines[i]);
    if (all > told) add("and " + std::to_string(all - told) + " more of that kind");
  };
  add_some(examination.structure, examination.structure.size());
  std::uint64_t rows = 0;
  for (const auto& [table, count] : examination.unsound_by_table) {
    add(count_of(count, "damaged row") + " in " + table);
    rows += count;
  }
  add_some(examination.unsound, rows);
  return text;
}

HomeFinding finding_of(const Database& database, const store::Examination& examination) {
  HomeFinding finding{database.name, database.purpose, State::kSound, {}, {}};
  finding.found = examination.sound() ? count_of(examination.rows, "row") + ", all sound"
                                      : words_for(examination);
  if (!examination.sound()) finding.state = State::kDamaged;
  return finding;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// What a repair came to, for a person: what is kept, what is lost and what that means.
std::string words_for(const store::Salvage& saved, const store::Examination& before,
                      const fs::path& kept, const Database& database) {
  std::string sound;
  for (const auto& [table, rows] : saved.rows)
    if (rows > 0) sound += (sound.empty() ? "" : ", ") + table + " " + std::to_string(rows);
  std::string text = "what is sound is kept: " + (sound.empty() ? "nothing" : sound) +
                     "\nlost: " + count_of(saved.unsound, "damaged row");
  if (saved.unreadable > 0) text += ", " + count_of(saved.unreadable, "unreadable one");
  if (!before.structure.empty()) text += ", and whatever stood on pages that cannot be read";
  text += std::string("; ") + database.when_lost;
  return text + "\nthe damaged one is kept as " + kept.string();
}

core::Result<HomeFinding> repair(const Database& database) {
  EVERY_TRY_ASSIGN(const auto before, store::finish_repair(database.file));
  EVERY_TRY_ASSIGN(const auto examination, database.examine(database.file));
  HomeFinding finding = finding_of(database, examination);
  if (examination.sound()) {
    if (!before.empty()) {
      finding.state = State::kMended;
      finding.done =
          "an earlier repair that was interrupted is finished; the damaged one is kept as " +
          before.string();
    }
    return finding;
  }
  EVERY_TRY_ASSIGN(const auto saved, database.prepare_repair(database.file));
  EVERY_TRY_ASSIGN(const auto kept, store::finish_repair(database.file));
  finding.state = State::kMended;
  finding.done = words_for(saved, examination, kept, database);
  return finding;
}

/// Files of a home that hold what is nobody else's business.
std::vector<fs::path> open_to_others(const Places& places) {
  std::vector<fs::path> open;
  for (const fs::path& folder : {places.home, places.home / "damaged"}) {
    struct stat status{};
    if (::stat(folder.c_str(), &status) == 0 && (status.st_mode & 077U) != 0)
      open.push_back(folder);
    std::error_code problem;
    for (auto at = fs::directory_iterator(folder, problem);
         !problem && at != fs::directory_iterator(); at.increment(problem)) {
      const std::string name = at->path().filename().string();
      const bool ours = name.starts_with("store.db") || name.starts_with("blocks.db") ||
                        name == "key.pem" || name == "tokens" || name == "owner.lock";
      if (ours && ::lstat(at->path().c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
          (status.st_mode & 077U) != 0)
        open.push_back(at->path());
    }
  }
  return open;
}

/// What writes that were interrupted left in a home. Of no use, but not ours to throw away.
std::vector<fs::path> leftovers_in(const fs::path& home) {
  std::vector<fs::path> found;
  std::error_code problem;
  for (auto at = fs::directory_iterator(home, problem); !problem && at != fs::directory_iterator();
       at.increment(problem)) {
    const fs::path name = at->path().filename();
    const bool unfinished_repair = name.string().find(".db.salvage") != std::string::npos;
    if (unfinished_repair || core::is_interrupted_write(name)) found.push_back(at->path());
  }
  return found;
}

std::string list(const std::vector<fs::path>& paths) {
  std::string text;
  for (const fs::path& path : paths) text += (text.empty() ? "" : ", ") + path.string();
  return text;
}

HomeFinding check_paths(HomeFinding when_none, const std::string& problem,
                        const std::vector<fs::path>& paths) {
  if (paths.empty()) return when_none;
  when_none.state = State::kDamaged;
  when_none.found = problem + " " + list(paths);
  return when_none;
}

HomeFinding check_permissions(const std::vector<fs::path>& open) {
  return check_paths({"permissions",
                      "what is in the home is this user's alone",
                      State::kSound,
                      "nobody else may read it",
                      {}},
                     "others may read or write", open);
}

core::Status close_to_others(const std::vector<fs::path>& open) {
  for (const fs::path& path : open) {
    std::error_code problem;
    fs::permissions(path, fs::perms::group_all | fs::perms::others_all, fs::perm_options::remove,
                    problem);
    if (problem)
      return core::fail(core::system_error("cannot change who may read", path, problem.value()));
  }
  return {};
}

HomeFinding check_leftovers(const std::vector<fs::path>& leftovers) {
  return check_paths({"interrupted writes",
                      "files are written whole or not at all",
                      State::kSound,
                      "none are left",
                      {}},
                     "left behind:", leftovers);
}

core::Status set_aside(const fs::path& home, const std::vector<fs::path>& files) {
  const fs::path folder = home / "damaged";
  EVERY_TRY(core::ensure_private_directory(folder));
  for (const fs::path& file : files) {
    std::error_code problem;
    // Of a repair nothing is lost with them: its source is still in its place.
    if (file.filename().string().find(".db.salvage") != std::string::npos) {
      fs::remove(file, problem);
    } else {
      fs::rename(file, folder / file.filename(), problem);
    }
    if (problem) return core::fail(core::system_error("cannot set aside", file, problem.value()));
  }
  return {};
}

core::Result<HomeFinding> check_code(const fs::path& folder, State when_damaged) {
  EVERY_TRY_ASSIGN(const auto check, wasm::check_code_cache(folder));
  HomeFinding finding{"compiled code",
                      "components need not be compiled again",
                      State::kSound,
                      count_of(check.entries, "component") + ", all sound",
                      {}};
  if (check.findings.empty()) return finding;
  finding.state = when_damaged;
  finding.found.clear();
  for (const auto& each : check.findings) {
    finding.found += (finding.found.empty() ? "" : "; ") + each.what;
    if (when_damaged != State::kMended) continue;
    for (const fs::path& file : each.files) {
      std::error_code problem;
      fs::remove(file, problem);
      if (problem) return core::fail(core::system_error("cannot remove", file, problem.value()));
    }
  }
  if (when_damaged == State::kMended) finding.done = "removed; it is made again when it is needed";
  return finding;
}

}  // namespace

core::Result<std::vector<HomeFinding>> examine_home(const Places& places) {
  std::vector<HomeFinding> findings;
  for (const Database& database : databases_of(places)) {
    const bool waits = is_there(store::repaired_name(database.file));
    if (!is_there(database.file) && !waits) continue;
    if (waits) {
      findings.push_back(
          {database.name,
           database.purpose,
           State::kDamaged,
           "a repair was interrupted; the next start, or every doctor --repair, finishes it",
           {}});
      continue;
    }
    EVERY_TRY_ASSIGN(const auto examination, database.examine(database.file));
    findings.push_back(finding_of(database, examination));
  }
  if (is_there(places.home)) {
    findings.push_back(check_permissions(open_to_others(places)));
    findings.push_back(check_leftovers(leftovers_in(places.home)));
  }
  EVERY_TRY_ASSIGN(auto code, check_code(places.code_cache(), State::kDamaged));
  findings.push_back(std::move(code));
  return findings;
}

core::Result<std::vector<HomeFinding>> repair_home(const Places& places) {
  std::vector<HomeFinding> findings;
  if (is_there(places.home)) {
    // A home that others may write to is not taken by anybody, so this comes first; it harms no node that uses it.
    const auto open = open_to_others(places);
    findings.push_back(check_permissions(open));
    EVERY_TRY(close_to_others(open));
    if (!open.empty()) {
      findings.back().state = State::kMended;
      findings.back().done = "now they may not";
    }
    const auto lock = store::HomeLock::take(places.home);
    if (!lock) return core::fail(core::Error(lock.error()).in("nothing was repaired"));
    for (const Database& database : databases_of(places)) {
      if (!is_there(database.file) && !is_there(store::repaired_name(database.file))) continue;
      EVERY_TRY_ASSIGN(auto finding, repair(database));
      findings.push_back(std::move(finding));
    }
    const auto leftovers = leftovers_in(places.home);
    findings.push_back(check_leftovers(leftovers));
    if (!leftovers.empty()) {
      EVERY_TRY(set_aside(places.home, leftovers));
      findings.back().state = State::kMended;
      findings.back().done = "set aside in " + (places.home / "damaged").string();
    }
  }
  EVERY_TRY_ASSIGN(auto code, check_code(places.code_cache(), State::kMended));
  findings.push_back(std::move(code));
  return findings;
}

}  // namespace every::cli
