#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "face.h"
#include "options.h"

#include "every/core/error.h"
#include "every/gateway/message.h"

namespace every::cli {

/// Where the original's node takes its commands.
inline constexpr std::string_view kRpcHost = "::1";
inline constexpr std::uint16_t kRpcPort = 3030;

/// Which node a command is for. With a host or a port: the one whose RPC port that is; else the owner of a home.
struct RpcChoices {
  std::optional<std::string> home;
  std::optional<std::string> host;
  std::optional<std::uint16_t> port;
  std::chrono::milliseconds timeout = std::chrono::seconds(60);

  /// The original knows no home: its RPC port is meant where nothing is said.
  static RpcChoices of_homestar() {
    return {.home = {}, .host = std::string(kRpcHost), .port = {}};
  }
};
/// `--host`, `--port`, `--timeout`, `--home`.
void add_rpc_options(Options& options, RpcChoices& choices);

/// `60s`, `1m 30s`, `500ms`; a bare number is refused, as the original does. errors: kInvalidArgument, a sentence for behind the option's name
[[nodiscard]] core::Result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// A running node, as the verbs that command it see it.
class Control {
 public:
  /// errors: those of find_places; kUnavailable nobody owns the home
  [[nodiscard]] static core::Result<Control> open(const RpcChoices& choices, Face face);

  /// Sends a request and waits for its answer, whatever its status. errors: kUnavailable nobody listens; kTimeout; kIo, kMalformed. It says what to do
  [[nodiscard]] core::Result<gateway::Response> send(const gateway::Request& request) const;
  /// Waits until nobody answers there and the process is gone, where it is one of this machine's. errors: kTimeout it is still there
  [[nodiscard]] core::Status wait_until_gone(std::int64_t pid) const;
  /// `[::1]:3030`, or the home.
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  Control(const RpcChoices& choices, Face face) : choices_(choices), face_(face) {}
  [[nodiscard]] core::Error absent(const std::string& why) const;
  [[nodiscard]] bool is_there() const;

  RpcChoices choices_;
  Face face_;
  std::filesystem::path home_;  ///< empty: a port is meant
  std::filesystem::path socket_;
  std::string address_;
};

}  // namespace every::cli
