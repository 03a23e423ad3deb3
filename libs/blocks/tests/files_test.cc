#include <algorithm>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "every/blocks/blocks.h"
#include "every/ipld/dag_cbor.h"
#include "every/ipld/unixfs.h"
#include "every/sql/testing/temp_dir.h"

namespace every::blocks {
namespace {

using core::ErrorCode;
using ipld::Cid;

std::uint8_t byte_at(std::uint64_t i) {
  return static_cast<std::uint8_t>(i * 31 + (i >> 8) * 17 + 7);
}

core::Bytes content_of(std::size_t size) {
  core::Bytes content(size);
  for (std::size_t i = 0; i < size; ++i) content[i] = byte_at(i);
  return content;
}

/// Gives the content in pieces of a size that fits nothing.
auto reader_of(std::uint64_t size, std::size_t piece = 10'007) {
  return [size, piece, at = std::uint64_t{0}](
             std::span<std::uint8_t> buffer) mutable -> core::Result<std::size_t> {
    const std::size_t count = std::min({static_cast<std::size_t>(size - at), buffer.size(), piece});
    for (std::size_t i = 0; i < count; ++i) buffer[i] = byte_at(at + i);
    at += count;
    return count;
  };
}

/// What `ipfs add --cid-version=1` of Kubo 0.44 says of files of these sizes.
struct Known {
  std::size_t size;
  const char* cid;
};
class KuboFilesTest : public ::testing::TestWithParam<Known> {};
INSTANTIATE_TEST_SUITE_P(
    Sizes, KuboFilesTest,
    ::testing::Values(Known{0, "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"},
                      Known{1, "bafkreigkgwdvr5wspzwpiutssn4xpj2i7wedshnwphhnu7ohx4pqaxxipe"},
                      Known{5, "bafkreifh73lzsavxsqdqrd44yzme65ig7awyxzb5yqm76wvrs2o73usf6u"},
                      Known{1000, "bafkreiafputrfu3n7brizjf6542ornms7tacz5i7kqdthtdwcboteut33i"},
                      Known{262143, "bafkreiep6b3rlxu7q5kwjfys4bmzpbtdb6gyyzdunhmuugu6ks75k2ebgq"},
                      Known{262144, "bafkreihiqgbhp6we2pz3invj7ygre4z2rssluou3fntm4bkdbj6y5hnvji"},
                      Known{262145, "bafybeiafwip4gt7al6c3d4k4rza54zx7mabjswedfkwel3ythevg4mdz7q"},
                      Known{524288, "bafybeifmig5fedutyvwkbx7u2cdctoryzuyu4sbeks3sm3gor5ughzn44u"},
                      Known{1048576, "bafybeihi4z2pxysdt3vjb5vdhbfufiqne7bs3ti3kd5qrvh5mwzxxhv5ge"},
                      Known{45613056,
                            "bafybeiau4cudcdyyb4kduvw7wmhwov4iprhxfi6rzzgd2tlli2ylyem7ru"}),
    [](const auto& row) { return "Bytes" + std::to_string(row.param.size); });

TEST_P(KuboFilesTest, HaveKubosCidWhereverTheyComeFromAndReadBack) {
  const core::Bytes content = content_of(GetParam().size);
  const auto store = make_memory_blocks();
  EXPECT_EQ(cid_of_file(content).value().render(), GetParam().cid);
  EXPECT_EQ(add_file(*store, content).value().render(), GetParam().cid);
  const auto streamed = make_memory_blocks();
  EXPECT_EQ(add_stream(*streamed, reader_of(GetParam().size)).value().render(), GetParam().cid);
  const Cid cid = Cid::parse(GetParam().cid).value();
  EXPECT_TRUE(read_content(*store, cid, content.size()).value() == content);
  EXPECT_TRUE(read_content(*streamed, cid, content.size()).value() == content);
}

TEST(FilesTest, NamingAFileKeepsNothing) {
  const auto store = make_memory_blocks();
  const Cid cid = cid_of_file(content_of(10)).value();
  EXPECT_FALSE(store->has(cid).value());
}

TEST(FilesTest, AReadersFailureIsHandedOn) {
  const auto store = make_memory_blocks();
  const auto added = add_stream(*store, [](std::span<std::uint8_t>) -> core::Result<std::size_t> {
    return core::fail(ErrorCode::kTimeout, "too slow");
  });
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::kTimeout);
}

TEST(FilesTest, ContentOverTheLimitIsRefused) {
  const auto store = make_memory_blocks();
  for (const std::size_t size : {std::size_t{100}, std::size_t{1'000'000}}) {
    const Cid cid = add_file(*store, content_of(size)).value();
    const auto refused = read_content(*store, cid, size - 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
    EXPECT_TRUE(read_content(*store, cid, size));
  }
}

TEST(FilesTest, AMissingRootIsNotFoundAndNamed) {
  const auto store = make_memory_blocks();
  const Cid cid = cid_of_file(content_of(10)).value();
  const auto missing = read_content(*store, cid, 100);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_NE(missing.error().message.find(cid.render()), std::string::npos);
}

TEST(FilesTest, AMissingPartIsNotFoundAndNamed) {
  const core::Bytes content = content_of(600'000);
  const Cid part = Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256,
                           core::BytesView(content).subspan(262'144, 262'144));
  const auto store = make_memory_blocks();
  const auto imported = ipld::unixfs::import_bytes(
      content, [&](const Cid& cid, core::BytesView bytes) -> core::Status {
        if (cid == part) return {};
        const Block block{cid, core::to_bytes(bytes)};
        return store->put({&block, 1});
      });
  const auto missing = read_content(*store, imported.value().root, content.size());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_NE(missing.error().message.find(part.render()), std::string::npos);
}

TEST(FilesTest, WhatIsNoFileIsUnsupported) {
  const auto store = make_memory_blocks();
  const core::Bytes bytes = ipld::dag_cbor::encode(ipld::Value("not a file")).value();
  const Block block{Cid::of_dag_cbor(bytes), bytes};
  ASSERT_TRUE(store->put({&block, 1}));
  const auto refused = read_content(*store, block.cid, 100);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
}

TEST(FilesTest, AStreamOfHalfAGigabyteTakesLittleMemory) {
  const sql::testing::TempDir dir;
  const auto opened = open_sqlite_blocks(dir / "blocks.db", Sync::kRelaxed);
  ASSERT_TRUE(opened);
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  std::uint64_t left = 512ULL << 20;
  std::uint64_t counter = 0;
  const auto added =
      add_stream(**opened, [&](std::span<std::uint8_t> buffer) -> core::Result<std::size_t> {
        const std::size_t count =
            static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size()));
        std::fill_n(buffer.begin(), count, static_cast<std::uint8_t>(counter));
        // Every piece of its own, so that no chunk repeats.
        if (count >= sizeof counter)
          std::copy_n(reinterpret_cast<const std::uint8_t*>(&counter), sizeof counter,
                      buffer.begin());
        ++counter;
        left -= count;
        return count;
      });
  ASSERT_TRUE(added) << added.error().message;
  ::getrusage(RUSAGE_SELF, &after);
  // Address sanitizers keep freed memory back for a while.
#if !defined(__SANITIZE_ADDRESS__)
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 128 * 1024) << "KiB";
#endif
  EXPECT_EQ(ipld::unixfs::file_size(*added,
                                    [&](const Cid& cid) -> core::Result<core::Bytes> {
                                      return (*opened)->find(cid).value().value();
                                    })
                .value(),
            512ULL << 20);
}

}  // namespace
}  // namespace every::blocks
