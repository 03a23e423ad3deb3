#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "verb.h"

namespace every::cli {

/// A verb that has taken its words and may run.
struct Invocation {
  const VerbInfo* info = nullptr;
  std::unique_ptr<Verb> verb;
};
/// Text to print and nothing to do: help, version, wrong use.
struct Message {
  std::string text;
  int exit_code = 0;  ///< not 0: goes to standard error
};
using Command = std::variant<Message, Invocation>;

/// The command a command line means: `dev` when no verb is named, a leading `cli` is ignored. Never fails: wrong use is a Message.
[[nodiscard]] Command parse_arguments(std::vector<std::string> arguments);

}  // namespace every::cli
