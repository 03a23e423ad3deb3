#include "python_warm.h"

#include <chrono>
#include <fstream>
#include <vector>

#include "every/core/file.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

/// Compiling CPython takes seconds, on a busy machine a minute.
constexpr auto kReadyTime = std::chrono::minutes(5);
/// A module's top level that runs for longer is built by the tool alone, which waits for as long as it takes.
constexpr auto kBuildTime = std::chrono::minutes(1);
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

std::set<fs::path> all_below(const fs::path& folder) {
  std::set<fs::path> all;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed))
    all.insert(at->path());
  return all;
}

/// Into the file that is there: its number is part of what the tool sees.
bool rewrite(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::in | std::ios::out | std::ios::trunc);
  file << text;
  file.close();
  return file.good();
}

}  // namespace

core::Result<std::unique_ptr<WarmPython>> WarmPython::start(WorkFolder work,
                                                            const ProcessSpec& spec,
                                                            std::string what) {
  EVERY_TRY_ASSIGN(auto process, StandingProcess::start(spec));
  return std::unique_ptr<WarmPython>(
      new WarmPython(std::move(work), std::move(process), std::move(what)));
}

bool WarmPython::wait_until_ready(const core::CancelToken& cancel) {
  if (ready_) return true;
  const auto line = process_->hear(SteadyClock::now() + kReadyTime, cancel);
  if (!line || *line != "ready") return false;
  laid_out_ = all_below(work_.path());
  ready_ = true;
  return true;
}

bool WarmPython::make(const core::CancelToken& cancel) {
  if (!process_->tell("+")) return false;
  const auto line = process_->hear(SteadyClock::now() + kBuildTime, cancel);
  return line && *line == "done";
}

std::optional<core::Bytes> WarmPython::build(std::span<const TextFile> files,
                                             const core::CancelToken& cancel) {
  if (!alive()) return std::nullopt;
  bool good = wait_until_ready(cancel);
  for (const auto& file : files) good = good && rewrite(work_.path() / file.path, file.text);
  if (!good || !make(cancel)) {
    process_.reset();
    return std::nullopt;
  }
  auto made = core::read_file(work_.path() / "out.wasm", kMostBytes);
  remove_leavings();
  if (!made) return std::nullopt;
  return std::move(*made);
}

void WarmPython::remove_leavings() const {
  std::error_code ignored;
  for (const auto& path : all_below(work_.path()))
    if (!laid_out_.contains(path)) fs::remove_all(path, ignored);
}

}  // namespace every::toolchain
