#include "every/ipld/car.h"

#include <algorithm>
#include <array>
#include <string>

#include "every/ipld/dag_cbor.h"
#include "every/ipld/value.h"
#include "every/ipld/varint.h"

namespace every::ipld::car {
namespace {

using core::ErrorCode;

// The header of a version 2 file: {"version": 2} as a version 1 header would say it, without its length.
constexpr std::array<std::uint8_t, 10> kPragma{0xa1, 0x67, 0x76, 0x65, 0x72,
                                               0x73, 0x69, 0x6f, 0x6e, 0x02};
constexpr std::size_t kHeaderOfVersion2 = 40;
constexpr std::uint64_t kFirstDataOfVersion2 = 1 + kPragma.size() + kHeaderOfVersion2;
constexpr std::size_t kMostVarint = 9;
constexpr std::size_t kMostCid = 256;

std::uint64_t little_endian(core::BytesView bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
}

}  // namespace

Source source_of(core::BytesView bytes) {
  return [bytes](std::span<std::uint8_t> buffer) mutable -> core::Result<std::size_t> {
    const std::size_t count = std::min(bytes.size(), buffer.size());
    std::ranges::copy(bytes.first(count), buffer.begin());
    bytes = bytes.subspan(count);
    return count;
  };
}

class Reader::Impl {
 public:
  Impl(Source source, const ReadLimits& limits) : source_(std::move(source)), limits_(limits) {}

  core::Status open() {
    EVERY_TRY_ASSIGN(core::Bytes header, read_header());
    if (std::ranges::equal(header, kPragma)) {
      EVERY_TRY(enter_version_2());
      EVERY_TRY_ASSIGN(header, read_header());
    }
    EVERY_TRY_ASSIGN(const Value value, dag_cbor::decode(header, dag_cbor::Strictness::kRequest));
    const Map* map = value.if_map();
    const Value* version = map != nullptr ? map->find("version") : nullptr;
    const Value* roots = map != nullptr ? map->find("roots") : nullptr;
    if (version == nullptr) return malformed("the header says no version");
    if (*version != Value(1))
      return core::fail(ErrorCode::kUnsupported,
                        "this CAR is of a version that is not read here (1 and 2 are)");
    const List* list = roots != nullptr ? roots->if_list() : nullptr;
    if (list == nullptr) return malformed("the header lists no roots");
    for (const Value& root : *list) {
      const Cid* cid = root.if_link();
      if (cid == nullptr) return malformed("a root is no link");
      roots_.push_back(*cid);
    }
    return {};
  }

  core::Result<std::optional<Block>> next() {
    if (ended_) return std::nullopt;
    auto block = read_block();
    if (!block || !*block) ended_ = true;
    return block;
  }

  std::vector<Cid> roots_;

 private:
  [[nodiscard]] std::unexpected<core::Error> malformed(const std::string& what) const {
    return core::fail(ErrorCode::kMalformed,
                      "not a CAR: " + what + " (at byte " + std::to_string(position_) + ")");
  }

