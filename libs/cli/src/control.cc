#include "control.h"

#include <array>
#include <charconv>
#include <fstream>
#include <thread>

#include "places.h"
#include <arpa/inet.h>

#include "every/gateway/client.h"
#include "every/store/home.h"

namespace every::cli {
namespace {

using core::ErrorCode;
using std::chrono::milliseconds;

bool is_address(const std::string& text) {
  std::array<std::uint8_t, 16> bytes{};
  return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

/// Whether a process of this machine lives; one that has ended and was not waited for does not.
/// source: Linux Documentation/filesystems/proc.rst
bool lives(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string stat;
  if (pid <= 0 || !std::getline(file, stat)) return false;
  // `4711 (name) S …`: the name may hold anything.
  const std::size_t end = stat.rfind(") ");
  return end != std::string::npos && end + 2 < stat.size() && stat[end + 2] != 'Z' &&
         stat[end + 2] != 'X';
}

struct Unit {
  std::string_view names;  ///< with a blank around each
  std::int64_t milliseconds;
};
constexpr std::array<Unit, 5> kUnits{{{" ms msec millis ", 1},
                                      {" s sec secs second seconds ", 1000},
                                      {" m min mins minute minutes ", 60'000},
                                      {" h hr hrs hour hours ", 3'600'000},
                                      {" d day days ", 86'400'000}}};
constexpr std::int64_t kMost = std::int64_t{366} * 86'400'000;

std::unexpected<core::Error> no_duration(std::string_view text) {
  return core::fail(ErrorCode::kInvalidArgument,
                    "must be a time such as 60s, 500ms or 1m 30s, not '" + std::string(text) + "'");
}

}  // namespace

core::Result<milliseconds> parse_duration(std::string_view text) {
  std::int64_t total = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (problem != std::errc() || number < 0) return no_duration(text);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const std::size_t letters = std::min(rest.find_first_of(" 0123456789"), rest.size());
    if (letters == 0) return no_duration(text);
    const std::string name = " " + std::string(rest.substr(0, letters)) + " ";
    rest.remove_prefix(letters);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    bool known = false;
    for (const Unit& unit : kUnits) {
      if (unit.names.find(name) == std::string_view::npos) continue;
      if (number > kMost / unit.milliseconds) return no_duration(text);
      total += number * unit.milliseconds;
      known = true;
    }
    if (!known || total > kMost) return no_duration(text);
  }
  if (text.empty()) return no_duration(text);
  return milliseconds(total);
}

void add_rpc_options(Options& options, RpcChoices& choices) {
  options.heading("Which node");
  options
      .value("--home", "DIR", choices.home,
             "The one that owns this home (default: $XDG_DATA_HOME/every)")
      .completes(Completion::kDirectories);
  options.read(
      "--host", "ADDRESS",
      [&choices](const std::string& text) -> core::Status {
        if (!is_address(text))
          return core::fail(ErrorCode::kInvalidArgument,
                            "must be an IP address such as ::1 or 127.0.0.1, not '" + text + "'");
        choices.host = text;
        return {};
      },
      "The one whose RPC port is at this address (::1 where only --port is given), as the original "
      "finds it");
  options.number("--port", "N", choices.port, 0, 65535,
                 "Its RPC port (3030 where only --host is given)");
  options.read(
      "--timeout", "TIME",
      [&choices](const std::string& text) -> core::Status {
        EVERY_TRY_ASSIGN(choices.timeout, parse_duration(text));
        return {};
      },
      "How long to wait for it (default: 60s)");
}

core::Result<Control> Control::open(const RpcChoices& choices, Face face) {
  Control control(choices, face);
  if (choices.host || choices.port) {
    control.choices_.host = choices.host.value_or(std::string(kRpcHost));
    control.choices_.port = choices.port.value_or(kRpcPort);
    const std::string& host = *control.choices_.host;
    control.address_ = (host.find(':') != std::string::npos ? "[" + host + "]" : host) + ":" +
                       std::to_string(*control.choices_.port);
    return control;
  }
  EVERY_TRY_ASSIGN(const Places places, find_places(choices.home, system_environment));
  control.home_ = places.home;
  control.socket_ = places.socket();
  control.address_ = places.home.string();
  if (!control.is_there()) return core::fail(control.absent({}));
  return control;
}

bool Control::is_there() const {
  if (home_.empty()) return gateway::listens(*choices_.host, *choices_.port, choices_.timeout);
  const auto owner = store::HomeLock::find_owner(home_);
  return owner && owner->has_value();
}

core::Error Control::absent(const std::string& why) const {
  const std::string program = face_ == Face::kHomestar ? "homestar" : "every";
  const std::string elsewhere =
      face_ == Face::kHomestar ? "--host and --port" : "--home, or with --host and --port";
  return {ErrorCode::kUnavailable,
          (home_.empty() ? "no node answers on " : "no node runs at ") + address_ +
              (why.empty() ? why : ": " + why) + "; start one with `" + program +
              " start`, or say where it is with " + elsewhere,
          {}};
}

core::Result<gateway::Response> Control::send(const gateway::Request& request) const {
  auto response =
      home_.empty() ? gateway::call_port(*choices_.host, *choices_.port, request, choices_.timeout)
                    : gateway::call_owner(socket_, request);
  if (!response && response.error().code == ErrorCode::kUnavailable)
    return core::fail(absent(response.error().message));
  if (!response && response.error().code == ErrorCode::kMalformed) {
    response.error().message = "what listens on " + address_ + " is no node of this program (" +
                               response.error().message +
                               "); a node of the original is commanded by the original's program";
  }
  return response;
}

core::Status Control::wait_until_gone(std::int64_t pid) const {
  const auto end = std::chrono::steady_clock::now() + choices_.timeout;
  while (is_there() || lives(pid)) {
    if (std::chrono::steady_clock::now() >= end)
      return core::fail(ErrorCode::kTimeout,
                        "the node at " + address_ +
                            " has taken the command and is still stopping; wait longer with "
                            "--timeout, or look into its log");
    std::this_thread::sleep_for(milliseconds(20));
  }
  return {};
}

}  // namespace every::cli
