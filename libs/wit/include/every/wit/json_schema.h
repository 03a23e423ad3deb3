#pragma once

#include <boost/json/value.hpp>

#include "every/wit/type.h"

namespace every::wit {

/// The JSON Schema of a type, by the «ours» column of the original's type table: inline, no `$ref`, property names in camelCase.
[[nodiscard]] boost::json::value json_schema(const Type& type);

/// The object schema of a function's parameters, keys in the original's order: `type`, `properties` (absent without parameters),
/// `required` (absent when empty), `additionalProperties: false`. For scalars the text is the original's, byte for byte.
[[nodiscard]] boost::json::object parameters_schema(const Function& function);

}  // namespace every::wit
