#include "verbs/init.h"

#include <cerrno>
#include <filesystem>
#include <iostream>

#include "node_request.h"
#include "places.h"
#include <fcntl.h>
#include <unistd.h>

#include "every/core/file.h"
#include "every/core/random.h"
#include "every/ipld/key.h"
#include "every/ipld/multibase.h"

namespace every::cli {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;
using settings::KeyType;

// The original's settings with its values, cut where the key belongs.
constexpr std::string_view kBeforeNetworkKey = R"([node]
gc_interval = 1800
shutdown_timeout = 20

[node.monitoring]
console_subscriber_port = 6669
process_collector_interval = 5000

[node.network]
events_buffer_len = 1024
poll_cache_interval = 1000
)";
constexpr std::string_view kBeforeKeyTable = R"(
[node.network.libp2p]
announce_addresses = []
idle_connection_timeout = 60
listen_address = "/ip4/0.0.0.0/tcp/0"
max_connected_peers = 32
max_announce_addresses = 10
node_addresses = []
transport_connection_timeout = 60
dial_interval = 30
bootstrap_interval = 30

[node.network.libp2p.dht]
enable_resolve_receipts_in_background = true
p2p_receipt_timeout = 500
p2p_workflow_info_timeout = 500
p2p_provider_timeout = 10000
receipt_quorum = 2
workflow_quorum = 3

[node.network.libp2p.quic]
enable = true

[node.network.libp2p.mdns]
enable = true
enable_ipv6 = false
query_interval = 300
ttl = 540

[node.network.libp2p.pubsub]
enable = true
duplication_cache_time = 1
heartbeat = 60
max_transmit_size = 10485760
mesh_n_low = 1
mesh_n_high = 10
mesh_n = 2
mesh_outbound_min = 1

[node.network.libp2p.rendezvous]
enable_client = true
enable_server = false
registration_ttl = 7200
discovery_interval = 600

[node.network.metrics]
port = 4000

[node.network.rpc]
host = "::1"
max_connections = 10
port = 3030
server_timeout = 120
)";
constexpr std::string_view kAfterKey = R"(
[node.network.ipfs]
host = "127.0.0.1"
port = 5001

[node.network.webserver]
v4_host = "127.0.0.1"
v6_host = "[::1]"
port = 1337
timeout = 120
websocket_capacity = 2048
websocket_sender_timeout = 30000

[node.db]
max_pool_size = 100
)";

/// How a path is shown, and a text written into TOML.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string_view name_of(KeyType type) {
  return type == KeyType::kEd25519 ? "ed25519" : "secp256k1";
}
ipld::KeyType kind_of(KeyType type) {
  return type == KeyType::kEd25519 ? ipld::KeyType::kEd25519 : ipld::KeyType::kSecp256k1;
}

std::string render_settings(std::string_view network_key, std::string_view key_table) {
  return std::string(kBeforeNetworkKey) + std::string(network_key) + std::string(kBeforeKeyTable) +
         std::string(key_table) + std::string(kAfterKey);
}

std::string key_table(std::string_view kind, KeyType type, std::string_view field,
                      const std::string& value) {
  return "\n[node.network.keypair_config." + std::string(kind) +
         "]\nkey_type = " + quoted(std::string(name_of(type))) + "\n" + std::string(field) + " = " +
         quoted(value) + "\n";
}

/// One command, with what it asks and says.
class Init {
 public:
  explicit Init(const InitVerb& verb) : verb_(verb), existing_(verb.existing) {}

  core::Status run() {
    EVERY_TRY_ASSIGN(const fs::path target, settings_path());
    const bool to_file = verb_.where == InitVerb::Where::kFile;
    // Asked first: a refusal leaves no key behind.
    std::error_code ignored;
    if (to_file && fs::exists(target, ignored)) EVERY_TRY(allow_replacing(target));
    EVERY_TRY_ASSIGN(const std::string text, make_settings(to_file ? target : fs::path()));
    if (!to_file) {
      print(text);
      return {};
    }
    return write_settings(target, text);
  }

