#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "target.h"

#include "every/core/error.h"

namespace every::gateway {

/// `?limit=`, from 1 to `most`. errors: kInvalidArgument
[[nodiscard]] core::Result<std::size_t> read_limit(const Target& target, std::size_t otherwise,
                                                   std::size_t most);
/// `?wait=`: `30s`, `500ms`, `2m`, or a number of seconds; at most ten minutes. none: not asked. errors: kInvalidArgument
[[nodiscard]] core::Result<std::optional<std::chrono::milliseconds>> read_wait(
    const Target& target);

}  // namespace every::gateway
