#pragma once

#include <cstdint>
#include <string>

namespace every::cli {

/// Who listens on a TCP port of this machine: `python3 (pid 4711)`; empty when nobody does, or it belongs to another user and cannot be told.
/// cost: reads /proc
[[nodiscard]] std::string port_owner(std::uint16_t port);

}  // namespace every::cli
