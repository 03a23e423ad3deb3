#pragma once

#include <memory>
#include <string>
#include <vector>

#include "console.h"
#include "node_choices.h"

#include "every/core/error.h"
#include "every/gateway/message.h"

namespace every::cli {

/// The node for one command: with `--node` one elsewhere; else that of a home, which is the process that owns the home, over its socket, or this
/// process as the owner for as long as the command lasts.
class NodeAccess {
 public:
  /// errors: those of find_places, load_settings and assemble; kUnavailable the owner does not answer
  [[nodiscard]] static core::Result<std::unique_ptr<NodeAccess>> open(const NodeChoices& choices,
                                                                      const Console& console);
  virtual ~NodeAccess() = default;
  /// Sends a request and waits for its answer. errors: kUnavailable, kIo; of a node elsewhere those of gateway::call_remote, and
  /// kPermissionDenied it wants another token
  [[nodiscard]] virtual core::Result<gateway::Response> send(const gateway::Request& request) = 0;
  /// Whether the node is another process, which others use, too.
  [[nodiscard]] virtual bool is_shared() const = 0;
  /// Has function files served. errors: of the first that cannot be
  [[nodiscard]] core::Status load(const std::vector<std::string>& paths);
};

/// What went wrong by an answer that is not a success: the sentence, the code and the place of the body.
[[nodiscard]] core::Error error_from(const gateway::Response& response);

}  // namespace every::cli