 private:
  [[nodiscard]] bool may_ask() const {
    return verb_.face == Face::kHomestar && verb_.ask == InitVerb::Ask::kMay &&
           ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
  }
  void say(const std::string& text) const {
    if (verb_.talk == InitVerb::Talk::kYes) print(text + "\n");
  }
  /// An answer from the terminal; empty at its end.
  static std::string prompt(const std::string& question) {
    print("? " + question + " ");
    std::string line;
    std::getline(std::cin, line);
    return line;
  }

  [[nodiscard]] core::Result<fs::path> settings_path() const {
    if (verb_.where == InitVerb::Where::kStdout) return fs::path();
    if (verb_.path) return fs::path(*verb_.path);
    EVERY_TRY_ASSIGN(const Places places, find_places(verb_.home, system_environment));
    return verb_.face == Face::kHomestar ? places.settings_files.front()
                                         : places.settings_files.back();
  }

  [[nodiscard]] core::Result<KeyType> choose_type() const {
    if (verb_.key_type) return *verb_.key_type;
    if (verb_.face == Face::kEvery) return KeyType::kEd25519;
    if (!may_ask())
      return core::fail(ErrorCode::kInvalidArgument,
                        "Aborting... cannot prompt for key type in non-interactive mode. Pass "
                        "`--key-type <KEY_TYPE>` to set it.");
    const std::string answer = prompt("Select key type (ed25519 or secp256k1) [ed25519]");
    if (answer.empty() || answer == "ed25519") return KeyType::kEd25519;
    if (answer == "secp256k1") return KeyType::kSecp256k1;
    return core::fail(ErrorCode::kInvalidArgument,
                      "there is no key type '" + answer + "': ed25519 or secp256k1");
  }

  /// in: target   the settings file, whose folder the key's path is told from; empty: there is none
  core::Result<std::string> make_settings(const fs::path& target) {
    EVERY_TRY_ASSIGN(const KeyType type, choose_type());
    if (verb_.key_file) return with_file(type, *verb_.key_file, target);
    if (verb_.key_seed) return with_seed(type, *verb_.key_seed);
    if (verb_.face == Face::kEvery) return render_settings("keypair_config = \"random\"\n", {});
    if (!may_ask())
      return core::fail(ErrorCode::kInvalidArgument,
                        "Aborting... cannot prompt for key in non-interactive mode. Pass "
                        "`--key-file <KEY_FILE>` or `--key-seed [<KEY_SEED>]` to configure the "
                        "key.");
    const std::string file = prompt("File of the key (empty: generate one from a seed)");
    if (!file.empty()) return with_file(type, file, target);
    const std::string seed = prompt("Base64 of the seed's 32 bytes (empty: random)");
    return with_seed(type, seed.empty() ? std::string(kRandomSeed) : seed);
  }

  static core::Result<std::string> with_seed(KeyType type, const std::string& text) {
    core::Bytes seed(32);
    if (text == kRandomSeed) {
      core::fill_random(seed);
    } else {
      auto given = ipld::decode_base64_any(text);
      if (!given || given->size() != seed.size())
        return core::fail(ErrorCode::kInvalidArgument,
                          "Invalid seed: expected a base64 encoding of 32 bytes");
      seed = std::move(*given);
    }
    EVERY_TRY(check(ipld::SigningKey::from_seed(kind_of(type), seed)));
    std::string padded = ipld::encode_base64(seed);
    padded.append((4 - padded.size() % 4) % 4, '=');
    return render_settings({}, key_table("random_seed", type, "seed", padded));
  }

  core::Result<std::string> with_file(KeyType type, const std::string& file,
                                      const fs::path& target) {
    std::error_code ignored;
    if (fs::exists(file, ignored)) {
      say("Using existing key file " + quoted(file));
    } else if (type == KeyType::kSecp256k1) {
      return core::fail(ErrorCode::kUnsupported,
                        "Aborting... generating secp256k1 keys is not yet supported, please "
                        "provide an existing key file, or choose another key type.");
    } else {
      say("Writing key file to " + quoted(file));
      EVERY_TRY(make_folder_of(file));
      const auto key = ipld::SigningKey::generate(ipld::KeyType::kEd25519);
      EVERY_TRY(core::write_file_atomically(file, core::as_bytes(key.render_pem()), 0600));
    }
    EVERY_TRY_ASSIGN(const core::Bytes content, core::read_file(file, std::size_t{64} << 10));
    EVERY_TRY(check(ipld::SigningKey::parse_file(kind_of(type), content)));
    return render_settings({}, key_table("existing", type, "path", path_in(file, target)));
  }

