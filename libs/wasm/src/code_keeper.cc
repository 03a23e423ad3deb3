#include "every/wasm/code_keeper.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "every/core/file.h"
#include "every/core/guarded.h"

namespace every::wasm {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEntry = ".entry";
constexpr std::array<std::string_view, 3> kParts{kEntry, ".code", ".component"};
// A part without its entry is of one that is just being written, or of a process that died over it.
constexpr std::int64_t kUnfinished = 24 * 3600;

/// Shared locks on the entries of a component: nobody removes them as long as this lives, or the process does.
using Use = std::vector<core::UniqueFd>;

/// Takes the entries of a component in use, and notes the time.
Use use_entries(const fs::path& folder, const ipld::Cid& cid) {
  Use use;
  const std::string begin = cid.render() + ".";
  std::error_code problem;
  for (auto at = fs::directory_iterator(folder, problem);
       !problem && at != fs::directory_iterator(); at.increment(problem)) {
    const std::string name = at->path().filename().string();
    if (!name.starts_with(begin) || !name.ends_with(kEntry)) continue;
    core::UniqueFd file(::open(at->path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat status{};
    // Who removes an entry holds it for a moment; what is gone after that is none.
    if (!file.valid() || ::flock(file.get(), LOCK_SH) != 0 || ::fstat(file.get(), &status) != 0 ||
        status.st_nlink == 0)
      continue;
    (void)::futimens(file.get(), nullptr);
    use.push_back(std::move(file));
  }
  return use;
}

/// One entry, or what is left of one.
struct Found {
  std::uint64_t bytes = 0;
  std::int64_t used = 0;  ///< s since the epoch
  bool whole = false;
};

struct Folder {
  std::map<std::string, Found> entries;  ///< by name without extension
  std::uint64_t bytes = 0;
};

core::Result<Folder> look(const fs::path& folder) {
  Folder found;
  std::error_code problem;
  for (auto at = fs::directory_iterator(folder, problem);
       !problem && at != fs::directory_iterator(); at.increment(problem)) {
    struct stat status{};
    if (::lstat(at->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    const auto size = static_cast<std::uint64_t>(status.st_size);
    found.bytes += size;
    const std::string name = at->path().filename().string();
    for (const std::string_view part : kParts) {
      if (!name.ends_with(part)) continue;
      Found& entry = found.entries[name.substr(0, name.size() - part.size())];
      entry.bytes += size;
      if (part == kEntry) entry.whole = true;
      if (part == kEntry || !entry.whole)
        entry.used = part == kEntry ? status.st_mtim.tv_sec
                                    : std::max<std::int64_t>(entry.used, status.st_mtim.tv_sec);
    }
  }
  if (problem && problem != std::errc::no_such_file_or_directory)
    return core::fail(core::system_error("cannot list", folder, problem.value()));
  return found;
}

/// Removes an entry that nobody uses, its index first, so that it is whole or absent. out: whether it is gone
bool remove_entry(const fs::path& folder, const std::string& name) {
  const fs::path index = folder / (name + std::string(kEntry));
  const core::UniqueFd file(::open(index.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.valid() && ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return false;
  std::error_code problem;
  for (const std::string_view part : kParts) {
    fs::remove(folder / (name + std::string(part)), problem);
    if (problem) return false;
  }
  return true;
}

class CodeKeeper final : public Executor {
 public:
  CodeKeeper(std::unique_ptr<Executor> inner, fs::path folder, std::uint64_t limit)
      : inner_(std::move(inner)), folder_(std::move(folder)), limit_(limit) {}

  core::Result<std::shared_ptr<const ComponentInfo>> prepare(const ipld::Cid& cid,
                                                             core::BytesView bytes) override {
    return in_use(cid, [&] { return inner_->prepare(cid, bytes); });
  }
  core::Result<std::shared_ptr<const ComponentInfo>> prepare_known(const ipld::Cid& cid) override {
    return in_use(cid, [&] { return inner_->prepare_known(cid); });
  }
  std::shared_ptr<const ComponentInfo> find_prepared(const ipld::Cid& cid) const override {
    return inner_->find_prepared(cid);
  }
  TaskId start(TaskSpec spec, OnLog on_log, OnDone on_done) override {
    return inner_->start(std::move(spec), std::move(on_log), std::move(on_done));
  }
  void cancel(TaskId id) override { inner_->cancel(id); }
  void stop() override { inner_->stop(); }
  std::size_t concurrency() const override { return inner_->concurrency(); }
  std::size_t appetite() const override { return inner_->appetite(); }

 private:
  /// Prepares so that what is kept of it is not removed, from before it is looked for.
  template <typename Prepare>
  core::Result<std::shared_ptr<const ComponentInfo>> in_use(const ipld::Cid& cid,
                                                            const Prepare& prepare) {
    if (uses_.lock()->contains(cid)) return prepare();
    const Use found = use_entries(folder_, cid);
    auto prepared = prepare();
    if (!prepared) return prepared;
    Use use = use_entries(folder_, cid);
    const bool grew = use.size() > found.size();
    uses_.lock()->insert_or_assign(cid, std::move(use));
    // That it cannot be done now is no reason not to run.
    if (grew && limit_ > 0) (void)trim_code(folder_, limit_);
    return prepared;
  }

  std::unique_ptr<Executor> inner_;
  const fs::path folder_;
  const std::uint64_t limit_;
  core::Guarded<std::unordered_map<ipld::Cid, Use>> uses_;
};

}  // namespace

core::Result<CodeTrimmed> trim_code(const fs::path& folder, std::uint64_t limit) {
  EVERY_TRY_ASSIGN(const Folder found, look(folder));
  CodeTrimmed trimmed;
  std::uint64_t total = found.bytes;
  std::vector<std::pair<std::int64_t, const std::string*>> by_age;
  const std::int64_t now = ::time(nullptr);
  for (const auto& [name, entry] : found.entries) {
    if (entry.whole || now - entry.used > kUnfinished) by_age.emplace_back(entry.used, &name);
  }
  std::ranges::sort(by_age, {}, [](const auto& one) { return std::pair(one.first, *one.second); });
  for (const auto& [used, name] : by_age) {
    const Found& entry = found.entries.at(*name);
    if (entry.whole && total <= limit) continue;
    if (!remove_entry(folder, *name)) continue;
    ++trimmed.entries;
    trimmed.bytes += entry.bytes;
    total -= entry.bytes;
  }
  return trimmed;
}

std::unique_ptr<Executor> keep_code_within(std::unique_ptr<Executor> inner, fs::path folder,
                                           std::uint64_t limit) {
  if (folder.empty()) return inner;
  return std::make_unique<CodeKeeper>(std::move(inner), std::move(folder), limit);
}

}  // namespace every::wasm
