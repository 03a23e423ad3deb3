#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace every::gateway {

/// A set of tasks as ranges: what a reader of a run's events has seen, in the text of an event's id (`0-3,7`).
///
/// The id says it all, so that a reader can go on where it was on any connection, and after a restart of the node.
class TaskSet {
 public:
  /// What does not parse is the empty set: everything is told again then.
  [[nodiscard]] static TaskSet parse(std::string_view text);
  void insert(std::uint32_t task);
  [[nodiscard]] bool contains(std::uint32_t task) const;
  /// At most `most` bytes; ranges that do not fit are left out, and what they held is told again.
  [[nodiscard]] std::string render(std::size_t most) const;

 private:
  std::map<std::uint32_t, std::uint32_t>
      ranges_;  // first → last, apart from each other by at least one
};

}  // namespace every::gateway
