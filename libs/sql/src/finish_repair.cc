#include <array>
#include <cerrno>
#include <ctime>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "every/core/file.h"
#include "every/sql/salvage.h"

namespace every::sql {
namespace {

namespace fs = std::filesystem;

constexpr std::array kParts{"", "-wal"};

fs::path with_suffix(const fs::path& file, const char* suffix) {
  fs::path name = file;
  name += suffix;
  return name;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H-%M-%SZ", &parts);
  return text.data();
}

core::Status sync_directory(const fs::path& folder) {
  const core::UniqueFd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid() || ::fsync(directory.get()) != 0)
    return core::fail(core::system_error("cannot sync", folder, errno));
  return {};
}

/// Whether an interrupted call has kept this very file already, and where.
fs::path kept_before(const fs::path& folder, const fs::path& file) {
  std::error_code problem;
  for (auto at = fs::directory_iterator(folder, problem);
       !problem && at != fs::directory_iterator(); at.increment(problem)) {
    std::error_code ignored;
    if (fs::equivalent(at->path(), file, ignored)) return at->path();
  }
  return {};
}

core::Status keep(const fs::path& file, const fs::path& as) {
  if (::link(file.c_str(), as.c_str()) == 0) return {};
  // Some file systems have no second names.
  std::error_code problem;
  fs::copy_file(file, as, problem);
  if (problem)
    return core::fail(
        core::system_error("cannot keep the damaged database as", as, problem.value()));
  return {};
}

}  // namespace

fs::path repaired_name(const fs::path& file) {
  return with_suffix(file, ".repaired");
}

core::Result<fs::path> finish_repair(const fs::path& file) {
  const fs::path repaired = repaired_name(file);
  std::error_code ignored;
  if (!fs::exists(repaired, ignored)) return fs::path();
  const fs::path home = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const fs::path folder = home / "damaged";
  EVERY_TRY(core::ensure_private_directory(folder));
  fs::path place = fs::exists(file, ignored) ? kept_before(folder, file) : fs::path();
  if (place.empty()) {
    const std::string name = file.filename().string() + "." + utc_now();
    place = folder / name;
    for (int n = 2; fs::exists(place, ignored); ++n)
      place = folder / (name + "-" + std::to_string(n));
  }
  for (const char* part : kParts) {
    const fs::path damaged = with_suffix(file, part);
    const fs::path as = with_suffix(place, part);
    if (fs::exists(damaged, ignored) && !fs::exists(as, ignored)) EVERY_TRY(keep(damaged, as));
  }
  // Only when both names are sure to be there may the first go: the log first, since it belongs to the damaged database and to no other.
  EVERY_TRY(sync_directory(folder));
  for (const char* part : {"-wal", "-shm", "-journal"})
    fs::remove(with_suffix(file, part), ignored);
  EVERY_TRY(sync_directory(home));
  if (::rename(repaired.c_str(), file.c_str()) != 0)
    return core::fail(core::system_error("cannot put in its place", repaired, errno));
  EVERY_TRY(sync_directory(home));
  return place;
}

}  // namespace every::sql
