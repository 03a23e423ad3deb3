#pragma once

#include <cstdint>
#include <string>

#include "every/core/error.h"

namespace every::cli {

/// Who listens on a TCP port of this machine: `python3 (pid 4711)`; empty when nobody does, or it belongs to another user and cannot be told.
/// cost: reads /proc
[[nodiscard]] std::string port_owner(std::uint16_t port);

/// Puts into an error about a port that is taken (kConflict with `port` in its context) whom by, where that can be told.
void add_port_owner(core::Error& error);

}  // namespace every::cli
