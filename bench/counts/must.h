#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "every/core/error.h"

namespace every::bench {

[[noreturn]] inline void give_up(const std::string& why) {
  std::fprintf(stderr, "counts: %s\n", why.c_str());
  std::exit(1);
}

/// What cannot fail here, or the process ends: a count of work that was not done is none.
template <typename T>
T must(core::Result<T> result) {
  if (!result) give_up(result.error().message);
  return std::move(*result);
}
inline void must(const core::Status& status) {
  if (!status) give_up(status.error().message);
}

}  // namespace every::bench
