#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "every/gateway/message.h"
#include "every/ipld/value.h"
#include "every/runtime/run.h"
#include "every/wit/type.h"

namespace every::gateway {

/// A value as the body of an answer.
struct Body {
  std::string content_type;
  std::string_view
      js_type;  ///< the JavaScript class the original's clients expect: `Number`, `Uint8Array`, …
  std::string bytes;
};

/// Text and numbers as `text/plain` (numbers as JavaScript prints them, integers in full), bytes by their first bytes, all else JSON.
/// source: docs/formats/http.md
[[nodiscard]] Body render_body(const ipld::Value& value);

/// What a function of type `result` returned.
struct ResultParts {
  enum class Branch : std::uint8_t { kOk, kErr } branch = Branch::kOk;
  ipld::Value value;  ///< null where the branch has no payload
};
/// Takes the pair of a `result` apart; none when the type is not a result, or not known.
[[nodiscard]] std::optional<ResultParts> split_result(const ipld::Value& value,
                                                      const wit::Type* type);

/// One entry of the list that `?allResults` answers with.
/// `{"out":8.3,"type":"Number","headers":{"Content-Type":"text/plain; charset=utf-8"},"replayed":false}`; a list or map is a JSON text in `out`,
/// bytes are an object by index. A task without an output has a null `out` and says its `state`.
void append_all_results_entry(std::string& out, const runtime::TaskAnswer& task);

}  // namespace every::gateway
