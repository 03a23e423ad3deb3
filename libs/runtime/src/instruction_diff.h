#pragma once

#include <cstddef>
#include <vector>

#include "every/invocation/invocation.h"
#include "every/runtime/why.h"

namespace every::runtime {

/// In how many fields two instructions differ: component, function, nonce, operation, and each argument. cost: linear in the arguments
[[nodiscard]] std::size_t distance(const invocation::Instruction& a,
                                   const invocation::Instruction& b);

struct Differences {
  std::vector<Difference> list;
  std::size_t more = 0;  ///< beyond those listed
};
/// The fields in which they differ, arguments down to the value that differs. Awaits of other instructions are kAwait.
[[nodiscard]] Differences diff(const invocation::Instruction& before,
                               const invocation::Instruction& after);

/// What differs between how two components were built, a sentence each.
[[nodiscard]] std::vector<std::string> build_changes(const BuildNote& before,
                                                     const BuildNote& after);

/// A value as DAG-JSON of at most so many characters; a large one by its kind and size.
[[nodiscard]] std::string brief(const ipld::Value& value);

}  // namespace every::runtime
