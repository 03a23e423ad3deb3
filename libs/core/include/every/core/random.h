#pragma once

#include <cstdint>
#include <span>

namespace every::core {

/// Fills a span with random bytes of the operating system, fit for keys and nonces.
///
/// errors: none: a kernel that gives no randomness is a reason to stop. cost: one system call for 256 bytes. thread: any
void fill_random(std::span<std::uint8_t> out);

}  // namespace every::core
