#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "every/core/error.h"
#include "every/core/file.h"

namespace every::gateway {

/// A connection to a node, in plain text or under TLS. Blocks.
class Wire {
 public:
  virtual ~Wire() = default;
  /// Sends some of the text. out: how much, at least a byte; 0 when the other side takes no more (what it answered may still be read)
  [[nodiscard]] virtual core::Result<std::size_t> send(std::string_view text) = 0;
  /// out: how many bytes came; 0 at the end
  [[nodiscard]] virtual core::Result<std::size_t> receive(std::span<char> out) = 0;
};

class PlainWire final : public Wire {
 public:
  explicit PlainWire(core::UniqueFd fd) : fd_(std::move(fd)) {}
  [[nodiscard]] core::Result<std::size_t> send(std::string_view text) override;
  [[nodiscard]] core::Result<std::size_t> receive(std::span<char> out) override;

 private:
  core::UniqueFd fd_;
};

/// Sends everything, then reads up to the end of the connection. errors: kIo; kResourceExhausted more than `longest` bytes come
[[nodiscard]] core::Result<std::string> converse(Wire& wire, std::string_view request,
                                                 std::size_t longest = SIZE_MAX);

}  // namespace every::gateway
