#include "homestar_help.h"

#include <array>
#include <cstdlib>
#include <utility>

namespace every::cli {
namespace {

// The original's words; `run` takes one kind of file more.
constexpr std::string_view kInitShort = R"(Initialize a Homestar configuration

Usage: homestar init [OPTIONS]

Options:
  -o, --output <OUTPUT>        Path to write initialized configuration file (.toml) [optional]
      --dry-run                Skip writing to disk, instead writing configuration to stdout [optional]
  -q, --quiet                  Suppress auxiliary output [optional]
  -f, --force                  Force destructive operations without prompting [optional]
      --no-input               Run in non-interactive mode [optional]
      --key-type <KEY_TYPE>    The type of key to use for libp2p [optional] [possible values: ed25519, secp256k1]
      --key-file [<KEY_FILE>]  The path to the key file. A key will be generated if the file does not exist, and if left unspecified, a default path will be used. [optional]
      --key-seed [<KEY_SEED>]  The seed to use for generating the key. If left unspecified, a random seed will be chosen [optional]
  -h, --help                   Print help (see more with '--help')
)";

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kTexts{{
    {"", R"(homestar 0.3.0

Homestar runtime implementation

Usage: homestar <COMMAND>

Commands:
  init   Initialize a Homestar configuration
  start  Start the Homestar runtime
  stop   Stop the Homestar runtime
  ping   Ping the Homestar runtime to see if it's running
  run    Run an IPVM-configured workflow file on the Homestar runtime
  node   Get node identity / information
  info   Get Homestar binary and other information
  help   Print this message or the help of the given subcommand(s)

Options:
  -h, --help     Print help
  -V, --version  Print version
)"},
    {"init", R"(Initialize a Homestar configuration

Usage: homestar init [OPTIONS]

Options:
  -o, --output <OUTPUT>
          Path to write initialized configuration file (.toml) [optional]

      --dry-run
          Skip writing to disk, instead writing configuration to stdout [optional]

  -q, --quiet
          Suppress auxiliary output [optional]

  -f, --force
          Force destructive operations without prompting [optional]

      --no-input
          Run in non-interactive mode [optional]

      --key-type <KEY_TYPE>
          The type of key to use for libp2p [optional]

          Possible values:
          - ed25519:   Ed25519 key
          - secp256k1: Secp256k1 key

      --key-file [<KEY_FILE>]
          The path to the key file. A key will be generated if the file does not exist, and if left unspecified, a default path will be used. [optional]

      --key-seed [<KEY_SEED>]
          The seed to use for generating the key. If left unspecified, a random seed will be chosen [optional]

  -h, --help
          Print help (see a summary with '-h')
)"},
    {"start", R"(Start the Homestar runtime

Usage: homestar start [OPTIONS]

Options:
      --db <DATABASE_PATH>  Database path (SQLite) [optional] [env: DATABASE_PATH=] [default: homestar.db]
  -c, --config <CONFIG>     Runtime configuration file (.toml) [optional]
  -d, --daemonize           Daemonize the runtime
      --daemon_dir <DIR>    Directory to place daemon file(s) [default: /tmp]
  -h, --help                Print help
)"},
    {"stop", R"(Stop the Homestar runtime

Usage: homestar stop [OPTIONS]

Options:
      --host <HOST>        Homestar RPC host [default: ::1]
  -p, --port <PORT>        Homestar RPC port [default: 3030]
      --timeout <TIMEOUT>  Homestar RPC timeout [default: 60s]
  -h, --help               Print help
)"},
    {"ping", R"(Ping the Homestar runtime to see if it's running

Usage: homestar ping [OPTIONS]

Options:
      --host <HOST>        Homestar RPC host [default: ::1]
  -p, --port <PORT>        Homestar RPC port [default: 3030]
      --timeout <TIMEOUT>  Homestar RPC timeout [default: 60s]
  -h, --help               Print help
)"},
    {"node", R"(Get node identity / information

Usage: homestar node [OPTIONS]

Options:
      --host <HOST>        Homestar RPC host [default: ::1]
  -p, --port <PORT>        Homestar RPC port [default: 3030]
      --timeout <TIMEOUT>  Homestar RPC timeout [default: 60s]
  -h, --help               Print help
)"},
    {"info", R"(Get Homestar binary and other information

Usage: homestar info

Options:
  -h, --help  Print help
)"},
    {"run", R"(Run an IPVM-configured workflow file on the Homestar runtime

Usage: homestar run [OPTIONS] <FILE>

Arguments:
  <FILE>  IPVM-configured workflow file to run.
          Supported:
            - JSON (.json)
            - DAG-CBOR (.cbor)

Options:
      --host <HOST>        Homestar RPC host [default: ::1]
  -p, --port <PORT>        Homestar RPC port [default: 3030]
      --timeout <TIMEOUT>  Homestar RPC timeout [default: 60s]
  -n, --name <NAME>        Local name given to a workflow (optional)
  -h, --help               Print help
)"},
    {"help", R"(Print this message or the help of the given subcommand(s)

Usage: homestar help [COMMAND]...

Arguments:
  [COMMAND]...  Print help for the subcommand(s)
)"},
}};

}  // namespace

std::string homestar_help(std::string_view command, HelpLength length) {
  if (command == "init" && length == HelpLength::kShort) return std::string(kInitShort);
  for (const auto& [name, text] : kTexts) {
    if (name != command) continue;
    std::string help(text);
    // The original shows what the environment says.
    constexpr std::string_view kVariable = "[env: DATABASE_PATH=";
    const char* value = std::getenv("DATABASE_PATH");
    if (const auto at = help.find(kVariable); at != std::string::npos && value != nullptr)
      help.insert(at + kVariable.size(), value);
    return help;
  }
  return {};
}

}  // namespace every::cli
