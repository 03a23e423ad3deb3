#include "every/core/random.h"

#include <cerrno>

#include <sys/random.h>

#include "every/core/error.h"

namespace every::core {

void fill_random(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    EVERY_CHECK(got > 0);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace every::core
