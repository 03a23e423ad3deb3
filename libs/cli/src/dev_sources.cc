#include "dev_sources.h"

#include <algorithm>
#include <future>
#include <map>
#include <semaphore>
#include <set>

#include "functions.h"

#include "every/core/file.h"
#include "every/core/free_memory.h"
#include "every/core/text.h"
#include "every/toolchain/language.h"

namespace every::cli {
namespace {

namespace fs = std::filesystem;

/// Compilers use more than one core themselves.
constexpr std::ptrdiff_t kBuildsAtOnce = 2;

std::string seconds(std::chrono::nanoseconds duration) {
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

/// `rust/` and `rust` have a folder's name, `out/math.wasm` a file's.
std::string plain_path(const std::string& path) {
  std::string plain = fs::path(path).lexically_normal().string();
  while (plain.size() > 1 && plain.back() == '/') plain.pop_back();
  if (plain == "." || plain == "..") {
    std::error_code failed;
    plain = fs::weakly_canonical(path, failed).string();
  }
  return plain;
}

/// Whether the path is to be built, and not just read: what cannot be told yet may become a source.
bool may_be_source(const std::string& path) {
  return toolchain::detect_source(path) ? is_source(path) : fs::path(path).extension() != ".wasm";
}

}  // namespace

core::Result<std::unique_ptr<DevSources>> DevSources::open(runtime::Node& node,
                                                           const std::vector<std::string>& paths,
                                                           const std::optional<std::string>& home,
                                                           const Places& places,
                                                           const Console& console) {
  std::unique_ptr<DevSources> sources(new DevSources(node, places, console));
  EVERY_TRY_ASSIGN(sources->access_,
                   ToolchainAccess::open(home, sources->cancel_.token(), console));
  sources->access_->context->warm = &sources->warm_;
  // There to be watched, for tools that are installed later.
  std::error_code ignored;
  fs::create_directories(sources->access_->places.toolchains, ignored);
  std::vector<std::string> plain;
  for (const auto& path : paths) plain.push_back(plain_path(path));
  const auto labels = make_labels(plain);
  std::error_code failed;
  const fs::path here = fs::current_path(failed);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    sources->entries_.push_back({paths[i],
                                 labels[i],
                                 (here / paths[i]).lexically_normal(),
                                 may_be_source(paths[i]),
                                 false,
                                 {},
                                 {}});
  }
  return sources;
}

DevSources::~DevSources() {
  cancel_.cancel();
  if (files_) files_->interrupt();
  if (thread_.joinable()) thread_.join();
}

bool DevSources::has_sources() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.is_source; });
}

core::Result<DevSources::Made> DevSources::make(const Entry& entry) {
  if (!entry.is_source) {
    auto seen = known_.look(entry.path);
    if (seen.cid) return Made{{}, {}, {entry.absolute}, std::move(seen)};
    EVERY_TRY_ASSIGN(auto file, read_function(entry.path, entry.label));
    return Made{std::move(file.bytes), {}, {entry.absolute}, std::move(seen)};
  }
  toolchain::BuildRequest request;
  request.path = entry.path;
  request.profile = toolchain::Profile::kRelease;
  EVERY_TRY_ASSIGN(auto built, toolchain::build(request, *access_->context, *access_->records));
  return Made{std::move(built.bytes), std::move(built.notices), std::move(built.watched), {}};
}

bool DevSources::serve_known(Entry& entry, const KnownFiles::Seen& seen) {
  // A change to it is told with what it took.
  if (started_ || !seen.cid || !node_.load_known(entry.label, entry.path, *seen.cid)) return false;
  entry.served = seen.cid;
  return true;
}