  static core::Status check(const core::Result<ipld::SigningKey>& key) {
    if (key) return {};
    return core::fail(key.error().code, "Failed to load key: " + key.error().message);
  }

  /// A path in a settings file is relative to the file's folder.
  static std::string path_in(const fs::path& file, const fs::path& target) {
    if (target.empty() || file.is_absolute()) return file.string();
    const fs::path folder = fs::absolute(target).parent_path().lexically_normal();
    const fs::path whole = fs::absolute(file).lexically_normal();
    if (whole.parent_path() == folder) return whole.filename().string();
    return whole.string();
  }

  static core::Status make_folder_of(const fs::path& file) {
    if (file.parent_path().empty()) return {};
    std::error_code problem;
    fs::create_directories(file.parent_path(), problem);
    if (problem)
      return std::unexpected(
          core::system_error("cannot make the folder", file.parent_path(), problem.value()));
    return {};
  }

  core::Status write_settings(const fs::path& target, const std::string& text) {
    EVERY_TRY(make_folder_of(target));
    say("Writing settings to " + quoted(target.string()));
    if (existing_ == InitVerb::Existing::kReplace)
      return core::write_file_atomically(target, core::as_bytes(text), 0600);
    const core::UniqueFd fd(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd.valid()) return std::unexpected(core::system_error("cannot make", target, errno));
    return core::write_all(fd.get(), core::as_bytes(text), target);
  }

  [[nodiscard]] core::Status allow_replacing(const fs::path& target) {
    if (existing_ == InitVerb::Existing::kReplace) return {};
    const std::string name = quoted(target.string());
    if (!may_ask())
      return core::fail(ErrorCode::kConflict, "Aborting... settings file already exists at " +
                                                  name + ". Pass `--force` to overwrite it");
    const std::string answer =
        prompt("Settings file already exists at " + name + ", overwrite? (y/N)");
    if (answer == "y" || answer == "Y" || answer == "yes") {
      existing_ = InitVerb::Existing::kReplace;
      return {};
    }
    return core::fail(ErrorCode::kCancelled, "Aborting... not overwriting existing settings file");
  }

  const InitVerb& verb_;
  InitVerb::Existing existing_;
};

}  // namespace

void InitVerb::define(Options& options) {
  options
      .value("--output", "FILE", path,
             "Where to write the settings (default: this user's, as every config show finds them)")
      .completes(Completion::kFiles);
  options.flag("--dry-run", where, Where::kStdout, "Print them instead of writing a file");
  options.flag("--quiet", talk, Talk::kQuiet, "Do not say what is written");
  options.flag("--force", existing, Existing::kReplace, "Overwrite a file that is there");
  options.flag("--no-input", ask, Ask::kNever, "Never ask (nothing is asked without a terminal)");
  options.choice<KeyType>("--key-type", "TYPE", key_type,
                          {{"ed25519", KeyType::kEd25519}, {"secp256k1", KeyType::kSecp256k1}},
                          "Kind of the node's key (default: ed25519)");
  options
      .value("--key-file", "FILE", key_file,
             "File of the node's key, made when it is not there (default: one is made and kept in "
             "the home)")
      .completes(Completion::kFiles);
  options.value("--key-seed", "BASE64", key_seed,
                "Seed of the node's key, 32 bytes; or the word random");
  options.value("--home", "DIR", home, "The home whose settings are meant (default: the user's)")
      .completes(Completion::kDirectories);
}

core::Result<int> InitVerb::run(const Console& /*console*/) {
  if (key_file && key_seed)
    return core::fail(ErrorCode::kInvalidArgument,
                      "--key-file and --key-seed exclude one another: the key is one or the other");
  if (path && where == Where::kStdout)
    return core::fail(ErrorCode::kInvalidArgument,
                      "--output and --dry-run exclude one another: the settings go to one place");
  EVERY_TRY(Init(*this).run());
  return 0;
}

const VerbInfo kInitVerb{"init", "Write a settings file with the original's values, and a key",
                         "  every init                                     this user's settings\n"
                         "  every init --dry-run                           look at them first\n"
                         "  every init --output node.toml --key-file node.pem\n",
                         make_verb<InitVerb>};

}  // namespace every::cli
