#pragma once

#include <functional>
#include <string>
#include <vector>

#include "every/core/error.h"
#include "every/ipld/value.h"
#include "every/wit/type.h"

namespace every::wit {

/// What is wrong with one argument, in the shape the original's validator gave.
struct Violation {
  std::string path;  ///< JSON pointer from the argument list on: `/0/home/x`
  std::string
      keyword;  ///< `type`, `required`, `minItems`, `maxItems`, `enum`, `additionalProperties`, `range`, …
  std::string message;  ///< `must be number`
  ipld::Map params;     ///< keyword-specific, e.g. {"type": "number"}
};

/// Whether a value at some place is left alone (an await that a later step fills in).
using IsDeferred = std::function<bool(const ipld::Value&)>;

/// Short form: normalises what a person or a JavaScript client wrote to the one form that is hashed.
///
/// Type-directed at every level, as design §6: integral numbers in ±(2^53−1) become Integers whatever their spelling; bytes from a
/// list of integers, base64 text or a `data:` URI become Bytes; record keys (camelCase or kebab-case) become WIT names, absent
/// options null; variants `{tag,val}` or `{case: v}` become `{case: v}`; flags from an object of booleans or a list become the list
/// in declaration order; results `{ok: v}`/`{err: e}`/`{tag,val}` or the pair become the pair; maps and lists of pairs the list of pairs.
///
/// in: value   as parsed from JSON; deferred   values for which it says yes are returned untouched
/// out: the normalised value, or every violation found (never empty on failure)
/// thread: any
[[nodiscard]] std::expected<ipld::Value, std::vector<Violation>> normalise(
    const ipld::Value& value, const Type& type, const std::string& path,
    const IsDeferred& deferred);

/// Text of a query string to a value by type: numbers, booleans, JSON for the compound types, text as it is for strings and chars,
/// base64 or a `data:` URI for bytes. The result still goes through normalise().
[[nodiscard]] std::expected<ipld::Value, std::vector<Violation>> parse_query_text(
    const std::string& text, const Type& type, const std::string& path);

/// Whether a value (full form: hashed as it stands) can become this type, by design §6; says where not.
/// errors: kInvalidArgument `at <path>: expected <type>, got <kind> <value>`
[[nodiscard]] core::Status check(const ipld::Value& value, const Type& type,
                                 const std::string& path);

}  // namespace every::wit
