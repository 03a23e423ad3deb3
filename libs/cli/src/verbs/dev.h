#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "node_choices.h"
#include "runtime_servers.h"
#include "server_access.h"
#include "verb.h"

#include "every/gateway/service.h"

namespace every::cli {

/// `every dev`: serves functions until it is told to stop.
struct DevVerb final : Verb {
  NodeChoices node;
  gateway::Nonces nonces = gateway::Nonces::kNone;
  std::optional<std::uint16_t> port;
  AccessChoices access;
  RuntimePorts runtime_ports;
  std::optional<std::uint16_t> ipfs_port;
  std::vector<std::string> origins;  ///< pages of other machines that may ask; `*`: all
  std::optional<std::string> simulate_crash;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kDevVerb;

}  // namespace every::cli
