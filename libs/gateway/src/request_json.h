#pragma once

#include <expected>

#include "exchange.h"

#include "every/gateway/message.h"
#include "every/ipld/value.h"

namespace every::gateway {

/// The JSON body of a request, or the answer that says why there is none: 400 in the original's words for another content type and for text that
/// does not parse.
[[nodiscard]] std::expected<ipld::Value, Response> read_json_body(const Request& request);

}  // namespace every::gateway
