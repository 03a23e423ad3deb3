#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "every/core/log.h"
#include "every/gateway/service.h"
#include "every/runtime/run.h"
#include "every/settings/settings.h"

namespace every::cli {

/// What every verb that needs a node takes.
struct NodeChoices {
  std::vector<std::string> functions;  ///< files, `--fn` first, then positional ones
  std::optional<std::string> home;
  std::optional<std::string> config;
  std::optional<std::uint32_t> workers;
  std::optional<settings::Durability> durability;
  core::LogFormat log_format = core::LogFormat::kLogfmt;
};

enum class Output : std::uint8_t { kText, kJson };

struct DevCommand {
  NodeChoices node;
  gateway::Nonces nonces = gateway::Nonces::kNone;
  std::optional<std::uint16_t> port;
  std::optional<std::string> host;
};
struct RunCommand {
  NodeChoices node;
  std::string workflow;
  runtime::Reuse reuse = runtime::Reuse::kMemo;
  Output output = Output::kText;
};
struct CallCommand {
  NodeChoices node;
  std::string function;
  std::vector<std::string> arguments;
  runtime::Reuse reuse = runtime::Reuse::kMemo;
};
struct RunsCommand {
  NodeChoices node;
  std::uint32_t limit = 20;
  Output output = Output::kText;
};
/// Text to print and nothing to do: help, version, wrong use.
struct Message {
  std::string text;
  int exit_code = 0;  ///< not 0: goes to standard error
};

using Command = std::variant<Message, DevCommand, RunCommand, CallCommand, RunsCommand>;

/// The command a command line means: `dev` when no verb is named, a leading `cli` is ignored. Never fails: wrong use is a Message.
[[nodiscard]] Command parse_arguments(std::vector<std::string> arguments);

}  // namespace every::cli
