#pragma once

#include <string>
#include <string_view>

#include "every/core/error.h"
#include "every/ipld/value.h"

/// DAG-JSON, the form people and the original's clients read and write.
/// source: https://ipld.io/specs/codecs/dag-json/spec/ and docs/formats/dag-json.md
namespace every::ipld::dag_json {

/// Canonical text: no white space, keys bytewise, links `{"/":"<cid>"}`, bytes `{"/":{"bytes":"<base64, unpadded>"}}`, floats with
/// a decimal point or exponent (`5.0`, `1.8446744073709552e19`), shortest digits that read back.
///
/// errors: kInvalidArgument NaN or an infinity, text that is not UTF-8, a map that would read as a link or bytes;
///         kResourceExhausted nested deeper than kMaxDepth. The path is named (context `path`)
[[nodiscard]] core::Result<std::string> encode(const Value& value);

enum class Strictness {
  kBlock,    ///< canonical only
  kRequest,  ///< any white space and key order; padded base64 accepted
};

/// Numbers without `.`, exponent and `-0` that fit −2^64…2^64−1 (requests: −2^63…, as the original) are integers, all others floats.
///
/// errors: kMalformed with line and column: bad JSON, duplicate keys, reserved `{"/": …}` neither link nor bytes, text left over,
///         numbers that overflow a double; kResourceExhausted nested deeper than kMaxDepth (links and bytes do not count)
[[nodiscard]] core::Result<Value> decode(std::string_view text,
                                         Strictness strictness = Strictness::kRequest);

}  // namespace every::ipld::dag_json
