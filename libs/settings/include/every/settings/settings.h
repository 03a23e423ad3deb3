#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "every/core/error.h"

/// The settings of a node: the original's `homestar.toml` and our own `[every]` table. Pure: text in, values out.
/// source: docs/formats/settings.md
namespace every::settings {

enum class KeyType : std::uint8_t { kEd25519, kSecp256k1 };

/// Where the node's key comes from.
struct Keypair {
  enum class Source : std::uint8_t { kRandom, kSeed, kExisting } source = Source::kRandom;
  KeyType type = KeyType::kEd25519;
  std::string seed;            ///< kSeed: base64, 32 bytes
  std::filesystem::path path;  ///< kExisting: absolute
};

enum class Durability : std::uint8_t { kDurable, kRelaxed, kMemory };

/// The settings in force. Member initialisers are what `every dev` uses without a file.
struct Settings {
  // [node]
  std::chrono::seconds gc_interval{1800};
  std::optional<std::chrono::seconds> shutdown_timeout;  ///< unset: 5 s
  std::optional<std::string> db_url;
  std::uint32_t db_max_pool_size = 100;
  // [node.network]
  Keypair keypair;
  std::uint16_t metrics_port = 4020;
  std::uint16_t rpc_port = 9820;
  std::string webserver_host = "127.0.0.1";
  std::uint16_t webserver_port = 8020;
  std::string ipfs_host = "127.0.0.1";
  std::uint16_t ipfs_port = 5001;
  // [every]
  std::string host = "localhost";  ///< the gateway's
  std::uint16_t port = 3000;       ///< the gateway's
  Durability durability = Durability::kDurable;
  std::optional<std::uint32_t>
      workers;  ///< unset: one a core; 0: guests run in the node's own process
  // [every.limits]
  std::uint64_t body_bytes = std::uint64_t{64} << 20;  ///< of a request
  std::uint32_t connections = 1024;
  std::uint32_t active_runs = 4096;
  std::chrono::seconds run_time{3600};
};

/// What a file says, on top of what was there.
struct Parsed {
  Settings settings;
  std::vector<std::string>
      warnings;  ///< one sentence each, with file and line: keys nobody knows, keys without effect here
};

/// Reads a settings file over `base`: tables merge key by key, what the file says wins, the rest stays.
///
/// in: file   its path, for messages and for `keypair_config.existing.path`, which is relative to its folder and made absolute
/// errors: kMalformed not TOML (line and column are named); kInvalidArgument a value of the wrong type or out of range (file, line and key are named)
/// thread: any
[[nodiscard]] core::Result<Parsed> parse(std::string_view text, const std::filesystem::path& file,
                                         const Settings& base = {});

/// `durable`, `relaxed`, `memory`.
[[nodiscard]] std::string_view render_durability(Durability durability);
/// errors: kInvalidArgument listing the three
[[nodiscard]] core::Result<Durability> parse_durability(std::string_view text);

}  // namespace every::settings
