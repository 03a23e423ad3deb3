#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "every/core/log.h"
#include "every/gateway/message.h"
#include "every/gateway/request_handler.h"
#include "every/runtime/node.h"

namespace every::gateway {

/// Whether each task gets a fresh nonce, so that nothing is known already (`--debug`).
enum class Nonces : std::uint8_t { kNone, kRandom };

/// Who may stop the node by a request.
enum class StopBy : std::uint8_t {
  kOwner,   ///< its user, over the home's socket
  kAnybody  ///< whoever reaches the port, as at the original's RPC port
};

struct ServiceOptions {
  Nonces nonces = Nonces::kNone;
  std::vector<std::string>
      hosts;  ///< names accepted in `Host` beside the loopback ones, without a port
  std::vector<std::string>
      origins;  ///< origins accepted beside loopback ones (`https://example.org`, without a slash); `*`: all
  std::size_t threads = 0;   ///< for parsing and rendering; 0: one a core
  std::string peer_id = {};  ///< what `/-/node` says
  /// Called when a request stops the node, after its answer was given; must not block. Empty: it cannot be stopped so.
  std::function<void()> on_stop = {};
  StopBy stop_by = StopBy::kOwner;
};

/// The routes: requests in, responses out, over a node. Knows no socket. thread: any.
///
/// A request that goes away does not cancel its run. source: docs/formats/http.md
class Service final : public RequestHandler {
 public:
  /// `node` and `logger` outlive it.
  Service(ServiceOptions options, runtime::Node& node, const core::Logger& logger);
  ~Service() override;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Takes a request and returns at once; parsing, planning and rendering happen on threads of the service, but for small requests to run something, which are
  /// done here as far as nothing blocks.
  /// out: `respond` is called exactly once, whatever happens; after stop() with 503
  void handle(Request request, Respond respond) override;
  /// As handle, and waits. Not from a thread of the node or the service.
  /// A body that comes in pieces is waited for whole.
  [[nodiscard]] Response handle_and_wait(Request request);
  /// Answers what is still open with 503 and takes nothing new. Call it after the node has stopped.
  void stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace every::gateway
