#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace every::gateway {

/// A body that comes in pieces, as they happen. Pulled, so that a slow reader is never written more than it takes. Dropping it ends it.
/// thread: one call of next() at a time
class BodyStream {
 public:
  /// A piece, never empty; none at the end.
  using Got = std::move_only_function<void(std::optional<std::string>)>;

  virtual ~BodyStream() = default;
  /// Asks for the next piece. out: `got` is called once, now or later, on any thread; not at all when the stream is dropped before
  virtual void next(Got got) = 0;
  /// The bytes of all pieces together, where that is known before. thread: any
  [[nodiscard]] virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
  /// Whether it ended before its end: the connection is then broken off, so that nobody takes what came for all there is. Asked after the last piece.
  [[nodiscard]] virtual bool is_cut_off() const { return false; }
  /// What may be sent while nothing happens, so that a connection that is gone is found out. Empty: nothing may.
  [[nodiscard]] virtual std::string_view heartbeat() const { return {}; }
};

}  // namespace every::gateway
