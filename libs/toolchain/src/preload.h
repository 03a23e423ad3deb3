#pragma once

#include <string_view>

namespace every::toolchain {

/// Libraries that go into a tool's process (LD_PRELOAD), kept inside the binary.
enum class Preload {
  kPin,     ///< javascript/pin/pin.c
  kSteady,  ///< python/steady/steady.c
  kWarm,    ///< python/warm/warm.c
};
/// The bytes of one; empty where there is none for this system.
[[nodiscard]] std::string_view preload_library(Preload library);

}  // namespace every::toolchain
