#pragma once

#include <cstdint>

#include <boost/json/value.hpp>

#include "every/wit/type.h"

namespace every::wit {

/// The JSON Schema of a type, by the «ours» column of the original's type table: inline, no `$ref`, property names in camelCase.
[[nodiscard]] boost::json::value json_schema(const Type& type);

/// The object schema of a function's parameters, keys in the original's order: `type`, `properties` (absent without parameters),
/// `required` (absent when empty), `additionalProperties: false`. For scalars the text is the original's, byte for byte.
[[nodiscard]] boost::json::object parameters_schema(const Function& function);

/// Which side of a call a schema of draft 2020-12 describes.
enum class Side : std::uint8_t {
  kGiven,  ///< arguments as a JSON client writes them: everything `normalise` takes of the types' own spellings
  kGivenOrAwait,  ///< the same where any value at any level may be `{"$ref": "#/$defs/await"}` instead
  kReturned,      ///< results as they stand in JSON answers, bytes inside in their DAG-JSON form
};

/// The JSON Schema 2020-12 of a type: with bounds, `prefixItems`, closed objects; inline but for awaits.
[[nodiscard]] boost::json::value schema_2020(const Type& type, Side side);
/// The object schema of a function's parameters in camelCase.
[[nodiscard]] boost::json::object parameters_schema_2020(const Function& function, Side side);
/// What `Side::kGivenOrAwait` refers to: a placeholder's text, or an await.
[[nodiscard]] boost::json::value await_schema();
/// A value that fits a type, as a JSON client writes it. in: index   tells the parameters of a function apart, so that not all are 1
[[nodiscard]] boost::json::value example(const Type& type, std::size_t index);

}  // namespace every::wit
