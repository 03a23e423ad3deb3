#include "verbs/doctor.h"

#include <cstring>
#include <filesystem>

#include "home_health.h"
#include "node_request.h"
#include "places.h"
#include "toolchain_access.h"
#include <arpa/inet.h>
#include <boost/json.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "every/core/file.h"
#include "every/store/home.h"

namespace every::cli {
namespace {

namespace fs = std::filesystem;
using toolchain::ToolCheck;
using State = toolchain::ToolCheck::State;

/// How much a finding matters: a language one does not write in may be missing.
enum class Weight : std::uint8_t { kNeeded, kOptional };
struct Finding {
  ToolCheck check;
  Weight weight;
};

std::string size_text(std::uint64_t bytes) {
  return std::to_string(bytes / 1'000'000'000) + "." + std::to_string(bytes / 100'000'000 % 10) +
         " GB";
}

Finding check_folder(const std::string& name, const std::string& purpose, const fs::path& folder) {
  Finding finding{{name, purpose, State::kOk, folder.string(), {}}, Weight::kNeeded};
  std::error_code failed;
  if (const auto made = core::ensure_private_directory(folder); !made) {
    finding.check = {name, purpose, State::kMissing, made.error().message,
                     "mkdir -p " + folder.string() + " && chmod 700 " + folder.string() +
                         "; or choose another place: --home DIR"};
    return finding;
  }
  const auto space = fs::space(folder, failed);
  if (failed) return finding;
  finding.check.found += ", " + size_text(space.available) + " free";
  if (space.available >= 1'000'000'000) return finding;
  finding.check.state = State::kMissing;
  finding.check.install = "make room on the disk of " + folder.string() + ": every clean";
  return finding;
}

bool is_free(std::uint16_t port) {
  const core::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr generic{};
  static_assert(sizeof generic == sizeof address);
  std::memcpy(&generic, &address, sizeof address);
  return ::bind(fd.get(), &generic, sizeof generic) == 0;
}

bool answers(std::uint16_t port) {
  const core::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr generic{};
  std::memcpy(&generic, &address, sizeof address);
  return ::connect(fd.get(), &generic, sizeof generic) == 0;
}

Finding check_port(std::uint16_t port, const std::string& purpose, const std::string& option) {
  const std::string number = std::to_string(port);
  if (is_free(port))
    return {{"port " + number, purpose, State::kOk, "free", {}}, Weight::kOptional};
  return {{"port " + number, purpose, State::kMissing, "taken, perhaps by a running node",
           "every dev " + option},
          Weight::kOptional};
}

Finding check_kubo(const toolchain::Environment& environment) {
  ToolCheck check{
      "Kubo", "shares blocks with IPFS (not needed: blocks are kept here)", State::kOk, {}, {}};
  if (answers(5001)) {
    check.found = "something answers on port 5001";
  } else if (const auto program = toolchain::find_program(environment, "ipfs")) {
    check.state = State::kMissing;
    check.found = program->string() + ", not running";
    check.install = "ipfs daemon";
  } else {
    check.state = State::kMissing;
    check.found = "not installed";
    check.install = "see https://docs.ipfs.tech/install/command-line/, then: ipfs daemon";
  }
  return {std::move(check), Weight::kOptional};
}

std::vector<Finding> findings_of(const Places& places, const ToolchainAccess& access) {
  std::vector<Finding> findings;
  findings.push_back(check_folder("home", "keeps receipts, blocks and runs", places.home));
  findings.push_back(check_folder("cache", "keeps compiled code", places.cache));
  findings.push_back(check_port(3000, "the gateway", "--port 3001"));
  findings.push_back(check_kubo(access.context->environment));
  for (const auto& builder : toolchain::language_builders()) {
    for (auto& check : builder->check(*access.context))
      findings.push_back({std::move(check), Weight::kOptional});
  }
  return findings;
}

std::string_view word(State state) {
  switch (state) {
    case State::kOk:
      return "ok";
    case State::kOutdated:
      return "outdated";
    case State::kMissing:
      break;
  }
  return "missing";
}

std::string_view word(HomeFinding::State state) {
  switch (state) {
    case HomeFinding::State::kSound:
      return "ok";
    case HomeFinding::State::kMended:
      return "mended";
    case HomeFinding::State::kDamaged:
      break;
  }
  return "damaged";
}

std::string indented(std::string text) {
  for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1))
    text.insert(at + 1, "    ");
  return text;
}

/// Tells what was found in the home. out: how much of it is damaged
int tell(const std::vector<HomeFinding>& findings, Output output, const Console& console,
         boost::json::array& rows) {
  int damaged = 0;
  for (const HomeFinding& finding : findings) {
    const bool is_damaged = finding.state == HomeFinding::State::kDamaged;
    damaged += is_damaged ? 1 : 0;
    boost::json::object row{
        {"name", finding.name},         {"purpose", finding.purpose},
        {"state", word(finding.state)}, {"needed", true},
        {"found", finding.found},       {"install", is_damaged ? "every doctor --repair" : ""}};
    if (!finding.done.empty()) row["done"] = finding.done;
    rows.push_back(std::move(row));
    if (output == Output::kJson) continue;
    std::string line = finding.name + ": " + finding.purpose + "\n    " + indented(finding.found);
    if (!finding.done.empty()) line += "\n    mended: " + indented(finding.done);
    if (is_damaged) line += "\n    mend it with: every doctor --repair";
    if (is_damaged) {
      console.failed(line);
    } else {
      console.done(line);
    }
  }
  return damaged;
}

}  // namespace

void DoctorVerb::define(Options& options) {
  options.flag(
      "--repair", damage, Damage::kMend,
      "Mend what the home keeps: sound rows go into new databases, damaged ones are set aside");
  options.flag("--json", output, Output::kJson, "As JSON");
  add_home_option(options, node);
}

core::Result<int> DoctorVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(const Places places, find_places(node.home, system_environment));
  EVERY_TRY_ASSIGN(const auto access, ToolchainAccess::open(node.home, {}, console));
  boost::json::array rows;
  // First: a home that is mended may be used by what is looked at after it.
  EVERY_TRY_ASSIGN(const auto kept,
                   damage == Damage::kMend ? repair_home(places) : examine_home(places));
  const int damaged = tell(kept, output, console, rows);
  int broken = 0;
  int missing = 0;
  for (const Finding& finding : findings_of(places, *access)) {
    const ToolCheck& check = finding.check;
    const bool ok = check.state == State::kOk;
    const bool needed = finding.weight == Weight::kNeeded;
    broken += !ok && needed ? 1 : 0;
    missing += !ok && !needed ? 1 : 0;
    rows.push_back({{"name", check.name},
                    {"purpose", check.purpose},
                    {"state", word(check.state)},
                    {"needed", needed},
                    {"found", check.found},
                    {"install", check.install}});
    if (output == Output::kJson) continue;
    const std::string line = check.name + ": " + check.purpose + "\n    " + check.found +
                             (ok ? "" : "\n    mend it with: " + check.install);
    if (ok) {
      console.done(line);
    } else if (needed) {
      console.failed(line);
    } else {
      console.warn(line);
    }
  }
  if (output == Output::kJson) print(boost::json::serialize(rows) + "\n");
  if (damaged > 0)
    return core::fail(
        core::ErrorCode::kIntegrity,
        "what the home keeps is damaged; nothing damaged is ever used, and every doctor "
        "--repair mends it (with no node running)");
  if (broken > 0) {
    return core::fail(core::ErrorCode::kUnavailable,
                      "every cannot work here before what is marked with ✘ is mended");
  }
  if (output == Output::kText) {
    console.line(missing == 0 ? "All is there."
                              : "every works. What is marked with ! is missing for the purpose it "
                                "names, and for nothing else.");
  }
  return 0;
}

const VerbInfo kDoctorVerb{
    "doctor", "Check this machine and what a home keeps: tools, ports, Kubo, databases",
    "  every doctor           what is missing or damaged, and the command that mends it\n"
    "  every doctor --repair  mend what is kept: nothing sound is lost, nothing is thrown away\n"
    "  every doctor --json    the same for other programs\n",
    make_verb<DoctorVerb>};

}  // namespace every::cli
