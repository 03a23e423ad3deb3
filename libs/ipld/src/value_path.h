#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text.h"

#include "every/core/error.h"

namespace every::ipld {

/// Where in a value an encoder found what it cannot write. Filled on the way out of the recursion, so that a value without
/// faults costs nothing.
class ValuePath {
 public:
  /// Notes what is wrong; always false, to be returned.
  bool fail(core::ErrorCode code, std::string why) {
    code_ = code;
    why_ = std::move(why);
    return false;
  }
  /// Notes a step of the path, innermost first; always false.
  bool inside(std::size_t index) {
    steps_.push_back("[" + std::to_string(index) + "]");
    return false;
  }
  bool inside(std::string_view key) {
    steps_.push_back("[" + quoted(key) + "]");
    return false;
  }

  /// The error of a codec: `dag-cbor: at value["a"][2]: …`, with the path as context too.
  [[nodiscard]] std::unexpected<core::Error> failure(std::string_view codec) && {
    // Only the ends of a deep path help a reader.
    constexpr std::size_t kShown = 16;
    std::string path = "value";
    for (std::size_t i = steps_.size(); i > 0; --i) {
      if (steps_.size() > kShown && i == steps_.size() - kShown / 2) {
        path += "…";
        i = kShown / 2 + 1;
        continue;
      }
      path += steps_[i - 1];
    }
    return core::fail(
        core::Error{code_, std::string(codec) + ": at " + path + ": " + why_, {}}.with("path",
                                                                                       path));
  }

 private:
  core::ErrorCode code_ = core::ErrorCode::kInternal;
  std::string why_;
  std::vector<std::string> steps_;
};

}  // namespace every::ipld
