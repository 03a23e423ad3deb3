#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "every/core/bytes.h"

namespace every::bench {

using Seconds = std::chrono::duration<double>;

/// One line of the table.
struct Line {
  std::string what;
  std::string figures;  ///< what was measured, with units
  std::string bound;    ///< empty: none, a figure for the record
  enum class Verdict { kPass, kFail, kNone } verdict = Verdict::kNone;
};

/// Prints a line as soon as it is known and keeps it for the end.
class Table {
 public:
  void add(Line line);
  /// `value` must be at most (at least) `bound`.
  void at_most(const std::string& what, double value, double bound, const std::string& unit,
               const std::string& figures);
  void at_least(const std::string& what, double value, double bound, const std::string& unit,
                const std::string& figures);
  void note(const std::string& what, const std::string& figures);
  [[nodiscard]] bool all_passed() const;

 private:
  std::vector<Line> lines_;
};

/// Wall time of an action.
[[nodiscard]] Seconds time(const std::function<void()>& action);
enum class Whose : std::uint8_t { kOwn, kChildren };
/// User and system time of this process, or of its children that ended.
[[nodiscard]] Seconds processor_time(Whose whose);
/// The median of `runs` wall times, after one warm-up.
[[nodiscard]] Seconds median_time(int runs, const std::function<void()>& action);
/// Median and 99th percentile of what was measured.
struct Spread {
  Seconds median;
  Seconds p99;
};
[[nodiscard]] Spread spread(std::vector<Seconds> samples);
/// Three digits: `123`, `12.3`, `1.23`
[[nodiscard]] std::string number(double value);
/// `12.3 µs`, `4.5 ms`, `1.2 s`
[[nodiscard]] std::string show(Seconds time);
[[nodiscard]] std::string show_rate(double per_second, const std::string& unit);
/// Private memory of this process and its children [bytes] (Private_Clean + Private_Dirty).
[[nodiscard]] std::uint64_t private_memory_of_tree(int pid);
/// What this process has allocated and not given back [bytes].
[[nodiscard]] std::size_t allocated_bytes();
/// `1.5 KiB`
[[nodiscard]] std::string show_bytes(std::size_t bytes);
/// A file's bytes, or the bench ends saying what is missing.
[[nodiscard]] core::Bytes read_or_exit(const std::string& path);

}  // namespace every::bench
