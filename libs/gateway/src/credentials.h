#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "every/gateway/message.h"

namespace every::gateway {

/// The token a request shows: `Authorization: Bearer TOKEN`, or, for a WebSocket, whose clients in browsers can send no header, `?access_token=`.
/// Empty when there is none. source: RFC 6750, sections 2.1 and 2.3
[[nodiscard]] std::string shown_token(std::string_view authorization,
                                      std::string_view upgrade_target);

/// The answer to a request without a token, or with a wrong one: 401, and how to do better.
[[nodiscard]] Response token_wanted(const Request& request);

}  // namespace every::gateway
