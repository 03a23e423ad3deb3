#pragma once

#include <memory>
#include <string>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/wit/type.h"

namespace every::wasm {

/// One exported function and its number for the engines.
struct DescribedFunction {
  std::shared_ptr<const wit::Function> function;
  std::uint32_t number = 0;
};

/// What a component offers and asks for.
struct Description {
  std::vector<DescribedFunction> functions;  ///< user functions in export order
  std::vector<std::string> imports;
};

/// Reads what the engines wrote about a component (grammar in every_engines.h) and judges it.
///
/// Left out: what language runtimes export for themselves (componentize-py's `exports` interface, componentize-qjs's `init`).
/// errors: kUnsupported a type that no value has in a function's signature, naming function, parameter and type;
///         kInternal bytes that do not follow the grammar
[[nodiscard]] core::Result<Description> parse_description(core::BytesView bytes);

}  // namespace every::wasm
