#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "every/wit/coerce.h"

namespace every::wit::detail {

/// One step on the way to a place in a value. Lives on the stack of whoever descends; becomes text only when something is wrong there.
struct Path {
  const Path* parent = nullptr;
  std::string_view key;
  std::size_t index = 0;
  enum class Step { kRoot, kKey, kIndex } step = Step::kRoot;

  [[nodiscard]] Path at(std::string_view child) const { return {this, child, 0, Step::kKey}; }
  [[nodiscard]] Path at(std::size_t child) const { return {this, {}, child, Step::kIndex}; }
};

/// JSON pointer of a place, after the pointer of the root.
std::string render(const Path& path, const std::string& root);

/// Collects what is wrong, in the words and keywords the original's validator used.
class Violations {
 public:
  explicit Violations(std::string root) : root_(std::move(root)) {}

  void type(const Path& at, std::string_view expected);
  void missing(const Path& at, std::string_view property);
  void additional(const Path& at, std::string_view property);
  void too_few(const Path& at, std::size_t limit);
  void too_many(const Path& at, std::size_t limit);
  void not_one_character(const Path& at, std::size_t count);
  void minimum(const Path& at, ipld::Value limit, const std::string& limit_text);
  void maximum(const Path& at, ipld::Value limit, const std::string& limit_text);
  void not_allowed(const Path& at, const std::vector<std::string>& allowed);
  void other(const Path& at, std::string keyword, std::string message, ipld::Map params = {});

  [[nodiscard]] bool empty() const { return found_.empty(); }
  [[nodiscard]] std::size_t size() const { return found_.size(); }
  std::vector<Violation> take() { return std::move(found_); }

 private:
  std::string root_;
  std::vector<Violation> found_;
};

}  // namespace every::wit::detail
