#include "worker/frame.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "worker/wire.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace every::wasm::worker {

using core::ErrorCode;

namespace {

constexpr std::uint8_t kInline = 0;
constexpr std::uint8_t kInFile = 1;
constexpr std::size_t kFilePayload = 8;  // its size
constexpr int kNeededSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

core::Error malformed(std::string what) {
  return {ErrorCode::kMalformed, "worker protocol: " + std::move(what), {}};
}
core::Error socket_error(const char* what) {
  return {errno == EPIPE || errno == ECONNRESET ? ErrorCode::kUnavailable : ErrorCode::kIo,
          std::string("worker protocol: cannot ") + what + ": " + std::strerror(errno),
          {}};
}

}  // namespace

Payload::Payload(core::Bytes bytes)
    : owned_(std::make_shared<const core::Bytes>(std::move(bytes))), view_(*owned_) {}

core::Result<Payload> Payload::in_memory_file(core::BytesView bytes) {
  core::UniqueFd file(memfd_create("every-value", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.valid())
    return core::fail(core::system_error("cannot make a memory file", "memfd", errno));
  EVERY_TRY(core::write_all(file.get(), bytes, "memfd"));
  if (fcntl(file.get(), F_ADD_SEALS, kNeededSeals | F_SEAL_SEAL) != 0) {
    return core::fail(core::system_error("cannot seal a memory file", "memfd", errno));
  }
  return map(std::move(file), kMaxPayload);
}

core::Result<Payload> Payload::make(core::Bytes bytes) {
  if (bytes.size() <= kInlineLimit) return Payload(std::move(bytes));
  return in_memory_file(bytes);
}

core::Result<Payload> Payload::map(core::UniqueFd file, std::uint64_t limit) {
  const int seals = fcntl(file.get(), F_GET_SEALS);
  if (seals < 0 || (seals & kNeededSeals) != kNeededSeals)
    return core::fail(malformed("a payload's file is not sealed"));
  struct stat status{};
  if (fstat(file.get(), &status) != 0)
    return core::fail(malformed("a payload's file cannot be looked at"));
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > limit) {
    return core::fail(malformed("a payload has " + std::to_string(size) + " bytes, more than " +
                                std::to_string(limit)));
  }
  Payload payload;
  if (size > 0) {
    void* at = mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
    if (at == MAP_FAILED)
      return core::fail(core::system_error("cannot map a payload", "memfd", errno));
    payload.mapping_ = std::shared_ptr<const void>(
        at, [size](const void* mapped) { munmap(const_cast<void*>(mapped), size); });
    payload.view_ = {static_cast<const std::uint8_t*>(at), size};
  }
  payload.file_ = std::make_shared<const core::UniqueFd>(std::move(file));
  return payload;
}

Fits append(Packet& packet, const Frame& frame) {
  const bool in_file = frame.payload.file() >= 0;
  EVERY_CHECK(in_file || frame.payload.view().size() <= kInlineLimit);
  const std::size_t size = in_file ? kFilePayload : frame.payload.view().size();
  if (!packet.empty() && (packet.bytes.size() + kFrameHeader + size > kMaxPacket ||
                          (in_file && packet.files.size() == kMaxPacketFiles))) {
    return Fits::kNo;
  }
  ByteWriter out;
  out.u32(static_cast<std::uint32_t>(size));
  out.u8(static_cast<std::uint8_t>(frame.type));
  out.u64(frame.id);
  out.u8(in_file ? kInFile : kInline);
  if (in_file) {
    out.u64(frame.payload.view().size());
    packet.files.push_back(frame.payload.file());
    packet.keep.push_back(frame.payload);
  } else {
    out.raw(frame.payload.view());
  }
  const auto bytes = out.take();
  packet.bytes.insert(packet.bytes.end(), bytes.begin(), bytes.end());
  return Fits::kYes;
}

