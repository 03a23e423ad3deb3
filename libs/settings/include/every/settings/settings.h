#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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

/// Where content and receipts go beside this node's own store.
enum class Ipfs : std::uint8_t {
  kAuto,      ///< to a Kubo, when one answers at `node.network.ipfs`
  kEmbedded,  ///< nowhere
  kKubo,      ///< to the Kubo at `node.network.ipfs`, which is waited for
};

/// The settings in force. Member initialisers are what `every dev` uses without a file.
struct Settings {
  // [node]
  std::chrono::seconds gc_interval{1800};  ///< of housekeeping; 0: only when asked for
  std::optional<std::chrono::seconds> shutdown_timeout;  ///< unset: 5 s
  std::optional<std::string> db_url;
  std::uint32_t db_max_pool_size = 100;
  // [node.network]
  Keypair keypair;
  std::uint16_t metrics_port = 4020;
  std::string rpc_host = "::1";
  std::uint16_t rpc_port = 9820;
  std::string webserver_host = "127.0.0.1";     ///< of newer versions; in place of the two below
  std::string webserver_v4_host = "127.0.0.1";  ///< of 0.3.0
  std::string webserver_v6_host = "[::1]";
  std::uint16_t webserver_port = 8020;
  std::string ipfs_host = "127.0.0.1";
  std::uint16_t ipfs_port = 5001;
  // [every]
  std::string host = "localhost";  ///< the gateway's
  std::uint16_t port = 3000;       ///< the gateway's
  Durability durability = Durability::kDurable;
  std::optional<std::uint32_t>
      workers;  ///< unset: one a core; 0: guests run in the node's own process
  Ipfs ipfs = Ipfs::kAuto;
  std::vector<std::string>
      gateways;  ///< trustless HTTP gateways asked for content that is nowhere nearer
  std::vector<std::string> trusted_urls;  ///< `https://…` below which files are fetched, by hash
  std::vector<std::string>
      trusted_keys;               ///< `did:key:…` whose attestations make imported receipts hits
  std::vector<std::string> cors;  ///< origins let in beside loopback ones; `*`: all
  std::vector<std::string> host_names;              ///< of this node, accepted in `Host`
  std::optional<std::filesystem::path> token_file;  ///< absolute
  std::optional<std::filesystem::path> tls_cert;    ///< absolute
  std::optional<std::filesystem::path> tls_key;     ///< absolute
  // [every.traces]
  std::optional<std::string>
      traces_endpoint;                        ///< of a collector of OpenTelemetry; unset: no traces
  std::optional<std::string> traces_service;  ///< what this node is called there
  // [every.limits]
  std::uint64_t body_bytes = std::uint64_t{64} << 20;  ///< of a request
  std::uint32_t connections = 1024;
  std::uint32_t active_runs = 4096;
  std::uint64_t guest_bytes =
      0;  ///< of memory of all guests together; 0: half of what the machine has
  std::chrono::seconds compile_time{
      10};  ///< of processor time for a component, and three tenths of it for each MiB
  std::chrono::seconds run_time{3600};
  // [every.keep]
  std::uint32_t keep_run_days = 30;                        ///< 0: for ever
  std::uint64_t keep_run_bytes = std::uint64_t{1} << 30;   ///< of all runs; 0: any number
  std::uint64_t keep_code_bytes = std::uint64_t{4} << 30;  ///< of compiled code; 0: any number
  /// Values given for keys of the original that have no effect here, as JSON by path.
  std::map<std::string, std::string> unused;
};

/// Where values come from: `FILE:LINE` or `environment variable NAME`, by the key's path (`node.network.ipfs.port`). A key that is missing has
/// its built-in value.
using Origins = std::map<std::string, std::string>;

/// What a file says, on top of what was there.
struct Parsed {
  Settings settings;
  Origins origins;  ///< of what this file (or the environment) says alone
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

/// Reads what the environment says over `base`: `HOMESTAR__NODE__NETWORK__IPFS__PORT=5002`, as the original's. A list is separated by commas.
///
/// in: variables   name and value; others than `HOMESTAR__…` are left alone. Relative paths are relative to the current directory.
/// errors: kInvalidArgument a value of the wrong type or out of range (the variable is named)
[[nodiscard]] core::Result<Parsed> parse_environment(
    std::span<const std::pair<std::string, std::string>> variables, const Settings& base = {});

/// One row of what is in force.
struct Shown {
  std::string path;
  std::string value;   ///< as JSON
  std::string origin;  ///< empty: built in
  enum class Effect : std::uint8_t {
    kYes,
    kNone
  } effect = Effect::kYes;  ///< kNone: the original's, not used here
};
/// Every key with its value in force, in the order of the schema.
[[nodiscard]] std::vector<Shown> show(const Settings& settings, const Origins& origins);

/// `durable`, `relaxed`, `memory`.
[[nodiscard]] std::string_view render_durability(Durability durability);
/// errors: kInvalidArgument listing the three
[[nodiscard]] core::Result<Durability> parse_durability(std::string_view text);
/// `auto`, `embedded`, `kubo`.
[[nodiscard]] std::string_view render_ipfs(Ipfs ipfs);
/// errors: kInvalidArgument listing the three
[[nodiscard]] core::Result<Ipfs> parse_ipfs(std::string_view text);

}  // namespace every::settings
