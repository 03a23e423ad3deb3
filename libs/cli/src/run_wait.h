#pragma once

#include "console.h"
#include "node_access.h"
#include "node_choices.h"
#include "verb.h"

#include "every/core/error.h"
#include "every/gateway/message.h"

namespace every::cli {

/// Part of a request's address: a run that is paused is answered, so that its client can be told.
inline constexpr const char* kTellPause = "&onPause=answer";

/// Sends what runs a workflow (with kTellPause) and waits for its end, however long it takes. When the run is paused meanwhile the person is told,
/// and how it goes on.
/// out: the run's answer: as text its body, as JSON the run. errors: those of NodeAccess::send; kIo the node ended while the run was paused
[[nodiscard]] core::Result<gateway::Response> send_and_wait(NodeAccess& node,
                                                            const gateway::Request& request,
                                                            Output output, const Console& console);
/// Waits for the end of a run that a node has. out, errors: as send_and_wait
[[nodiscard]] core::Result<gateway::Response> wait_for_end(NodeAccess& node, const std::string& run,
                                                           Output output);
/// A run that goes on without us (--detach) needs somebody to go on in: a node, not another command that is about to end. errors: kUnavailable
[[nodiscard]] core::Status need_node(const NodeChoices& node);
/// Prints a run that was handed over: its id, or as JSON all of it; of one that is paused it tells how it goes on.
void print_accepted(const gateway::Response& response, Output output, const Console& console);

}  // namespace every::cli