  /// Fills as much as there is; fewer only at the end.
  core::Result<std::size_t> read_up_to(std::span<std::uint8_t> buffer) {
    std::size_t used = 0;
    const auto left =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), end_ - position_));
    while (used < left) {
      EVERY_TRY_ASSIGN(const std::size_t got, source_(buffer.subspan(used, left - used)));
      if (got > left - used)
        return core::fail(ErrorCode::kInternal, "a reader gave more bytes than it was asked for");
      if (got == 0) break;
      used += got;
    }
    position_ += used;
    return used;
  }
  core::Status read_all(std::span<std::uint8_t> buffer) {
    EVERY_TRY_ASSIGN(const std::size_t got, read_up_to(buffer));
    if (got != buffer.size()) return malformed("it is cut off");
    return {};
  }
  /// A length; none at the end of the file.
  core::Result<std::optional<std::uint64_t>> read_length() {
    std::array<std::uint8_t, kMostVarint> bytes{};
    for (std::size_t size = 0; size < bytes.size();) {
      EVERY_TRY_ASSIGN(const std::size_t got, read_up_to(std::span(bytes).subspan(size, 1)));
      if (got == 0 && size == 0) return std::nullopt;
      if (got == 0) return malformed("it is cut off");
      if ((bytes[size++] & 0x80) != 0) continue;
      core::BytesView view(bytes.data(), size);
      const auto length = decode_varint(view);
      if (!length) return malformed("a length is no varint");
      return *length;
    }
    return malformed("a length is no varint");
  }

  /// Grows with what arrives, so that a length that lies costs nothing.
  core::Result<core::Bytes> read_bytes(std::uint64_t size) {
    constexpr std::size_t kStep = std::size_t{1} << 20;
    core::Bytes bytes;
    while (bytes.size() < size) {
      const std::size_t at = bytes.size();
      bytes.resize(at + static_cast<std::size_t>(std::min<std::uint64_t>(kStep, size - at)));
      EVERY_TRY(read_all(std::span(bytes).subspan(at)));
    }
    return bytes;
  }

  core::Result<core::Bytes> read_header() {
    EVERY_TRY_ASSIGN(const auto length, read_length());
    if (!length || *length == 0) return malformed("it has no header");
    if (*length > limits_.header_bytes)
      return core::fail(ErrorCode::kResourceExhausted,
                        "the header of this CAR has " + std::to_string(*length) +
                            " bytes; at most " + std::to_string(limits_.header_bytes) +
                            " are read");
    return read_bytes(*length);
  }

  core::Status enter_version_2() {
    std::array<std::uint8_t, kHeaderOfVersion2> header{};
    EVERY_TRY(read_all(header));
    const std::uint64_t offset = little_endian(core::BytesView(header).subspan(16));
    const std::uint64_t size = little_endian(core::BytesView(header).subspan(24));
    if (offset < kFirstDataOfVersion2 || size == 0 || size > UINT64_MAX - offset)
      return malformed("its data lies where no data can be");
    std::array<std::uint8_t, 4096> skipped{};
    while (position_ < offset) {
      const auto count =
          static_cast<std::size_t>(std::min<std::uint64_t>(skipped.size(), offset - position_));
      EVERY_TRY(read_all(std::span(skipped).first(count)));
    }
    end_ = offset + size;
    return {};
  }

  core::Result<std::optional<Block>> read_block() {
    EVERY_TRY_ASSIGN(const auto length, read_length());
    if (!length) {
      if (end_ != UINT64_MAX && position_ != end_) return malformed("it is cut off");
      return std::nullopt;
    }
    if (*length > limits_.block_bytes + kMostCid)
      return core::fail(ErrorCode::kResourceExhausted,
                        "a block of this CAR has " + std::to_string(*length) + " bytes; at most " +
                            std::to_string(limits_.block_bytes) + " are read");
    EVERY_TRY_ASSIGN(core::Bytes bytes, read_bytes(*length));
    core::BytesView view = bytes;
    auto cid = Cid::decode_prefix(view);
    if (!cid) return malformed("a block has no CID: " + cid.error().message);
    EVERY_TRY_ASSIGN(const bool matches, cid->matches(view));
    if (!matches)
      return core::fail(core::Error{
          ErrorCode::kIntegrity,
          "block " + cid->render() + " of this CAR does not hash to its CID: it was changed",
          {{"cid", cid->render()}}});
    bytes.erase(bytes.begin(), bytes.end() - static_cast<std::ptrdiff_t>(view.size()));
    return Block{std::move(*cid), std::move(bytes)};
  }

  Source source_;
  ReadLimits limits_;
  std::uint64_t position_ = 0;
  std::uint64_t end_ = UINT64_MAX;
  bool ended_ = false;
};

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

core::Result<Reader> Reader::open(Source source, const ReadLimits& limits) {
  auto impl = std::make_unique<Impl>(std::move(source), limits);
  EVERY_TRY(impl->open());
  return Reader(std::move(impl));
}

const std::vector<Cid>& Reader::roots() const {
  return impl_->roots_;
}

core::Result<std::optional<Block>> Reader::next() {
  return impl_->next();
}

core::Bytes encode_header(std::span<const Cid> roots) {
  List list;
  for (const Cid& root : roots) list.emplace_back(root);
  auto header =
      dag_cbor::encode(Value(Map{{"roots", Value(std::move(list))}, {"version", Value(1)}}));
  EVERY_CHECK(header.has_value());
  core::Bytes out;
  encode_varint(header->size(), out);
  out.insert(out.end(), header->begin(), header->end());
  return out;
}

core::Bytes encode_block_header(const Cid& cid, std::size_t block_bytes) {
  core::Bytes out;
  const core::BytesView binary = cid.encode();
  encode_varint(binary.size() + block_bytes, out);
  out.insert(out.end(), binary.begin(), binary.end());
  return out;
}

void append_block(core::Bytes& out, const Cid& cid, core::BytesView block) {
  const core::Bytes header = encode_block_header(cid, block.size());
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), block.begin(), block.end());
}

}  // namespace every::ipld::car
