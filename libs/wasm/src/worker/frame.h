#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/core/file.h"

/// Packets between the node and its workers: several frames in one message of a SOCK_SEQPACKET socket, large payloads beside
/// them in sealed memory files.
/// source: docs/formats/worker-protocol.md
namespace every::wasm::worker {

/// What a frame is about. Numbers are part of the protocol.
enum class FrameType : std::uint8_t {
  kWelcome = 1,  ///< node → worker, first: version, role, settings
  kHello = 2,    ///< worker → node, first: version
  kLoad = 3,     ///< node → worker: make a component ready
  kLoaded = 4,   ///< worker → node: what it offers, or why not
  kStart = 5,    ///< node → worker: run a task
  kCancel = 6,   ///< node → worker: end a task
  kLog = 7,      ///< worker → node: a line of a task
  kDone = 8,     ///< worker → node: how a task ended
  kPing = 9,     ///< node → worker
  kPong = 10,    ///< worker → node
};

/// Larger payloads travel in a memory file.
inline constexpr std::size_t kInlineLimit = std::size_t{64} << 10;
inline constexpr std::size_t kFrameHeader = 4 + 1 + 8 + 1;
inline constexpr std::size_t kMaxPacket = std::size_t{96} << 10;
inline constexpr std::size_t kMaxPacketFiles = 8;
/// No payload is larger, whatever limits say: arguments and results of 64 MiB, components of hundreds.
inline constexpr std::uint64_t kMaxPayload = std::uint64_t{1} << 32;

/// Bytes of a payload: owned, or a file mapped for reading. Shared, immutable.
class Payload {
 public:
  Payload() = default;
  explicit Payload(core::Bytes bytes);
  /// A sealed copy in memory that a file descriptor can carry. errors: kIo, kResourceExhausted
  [[nodiscard]] static core::Result<Payload> in_memory_file(core::BytesView bytes);
  /// Inline or in a memory file, by size. errors: as in_memory_file
  [[nodiscard]] static core::Result<Payload> make(core::Bytes bytes);
  /// Maps a memory file somebody else made: sealed against change and shrinking, or refused, since reading a file that shrinks kills the
  /// reader. errors: kMalformed
  [[nodiscard]] static core::Result<Payload> map(core::UniqueFd file, std::uint64_t limit);

  [[nodiscard]] core::BytesView view() const { return view_; }
  /// The file that holds it, or −1.
  [[nodiscard]] int file() const { return file_ ? file_->get() : -1; }

 private:
  std::shared_ptr<const core::Bytes> owned_;
  std::shared_ptr<const core::UniqueFd> file_;
  std::shared_ptr<const void> mapping_;
  core::BytesView view_;
};

/// One message. `id` is a task's, or numbers a request.
struct Frame {
  FrameType type = FrameType::kPing;
  std::uint64_t id = 0;
  Payload payload;
};

/// The bytes of a packet and the files that go with it.
struct Packet {
  core::Bytes bytes;
  std::vector<int> files;  ///< borrowed from `keep`
  std::vector<Payload> keep;
  [[nodiscard]] bool empty() const { return bytes.empty(); }
};

enum class Fits { kYes, kNo };
/// Puts a frame behind those already in a packet; kNo (and no change): it does not fit any more. Any frame fits an empty packet.
[[nodiscard]] Fits append(Packet& packet, const Frame& frame);
/// The frames of a received packet, in order; its inverse.
///
/// in: files   as they came; those that no frame names are closed
/// errors: kMalformed a header that makes no sense, a file that is missing or not sealed, bytes left over
[[nodiscard]] core::Result<std::vector<Frame>> decode_packet(core::BytesView bytes,
                                                             std::vector<core::UniqueFd> files);

/// A socket that carries packets.
class Channel {
 public:
  explicit Channel(core::UniqueFd socket) : socket_(std::move(socket)) {}
  /// Two connected ends, close-on-exec. errors: kIo
  [[nodiscard]] static core::Result<std::pair<core::UniqueFd, core::UniqueFd>> make_pair();

  enum class Wait { kNo, kYes };
  enum class Sent { kYes, kFull };
  /// Sends one packet whole. errors: kUnavailable the other end is gone; kIo
  [[nodiscard]] core::Result<Sent> send(const Packet& packet, Wait wait) const;
  enum class State { kPacket, kNothing, kClosed };
  /// Receives one packet's frames, appended to `frames`.
  /// errors: as decode_packet; kIo
  [[nodiscard]] core::Result<State> receive(std::vector<Frame>& frames, Wait wait);
  /// Nothing more comes or goes; a blocked receive of either end ends.
  void shut_down() const;
  [[nodiscard]] int fd() const { return socket_.get(); }
  void close() { socket_.reset(); }

 private:
  core::UniqueFd socket_;
  core::Bytes buffer_;
};

}  // namespace every::wasm::worker
