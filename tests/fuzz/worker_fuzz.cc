#include "fuzz.h"
#include "worker/frame.h"
#include "worker/messages.h"

using namespace every;
using fuzz::require;

namespace {

using namespace wasm::worker;

/// What is decoded is written as bytes that decode to what is written the same.
template <typename Decode, typename Encode>
void round_trip(core::BytesView input, Decode decode, Encode encode) {
  const auto message = decode(input);
  if (!message) return;
  const core::Bytes bytes = encode(*message);
  const auto again = decode(core::BytesView(bytes));
  require(again.has_value(), "what is written can be read");
  require(encode(*again) == bytes, "and is written the same");
}

core::Bytes written(core::Bytes bytes) {
  return bytes;
}
core::Bytes written(core::Result<core::Bytes> bytes) {
  require(bytes.has_value(), "what is read can be written");
  return std::move(*bytes);
}

constexpr auto kEncode = [](const auto& message) { return written(encode(message)); };

/// A packet and, when it is asked for, one memory file that came with it.
void try_packet(core::BytesView input) {
  std::vector<core::UniqueFd> files;
  if (fuzz::take_byte(input) == 'f') {
    const auto file = Payload::in_memory_file(core::as_bytes("file"));
    require(file.has_value(), "a memory file can be made");
    files.emplace_back(dup(file->file()));
  }
  const auto frames = decode_packet(input, std::move(files));
  if (!frames) return;
  Packet packet;
  for (const Frame& frame : *frames) {
    if (frame.payload.file() < 0 && frame.payload.view().size() > kInlineLimit) return;
    if (append(packet, frame) == Fits::kNo) return;
  }
  require(std::ranges::equal(packet.bytes, input), "a packet is written as it was read");
}

}  // namespace

/// Any bytes as what the other end of the pipe sent; the first one says which message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  core::BytesView input(data, size);
  switch (fuzz::take_byte(input) % 9) {
    case 0:
      try_packet(input);
      break;
    case 1:
      round_trip(input, decode_welcome, kEncode);
      break;
    case 2:
      if (decode_hello(input))
        require(std::ranges::equal(encode_hello(), input), "there is one hello");
      break;
    case 3:
      round_trip(input, decode_load, kEncode);
      break;
    case 4:
      round_trip(input, decode_loaded, [](const auto& loaded) { return encode_loaded(loaded); });
      break;
    case 5:
      round_trip(input, decode_start, kEncode);
      break;
    case 6:
      round_trip(input, decode_log, kEncode);
      break;
    case 7:
      round_trip(input, decode_done, kEncode);
      break;
    default:
      round_trip(input, decode_info, [](const auto& info) { return encode(*info); });
  }
  return 0;
}
