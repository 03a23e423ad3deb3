#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "every/core/error.h"
#include "every/gateway/message.h"

namespace every::gateway {

/// Header of an error answer whose body is not `{"error":…}`: what is wrong, in one line for a person.
inline constexpr std::string_view kSummaryHeader = "Every-Error";

/// Sends one request to the owner of a home over its Unix socket and waits for the answer, however long the run takes.
///
/// errors: kUnavailable nobody listens there; kIo the connection broke; kMalformed what came back is not HTTP. thread: any, blocks
[[nodiscard]] core::Result<Response> call_owner(const std::filesystem::path& socket,
                                                const Request& request);

/// A whole HTTP/1.1 response of a connection that was closed after it. errors: kMalformed
[[nodiscard]] core::Result<Response> parse_response(std::string_view text);
/// The request as text, with `Connection: close`.
[[nodiscard]] std::string render_request(const Request& request);

}  // namespace every::gateway
