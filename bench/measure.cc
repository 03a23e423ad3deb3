#include "measure.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <malloc.h>
#include <sys/resource.h>

#include "every/core/file.h"

// TCMalloc's, where the benchmarks are linked with it.
extern "C" [[gnu::weak]] int MallocExtension_GetNumericProperty(const char* property,
                                                                std::size_t* value);

namespace every::bench {

void Table::add(Line line) {
  const char* verdict = line.verdict == Line::Verdict::kPass   ? "pass"
                        : line.verdict == Line::Verdict::kFail ? "FAIL"
                                                               : "-";
  std::printf("%-58s %-64s %-22s %s\n", line.what.c_str(), line.figures.c_str(), line.bound.c_str(),
              verdict);
  std::fflush(stdout);
  lines_.push_back(std::move(line));
}

std::string number(double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer,
                value >= 100  ? "%.0f"
                : value >= 10 ? "%.1f"
                              : "%.2f",
                value);
  return buffer;
}

void Table::at_most(const std::string& what, double value, double bound, const std::string& unit,
                    const std::string& figures) {
  add({what, number(value) + unit + (figures.empty() ? "" : " (" + figures + ")"),
       "<= " + number(bound) + unit, value <= bound ? Line::Verdict::kPass : Line::Verdict::kFail});
}

void Table::at_least(const std::string& what, double value, double bound, const std::string& unit,
                     const std::string& figures) {
  add({what, number(value) + unit + (figures.empty() ? "" : " (" + figures + ")"),
       ">= " + number(bound) + unit, value >= bound ? Line::Verdict::kPass : Line::Verdict::kFail});
}

void Table::note(const std::string& what, const std::string& figures) {
  add({what, figures, "", Line::Verdict::kNone});
}

bool Table::all_passed() const {
  return std::none_of(lines_.begin(), lines_.end(),
                      [](const Line& line) { return line.verdict == Line::Verdict::kFail; });
}

Seconds time(const std::function<void()>& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::steady_clock::now() - start;
}

Seconds processor_time(Whose whose) {
  rusage usage{};
  ::getrusage(whose == Whose::kOwn ? RUSAGE_SELF : RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return Seconds(static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Seconds median_time(int runs, const std::function<void()>& action) {
  action();
  std::vector<Seconds> times;
  for (int i = 0; i < runs; ++i) times.push_back(time(action));
  return spread(std::move(times)).median;
}

Spread spread(std::vector<Seconds> samples) {
  std::sort(samples.begin(), samples.end());
  return {samples[samples.size() / 2],
          samples[std::min(samples.size() - 1, samples.size() * 99 / 100)]};
}

std::string show(Seconds time) {
  const double seconds = time.count();
  if (seconds < 1e-3) return number(seconds * 1e6) + " us";
  if (seconds < 1) return number(seconds * 1e3) + " ms";
  return number(seconds) + " s";
}

std::string show_rate(double per_second, const std::string& unit) {
  return number(per_second) + " " + unit + "/s";
}

std::uint64_t private_memory_of_tree(int pid) {
  std::uint64_t bytes = 0;
  std::ifstream rollup("/proc/" + std::to_string(pid) + "/smaps_rollup");
  for (std::string line; std::getline(rollup, line);) {
    std::istringstream fields(line);
    std::string name;
    std::uint64_t kib = 0;
    fields >> name >> kib;
    if (name == "Private_Clean:" || name == "Private_Dirty:") bytes += kib << 10;
  }
  std::error_code error;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", error)) {
    std::ifstream children(task.path() / "children");
    for (int child = 0; children >> child;) bytes += private_memory_of_tree(child);
  }
  return bytes;
}

std::size_t allocated_bytes() {
  std::size_t bytes = 0;
  if (MallocExtension_GetNumericProperty != nullptr &&
      MallocExtension_GetNumericProperty("generic.current_allocated_bytes", &bytes) != 0)
    return bytes;
  return ::mallinfo2().uordblks;
}

std::string show_bytes(std::size_t bytes) {
  const auto size = static_cast<double>(bytes);
  if (bytes < 1024) return std::to_string(bytes) + " B";
  return bytes < (std::size_t{1} << 20) ? number(size / 1024) + " KiB"
                                        : number(size / (1 << 20)) + " MiB";
}

core::Bytes read_or_exit(const std::string& path) {
  auto bytes = core::read_file(path);
  if (!bytes) {
    std::fprintf(stderr,
                 "%s\n(make functions builds the example functions; run the bench from the top of "
                 "the checkout)\n",
                 bytes.error().message.c_str());
    std::exit(66);
  }
  return std::move(*bytes);
}

}  // namespace every::bench
