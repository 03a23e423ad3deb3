#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "every/core/bytes.h"

/// What every fuzz target shares. A target says what must hold of any input, with `require`.
namespace every::fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// Takes a byte off the front of the input, to choose by; 0 when there is none.
inline std::uint8_t take_byte(core::BytesView& input) {
  if (input.empty()) return 0;
  const std::uint8_t byte = input.front();
  input = input.subspan(1);
  return byte;
}

}  // namespace every::fuzz

/// The entry libFuzzer and replay_main.cc call.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