core::Status DevSources::serve(Entry& entry, Made made,
                               std::chrono::steady_clock::time_point began) {
  // A first failure has said nothing of what to watch; a later one keeps what the last good build said.
  entry.watched = std::move(made.watched);
  for (const auto& notice : made.notices)
    if (!started_) console_.warn(notice);
  if (serve_known(entry, made.seen)) return {};
  if (made.seen.cid) {
    EVERY_TRY_ASSIGN(auto file, read_function(entry.path, entry.label));
    made.bytes = std::move(file.bytes);
  }
  // The node hashes what it loads: what was never served needs no hash here.
  if (entry.served && entry.served == toolchain::cid_of_component(made.bytes)) {
    node_.set_problem({entry.label, entry.path, {}});
    if (started_ && entry.is_source) console_.done(entry.path + " gives what is served already");
    return {};
  }
  auto loading = std::async(std::launch::async, [this, &entry, &made] {
    return node_.load(entry.label, entry.path, made.bytes);
  });
  if (loading.wait_for(std::chrono::seconds(1)) == std::future_status::timeout)
    console_.busy("Compiling " + entry.path + ", needed once");
  const auto loaded = loading.get();
  if (!loaded) return core::fail(loaded.error());
  entry.served = (*loaded)->cid;
  if (made.seen.identity) known_.remember(*made.seen.identity, *entry.served);
  if (started_) {
    std::vector<std::string> names;
    for (const auto& function : node_.functions()->all())
      if (function.label == entry.label) names.push_back(function.listed_name);
    console_.done(entry.path + " is served anew after " +
                  seconds(std::chrono::steady_clock::now() - began) + ": " +
                  core::join_words(names) + ", " + entry.served->render());
  }
  return {};
}

std::size_t DevSources::renew(const std::vector<Entry*>& entries) {
  const auto began = std::chrono::steady_clock::now();
  std::counting_semaphore<> room(kBuildsAtOnce);
  std::vector<std::future<core::Result<Made>>> making;
  for (const Entry* entry : entries) {
    making.push_back(std::async(std::launch::async, [this, entry, &room] {
      room.acquire();
      auto made = make(*entry);
      room.release();
      return made;
    }));
  }
  std::size_t good = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Entry& entry = *entries[i];
    auto made = making[i].get();
    if (cancel_.token().cancelled()) continue;
    auto status = made ? serve(entry, std::move(*made), began) : core::fail(made.error());
    entry.failed = !status;
    if (status) {
      ++good;
      continue;
    }
    node_.set_problem({entry.label, entry.path, status.error().message});
    console_.failed(describe_loading_error(entry.path, status.error()) +
                    (entry.served ? "; its last good build is still served" : ""));
  }
  known_.save();
  tell_clashes();
  // Binaries of megabytes were read, and what was made of them is kept elsewhere.
  core::give_back_free_memory();
  return good;
}

void DevSources::tell_clashes() const {
  std::map<std::string, std::vector<std::string>> by_name;
  for (const auto& function : node_.functions()->all())
    by_name[function.listed_name].push_back(function.label + "::" + function.listed_name);
  for (const auto& [name, spellings] : by_name) {
    if (spellings.size() > 1)
      console_.warn(name +
                    " is in more than one component; say which: " + core::join_words(spellings));
  }
}

std::size_t DevSources::load() {
  std::vector<Entry*> all;
  for (auto& entry : entries_) all.push_back(&entry);
  // Watched from before the first build on, so that what is saved during it is seen. Without watches there are still functions to serve.
  auto opened = FileWatch::open();
  if (opened) {
    files_ = std::move(*opened);
    (void)files_->watch(all_watched());
  }
  const std::size_t good = all.empty() ? 0 : renew(all);
  started_ = true;
  return good;
}

std::vector<fs::path> DevSources::all_watched() const {
  std::set<fs::path> all;
  for (const auto& entry : entries_) {
    all.insert(entry.watched.begin(), entry.watched.end());
    // Always, so that a source that never built, or has come and gone, is seen.
    all.insert(entry.absolute);
  }
  // A tool that was missing may be installed meanwhile.
  if (has_sources()) all.insert(access_->installed_mark());
  return {all.begin(), all.end()};
}

core::Status DevSources::watch() {
  if (!files_) {
    EVERY_TRY_ASSIGN(files_, FileWatch::open());
  }
  EVERY_TRY(files_->watch(all_watched()));
  thread_ = std::thread([this] { run(); });
  return {};
}

void DevSources::run() {
  while (true) {
    const auto changed = files_->wait();
    if (changed.empty()) return;
    std::vector<Entry*> affected;
    for (auto& entry : entries_) {
      const bool touched =
          changed.contains(entry.absolute) ||
          (entry.failed && changed.contains(access_->installed_mark())) ||
          std::any_of(entry.watched.begin(), entry.watched.end(),
                      [&](const fs::path& path) { return changed.contains(path); });
      if (touched) affected.push_back(&entry);
    }
    if (affected.empty()) continue;
    (void)renew(affected);
    if (cancel_.token().cancelled()) return;
    if (const auto status = files_->watch(all_watched()); !status)
      console_.warn(status.error().message);
  }
}

}  // namespace every::cli
