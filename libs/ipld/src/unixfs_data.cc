#include "every/ipld/unixfs_data.h"

#include <utility>

#include "protobuf.h"

namespace every::ipld::unixfs {
namespace {

using protobuf::Wire;

constexpr std::uint64_t kType = 1;
constexpr std::uint64_t kContent = 2;
constexpr std::uint64_t kFileSize = 3;
constexpr std::uint64_t kBlockSizes = 4;
constexpr std::uint64_t kHashType = 5;
constexpr std::uint64_t kFanout = 6;

constexpr std::uint64_t kLastType = std::to_underlying(Type::kHamtShard);

core::Status read_block_sizes(const protobuf::Reader& reader, const protobuf::Field& field,
                              std::vector<std::uint64_t>& out) {
  if (field.wire == Wire::kVarint) {
    out.push_back(field.value);
    return {};
  }
  if (field.wire != Wire::kBytes) return reader.fail(field.at, "block sizes that are not numbers");
  protobuf::Reader packed("unixfs", field.bytes, reader.offset_of(field.bytes));
  while (!packed.done()) {
    EVERY_TRY_ASSIGN(const std::uint64_t size, packed.varint());
    out.push_back(size);
  }
  return {};
}

}  // namespace

std::string_view describe(Type type) {
  switch (type) {
    case Type::kRaw:
      return "a raw leaf";
    case Type::kDirectory:
      return "a directory";
    case Type::kFile:
      return "a file";
    case Type::kMetadata:
      return "metadata";
    case Type::kSymlink:
      return "a symbolic link";
    case Type::kHamtShard:
      return "a HAMT directory";
  }
  EVERY_CHECK(false);
  std::unreachable();
}

core::Bytes encode_data(const Data& data) {
  core::Bytes out;
  out.reserve(data.content.size() + data.block_sizes.size() * 11 + 32);
  protobuf::write_number(kType, std::to_underlying(data.type), out);
  if (!data.content.empty()) protobuf::write_bytes(kContent, data.content, out);
  if (data.file_size) protobuf::write_number(kFileSize, *data.file_size, out);
  for (const std::uint64_t size : data.block_sizes) protobuf::write_number(kBlockSizes, size, out);
  if (data.hash_type) protobuf::write_number(kHashType, *data.hash_type, out);
  if (data.fanout) protobuf::write_number(kFanout, *data.fanout, out);
  return out;
}

core::Result<Data> decode_data(core::BytesView bytes) {
  protobuf::Reader reader("unixfs", bytes, 0);
  Data data;
  std::optional<Type> type;
  std::optional<core::BytesView> content;
  while (!reader.done()) {
    EVERY_TRY_ASSIGN(const protobuf::Field field, reader.next());
    switch (field.number) {
      case kType:
        if (field.wire != Wire::kVarint || type)
          return reader.fail(field.at, "the type is not one number");
        if (field.value > kLastType) {
          return reader.fail(field.at, "type " + std::to_string(field.value) + " is not known");
        }
        type = Type{static_cast<std::uint8_t>(field.value)};
        break;
      case kContent:
        if (field.wire != Wire::kBytes || content)
          return reader.fail(field.at, "the content is not one string");
        content = field.bytes;
        break;
      case kFileSize:
        if (field.wire != Wire::kVarint || data.file_size) {
          return reader.fail(field.at, "the file size is not one number");
        }
        data.file_size = field.value;
        break;
      case kBlockSizes:
        EVERY_TRY(read_block_sizes(reader, field, data.block_sizes));
        break;
      case kHashType:
      case kFanout: {
        auto& number = field.number == kHashType ? data.hash_type : data.fanout;
        if (field.wire != Wire::kVarint || number)
          return reader.fail(field.at, "the hash type or fanout is not one number");
        number = field.value;
        break;
      }
      default:
        break;  // mode, mtime and what may come: nothing a file's bytes depend on
    }
  }
  if (!type) return reader.fail(0, "no type");
  data.type = *type;
  if (content) data.content = core::to_bytes(*content);
  return data;
}

}  // namespace every::ipld::unixfs
