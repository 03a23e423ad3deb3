#include "every/ipld/car.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "every/ipld/varint.h"

namespace every::ipld::car {
namespace {

using core::ErrorCode;

Cid raw(std::string_view text) {
  return Cid::of(Codec::kRaw, HashCode::kSha2_256, core::as_bytes(text));
}

core::Bytes car_of(std::initializer_list<std::string_view> texts) {
  std::vector<Cid> roots;
  if (texts.size() > 0) roots.push_back(raw(*texts.begin()));
  core::Bytes out = encode_header(roots);
  for (const std::string_view text : texts) append_block(out, raw(text), core::as_bytes(text));
  return out;
}

struct Read {
  std::vector<Cid> roots;
  std::vector<std::string> blocks;
  std::optional<core::Error> error;
};
Read read_all(core::BytesView bytes, const ReadLimits& limits = {}) {
  Read out;
  auto reader = Reader::open(source_of(bytes), limits);
  if (!reader) {
    out.error = reader.error();
    return out;
  }
  out.roots = reader->roots();
  for (;;) {
    auto block = reader->next();
    if (!block) {
      out.error = block.error();
      return out;
    }
    if (!*block) return out;
    out.blocks.emplace_back(core::as_text((*block)->bytes));
  }
}

core::Bytes version_2(core::BytesView data, std::size_t padding = 0) {
  core::Bytes out{0x0a, 0xa1, 0x67, 'v', 'e', 'r', 's', 'i', 'o', 'n', 0x02};
  out.resize(out.size() + 16);
  const auto number = [&out](std::uint64_t value) {
    for (int i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  number(51 + padding);
  number(data.size());
  number(0);
  out.resize(out.size() + padding);
  out.insert(out.end(), data.begin(), data.end());
  return out;
}

TEST(CarTest, ReadsBackWhatIsWritten) {
  const Read read = read_all(car_of({"hello", "", "world"}));
  EXPECT_FALSE(read.error);
  EXPECT_THAT(read.roots, testing::ElementsAre(raw("hello")));
  EXPECT_THAT(read.blocks, testing::ElementsAre("hello", "", "world"));
}

TEST(CarTest, WritesTheBytesOfTheSpecification) {
  const core::Bytes header = encode_header(std::vector<Cid>{raw("hello")});
  // length, then {"roots": [link], "version": 1}
  EXPECT_EQ(header[0], header.size() - 1);
  EXPECT_EQ(core::as_text(header).substr(1, 10), "\xa2\x65roots\x81\xd8\x2a");
  EXPECT_EQ(core::as_text(header).substr(header.size() - 9), "\x67version\x01");
  core::Bytes section;
  append_block(section, raw("hello"), core::as_bytes("hello"));
  EXPECT_EQ(section[0], 36 + 5);
}

TEST(CarTest, ReadsVersion2AsTheVersion1InIt) {
  core::Bytes file = version_2(car_of({"a", "b"}), 100);
  file.push_back(0xff);  // an index, which is not looked at
  const Read read = read_all(file);
  EXPECT_FALSE(read.error) << read.error->message;
  EXPECT_THAT(read.blocks, testing::ElementsAre("a", "b"));
}

TEST(CarTest, RefusesVersion2InsideVersion2) {
  EXPECT_EQ(read_all(version_2(version_2(car_of({"a"})))).error->code, ErrorCode::kUnsupported);
}

TEST(CarTest, RefusesVersion2WhoseDataLiesInItsHeader) {
  core::Bytes file = version_2(car_of({"a"}));
  file[27] = 10;
  EXPECT_EQ(read_all(file).error->code, ErrorCode::kMalformed);
}

TEST(CarTest, RefusesVersion2WithLessDataThanItSays) {
  core::Bytes file = version_2(car_of({"a"}));
  file[35] = static_cast<std::uint8_t>(file[35] + 7);
  EXPECT_EQ(read_all(file).error->code, ErrorCode::kMalformed);
}

TEST(CarTest, RefusesAChangedBlock) {
  core::Bytes file = car_of({"hello", "world"});
  file.back() ^= 1;
  const Read read = read_all(file);
  ASSERT_TRUE(read.error);
  EXPECT_EQ(read.error->code, ErrorCode::kIntegrity);
  EXPECT_EQ(read.error->find("cid"), raw("world").render());
  EXPECT_THAT(read.blocks, testing::ElementsAre("hello"));
}

TEST(CarTest, EndsAfterAnError) {
  core::Bytes file = car_of({"hello"});
  file.back() ^= 1;
  auto reader = Reader::open(source_of(file));
  ASSERT_TRUE(reader);
  EXPECT_FALSE(reader->next());
  const auto after = reader->next();
  ASSERT_TRUE(after);
  EXPECT_FALSE(*after);
}

TEST(CarTest, RefusesEveryCut) {
  const core::Bytes whole = car_of({"hello"});
  const std::size_t header = encode_header(std::vector<Cid>{raw("hello")}).size();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Read read = read_all(core::BytesView(whole).first(size));
    if (size == header) {
      EXPECT_FALSE(read.error);
    } else {
      ASSERT_TRUE(read.error) << size;
      EXPECT_EQ(read.error->code, ErrorCode::kMalformed) << size;
    }
  }
}

TEST(CarTest, RefusesOtherVersionsByName) {
  core::Bytes header = encode_header({});
  header.back() = 3;
  EXPECT_EQ(read_all(header).error->code, ErrorCode::kUnsupported);
}

TEST(CarTest, RefusesAHashItDoesNotKnow) {
  core::Bytes cid{0x01, 0x55, 0x1e, 0x20};  // blake3
  cid.resize(36, 7);
  core::Bytes file = encode_header({});
  append_block(file, Cid::decode(cid).value(), core::as_bytes("x"));
  EXPECT_EQ(read_all(file).error->code, ErrorCode::kUnsupported);
}

TEST(CarTest, RefusesALengthBeyondTheLimitWithoutReadingIt) {
  core::Bytes file = encode_header({});
  encode_varint(std::uint64_t{1} << 50, file);
  EXPECT_EQ(read_all(file).error->code, ErrorCode::kResourceExhausted);
  core::Bytes header;
  encode_varint(std::uint64_t{1} << 50, header);
  EXPECT_EQ(read_all(header).error->code, ErrorCode::kResourceExhausted);
}

TEST(CarTest, RefusesASectionWithoutACid) {
  core::Bytes file = encode_header({});
  file.push_back(0);
  EXPECT_EQ(read_all(file).error->code, ErrorCode::kMalformed);
}

TEST(CarTest, ReadsFromASourceThatGivesByteByByte) {
  const core::Bytes file = car_of({"hello", "world"});
  std::size_t at = 0;
  auto reader = Reader::open([&](std::span<std::uint8_t> buffer) -> core::Result<std::size_t> {
    if (at == file.size()) return 0;
    buffer[0] = file[at++];
    return 1;
  });
  ASSERT_TRUE(reader);
  EXPECT_EQ(core::as_text((*reader->next())->bytes), "hello");
  EXPECT_EQ(core::as_text((*reader->next())->bytes), "world");
  EXPECT_FALSE(*reader->next());
}

TEST(CarTest, HandsOnTheErrorOfItsSource) {
  auto reader = Reader::open([](std::span<std::uint8_t>) -> core::Result<std::size_t> {
    return core::fail(ErrorCode::kIo, "the disk is gone");
  });
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace every::ipld::car
