#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "face.h"
#include "node_choices.h"
#include "runtime_servers.h"
#include "server_access.h"
#include "verb.h"

namespace every::cli {

class Daemon;

/// `every start`: the original runtime: JSON-RPC on port 1337, metrics on 4000, commands on 3030, until it is told to stop.
struct StartVerb final : Verb {
  Face face = Face::kEvery;
  NodeChoices node;
  std::optional<std::string> db;  ///< the original's database; what the node keeps is beside it
  enum class Place : std::uint8_t { kForeground, kDaemon } place = Place::kForeground;
  std::optional<std::string> daemon_folder;
  RuntimePorts ports;
  std::optional<std::uint16_t> rpc_port;
  AccessChoices access;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;

 private:
  [[nodiscard]] core::Result<int> serve(const Places& places, const settings::Settings& settings,
                                        const Console& console, Daemon* daemon) const;
  std::optional<std::filesystem::path> database_;  ///< absolute; the home is beside it
};
extern const VerbInfo kStartVerb;

}  // namespace every::cli
