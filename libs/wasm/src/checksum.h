#pragma once

#include <cstdint>

#include "every/core/bytes.h"

namespace every::wasm {

/// Finds damage, not malice (the files are the user's own), at the speed of memory: compiled code may be 100 MB.
[[nodiscard]] std::uint64_t checksum(core::BytesView bytes);

}  // namespace every::wasm
