#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "every/core/error.h"

namespace every::gateway {

struct QueryPair {
  std::string name;
  std::string value;
};

/// A request target taken apart and percent-decoded.
struct Target {
  std::vector<std::string> segments;  ///< of the path; none for `/`, a trailing slash adds none
  std::vector<QueryPair> query;       ///< in order, duplicates kept

  /// The first value of a query name, or none.
  [[nodiscard]] const std::string* find_query(std::string_view name) const;
  /// Whether a switch is on: present, and not `false` or `0`.
  [[nodiscard]] bool is_on(std::string_view name) const;
};

/// Origin form (`/a/b?c=d`) or absolute form (`http://host/a`). `+` in a query is a space, as forms send it.
/// errors: kMalformed a `%` that is not followed by two hex digits, text that is not UTF-8, another form
[[nodiscard]] core::Result<Target> parse_target(std::string_view text);

/// The text percent-encoded so that it is one path segment or one query word.
[[nodiscard]] std::string encode_component(std::string_view text);

}  // namespace every::gateway
