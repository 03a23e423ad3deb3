#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "references.h"
#include "request.h"

namespace every::workflow::detail {

/// Where one argument is, for the paths and words of its errors.
struct ArgumentPlace {
  std::string instance;  ///< `/tasks/0/run/input/args/1`
  std::string
      schema;  ///< of its alternatives: `#/definitions/input/allOf/0/then/properties/args/items/1`
  std::string where;  ///< `task `add`: argument `b``
};

/// A task's references by the text of their placeholders.
using References = std::map<std::string, Reference, std::less<>>;

/// Replaces what can be replaced at once and notes the references, whose placeholders stay for later.
/// errors: an unknown or ambiguous name, a placeholder inside a longer text or as a key
Validated<ipld::Value> prepare(const ipld::Value& value, const TaskNames& names, std::uint32_t task,
                               const ArgumentPlace& place, References& references);

/// The argument in the one form that is hashed; awaits and references stay as they are.
/// errors: as the original's validator gave them: what the type says, that it is no placeholder either, and that neither fits
Validated<ipld::Value> normalise_argument(const ipld::Value& value, const wit::Type& type,
                                          const ArgumentPlace& place);

/// Puts a value in each reference's place. cost: linear; a value without references is moved through
ipld::Value substitute(ipld::Value value, const References& references,
                       const std::function<ipld::Value(const Reference&)>& value_of);

/// The arguments a function can do without: trailing options.
std::size_t required_count(const wit::Function& function);

}  // namespace every::workflow::detail
