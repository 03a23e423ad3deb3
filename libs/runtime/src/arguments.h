#pragma once

#include <functional>
#include <string>

#include "every/core/error.h"
#include "every/invocation/invocation.h"
#include "every/ipld/cid.h"
#include "every/ipld/value.h"
#include "every/wit/type.h"

namespace every::runtime {

/// What an awaited instruction came to, as the arguments of its dependants need it.
struct Awaited {
  enum class State : std::uint8_t { kOk, kFailed } state = State::kOk;
  const ipld::Value* value = nullptr;    ///< ok: its output
  const std::string* message = nullptr;  ///< failed: why
  wit::TypePtr type;                     ///< of its output, null when its component is not known
  std::string name;                      ///< for messages: `task add`
};

/// Where awaits and links get their values from.
struct ArgumentSources {
  std::function<core::Result<Awaited>(const invocation::Await&)> awaited;
  /// The bytes a link stands for. errors: kNotFound, kUnsupported, kResourceExhausted
  std::function<core::Result<core::Bytes>(const ipld::Cid&)> content;
};

/// The arguments a guest is called with: awaits replaced, links read where the parameter takes bytes.
///
/// A parameter that is not a `result` gets the ok value of an awaited `result`; an err fails the call naming the source. A parameter that is a
/// `result` takes `await/*` as ok(value) or err(message).
///
/// in: args   of the instruction; function   what they are for
/// errors: those of the sources; kGuestError an awaited function returned an err; kInvalidArgument too many arguments
[[nodiscard]] core::Result<ipld::List> resolve_arguments(const ipld::List& args,
                                                         const wit::Function& function,
                                                         const ArgumentSources& sources);

}  // namespace every::runtime