core::Result<std::vector<Frame>> decode_packet(core::BytesView bytes,
                                               std::vector<core::UniqueFd> files) {
  std::vector<Frame> frames;
  std::size_t next_file = 0;
  ByteReader in(bytes);
  while (in.left() > 0) {
    const auto size = in.u32();
    const auto type = in.u8();
    const auto id = in.u64();
    const auto place = in.u8();
    const auto content = in.raw(size);
    if (in.failed()) return core::fail(malformed("a frame is truncated"));
    if (type < static_cast<std::uint8_t>(FrameType::kWelcome) ||
        type > static_cast<std::uint8_t>(FrameType::kPong)) {
      return core::fail(malformed("a frame has the unknown type " + std::to_string(type)));
    }
    Frame frame{static_cast<FrameType>(type), id, {}};
    if (place == kInline) {
      frame.payload = Payload(core::to_bytes(content));
    } else if (place == kInFile) {
      ByteReader announced(content);
      const auto announced_size = announced.u64();
      EVERY_TRY(announced.finish("a payload's size"));
      if (next_file == files.size()) return core::fail(malformed("a payload's file is missing"));
      EVERY_TRY_ASSIGN(frame.payload, Payload::map(std::move(files[next_file++]), kMaxPayload));
      if (frame.payload.view().size() != announced_size)
        return core::fail(malformed("a payload has not the size announced"));
    } else {
      return core::fail(malformed("a frame's payload is nowhere"));
    }
    frames.push_back(std::move(frame));
  }
  return frames;
}

core::Result<std::pair<core::UniqueFd, core::UniqueFd>> Channel::make_pair() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return core::fail(core::system_error("cannot make a socket pair", "worker", errno));
  }
  return std::pair(core::UniqueFd(ends[0]), core::UniqueFd(ends[1]));
}

core::Result<Channel::Sent> Channel::send(const Packet& packet, Wait wait) const {
  iovec part{const_cast<std::uint8_t*>(packet.bytes.data()), packet.bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxPacketFiles)> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!packet.files.empty()) {
    const auto size = sizeof(int) * packet.files.size();
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(size);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(header), packet.files.data(), size);
  }
  for (;;) {
    const auto sent =
        sendmsg(socket_.get(), &message, MSG_NOSIGNAL | (wait == Wait::kNo ? MSG_DONTWAIT : 0));
    if (sent >= 0) return Sent::kYes;
    if (errno == EINTR) continue;
    // Too many files under way; there is room again when the other end has read, and nothing tells when that is.
    if (wait == Wait::kYes && (errno == ETOOMANYREFS || errno == ENOBUFS)) {
      poll(nullptr, 0, 1);
      continue;
    }
    if (wait == Wait::kNo &&
        (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ETOOMANYREFS))
      return Sent::kFull;
    return core::fail(socket_error("send"));
  }
}

core::Result<Channel::State> Channel::receive(std::vector<Frame>& frames, Wait wait) {
  buffer_.resize(kMaxPacket + kFrameHeader);
  iovec part{buffer_.data(), buffer_.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxPacketFiles)> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t got = 0;
  do {
    got =
        recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC | (wait == Wait::kNo ? MSG_DONTWAIT : 0));
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return State::kNothing;
    if (errno == ECONNRESET) return State::kClosed;
    return core::fail(socket_error("receive"));
  }
  std::vector<core::UniqueFd> files;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const auto count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      files.emplace_back(fd);
    }
  }
  if (got == 0) return State::kClosed;
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    return core::fail(malformed("a packet is too large or carries too many files"));
  EVERY_TRY_ASSIGN(auto decoded, decode_packet({buffer_.data(), static_cast<std::size_t>(got)},
                                               std::move(files)));
  for (auto& frame : decoded) frames.push_back(std::move(frame));
  return State::kPacket;
}

void Channel::shut_down() const {
  shutdown(socket_.get(), SHUT_RDWR);
}

}  // namespace every::wasm::worker
