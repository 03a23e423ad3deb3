#pragma once

#include <expected>

#include "exchange.h"

#include "every/gateway/message.h"
#include "every/ipld/value.h"

namespace every::gateway {

/// The value a request's body holds, JSON (`application/json`, `application/*+json`) or DAG-CBOR (`application/cbor`,
/// `application/vnd.ipld.dag-cbor`); or the answer that says why there is none: 400, for another content type and for text that is not JSON in the
/// original's words.
[[nodiscard]] std::expected<ipld::Value, Response> read_body(const Request& request);

}  // namespace every::gateway
