#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "console.h"
#include "node_access.h"
#include "node_choices.h"

#include "every/core/error.h"
#include "every/gateway/message.h"

namespace every::cli {

/// Sends one request to the node of a home, after having the functions of `choices` served there; again while an owner is just ending.
/// out: the answer, whatever its status. errors: those of NodeAccess::open and load; kUnavailable, kIo
[[nodiscard]] core::Result<gateway::Response> ask(const NodeChoices& choices,
                                                  const gateway::Request& request,
                                                  const Console& console);

/// Several requests to one node, as ask: `talk` sends them and gives the answer that counts. It may be called again.
[[nodiscard]] core::Result<gateway::Response> converse(
    const NodeChoices& choices, const Console& console,
    const std::function<core::Result<gateway::Response>(NodeAccess&)>& talk);

[[nodiscard]] gateway::Request get(std::string target);
[[nodiscard]] gateway::Request json_post(std::string target, std::string body);
/// A text as one part of an address.
[[nodiscard]] std::string url_encode(std::string_view text);

/// Writes to standard output.
void print(std::string_view bytes);
/// The body as the gateway gives it; a newline after what is text.
void print_body(const gateway::Response& response);

}  // namespace every::cli
