#include "unixfs_files.h"
#include <gtest/gtest.h>

#include "every/ipld/dag_pb.h"
#include "every/ipld/unixfs.h"
#include "every/ipld/unixfs_data.h"

namespace every::ipld::unixfs {
namespace {

using core::ErrorCode;
using tests::BlockMap;
using tests::test_content;

constexpr std::uint64_t kNoLimit = UINT64_MAX;

ImportOptions small_chunks() {
  ImportOptions options;
  options.chunk_size = 10;
  options.max_links = 3;
  return options;
}

/// A UnixFS node over children with the sizes told.
Cid put_node(BlockMap& blocks, const std::vector<std::pair<Cid, std::uint64_t>>& children,
             Type type = Type::kFile, std::optional<std::uint64_t> told = std::nullopt) {
  Data data;
  data.type = type;
  std::vector<dag_pb::Link> links;
  std::uint64_t sum = 0;
  for (const auto& [cid, size] : children) {
    links.push_back({cid, "", size});
    data.block_sizes.push_back(size);
    sum += size;
  }
  data.file_size = told.value_or(sum);
  return blocks.put(Codec::kDagPb, dag_pb::encode({links, encode_data(data)}).value());
}

ErrorCode failure_of(BlockMap& blocks, const Cid& root) {
  const auto content = read_whole_file(root, blocks.source(), kNoLimit);
  return content ? ErrorCode::kInternal : content.error().code;
}

class UnixfsRoundTripTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(UnixfsRoundTripTest, ReadsBackWhatWasImported) {
  const core::Bytes content = test_content(GetParam());
  ImportOptions wrapped = small_chunks();
  wrapped.leaves = Leaves::kWrapped;
  wrapped.version = CidVersion::k0;
  for (const ImportOptions& options : {small_chunks(), wrapped}) {
    BlockMap blocks;
    const auto imported = import_bytes(content, blocks.sink(), options);
    ASSERT_TRUE(imported.has_value());
    EXPECT_EQ(read_whole_file(imported->root, blocks.source(), kNoLimit), content);
    EXPECT_EQ(file_size(imported->root, blocks.source()), content.size());
  }
}

INSTANTIATE_TEST_SUITE_P(AtTheBordersOfChunksAndNodes, UnixfsRoundTripTest,
                         testing::Values(0, 1, 9, 10, 11, 29, 30, 31, 89, 90, 91, 269, 270, 271,
                                         1000));

TEST(UnixfsReadTest, ReadsAnyRange) {
  const core::Bytes content = test_content(95);
  BlockMap blocks;
  const Cid root = import_bytes(content, blocks.sink(), small_chunks())->root;
  for (std::uint64_t offset = 0; offset <= 100; offset += 3) {
    for (const std::uint64_t length : {0UL, 1UL, 7UL, 10UL, 34UL, UINT64_MAX}) {
      core::Bytes read;
      const auto given = read_file(root, blocks.source(),
                                   [&](core::BytesView piece) {
                                     EXPECT_FALSE(piece.empty());
                                     read.insert(read.end(), piece.begin(), piece.end());
                                     return core::Status();
                                   },
                                   {offset, length});
      const std::uint64_t begin = std::min<std::uint64_t>(offset, content.size());
      const std::uint64_t end = begin + std::min<std::uint64_t>(length, content.size() - begin);
      const core::Bytes expected(content.begin() + static_cast<std::ptrdiff_t>(begin),
                                 content.begin() + static_cast<std::ptrdiff_t>(end));
      EXPECT_EQ(given, expected.size());
      EXPECT_EQ(read, expected) << offset << "+" << length;
    }
  }
}

TEST(UnixfsReadTest, FetchesOnlyBlocksTheRangeTouches) {
  BlockMap blocks;
  const Cid root = import_bytes(test_content(270), blocks.sink(), small_chunks())->root;
  ASSERT_TRUE(
      read_file(root, blocks.source(), [](core::BytesView) { return core::Status(); }, {135, 2}));
  EXPECT_EQ(blocks.reads(), 4);  // root, two inner nodes, one leaf
}

TEST(UnixfsReadTest, GivesANodesOwnBytesBeforeThoseOfItsLinks) {
  BlockMap blocks;
  const Cid leaf = blocks.put(Codec::kRaw, core::as_bytes("def"));
  Data data;
  data.content = core::to_bytes("abc");
  data.file_size = 6;
  data.block_sizes = {3};
  const Cid root =
      blocks.put(Codec::kDagPb, dag_pb::encode({{{leaf, "", 3}}, encode_data(data)}).value());
  EXPECT_EQ(read_whole_file(root, blocks.source(), kNoLimit), core::to_bytes("abcdef"));
}

TEST(UnixfsReadTest, NamesAMissingBlock) {
  BlockMap blocks;
  const Cid leaf = Cid::of(Codec::kRaw, HashCode::kSha2_256, core::as_bytes("gone"));
  const Cid root = put_node(blocks, {{leaf, 4}});
  const auto content = read_whole_file(root, blocks.source(), kNoLimit);
  ASSERT_FALSE(content.has_value());
  EXPECT_EQ(content.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(content.error().find("cid"), leaf.render());
}

TEST(UnixfsReadTest, RefusesABlockThatDoesNotMatchItsCid) {
  BlockMap blocks;
  const Cid root = import_bytes(test_content(25), blocks.sink(), small_chunks())->root;
  blocks.at(root).back() ^= 1;
  EXPECT_EQ(failure_of(blocks, root), ErrorCode::kIntegrity);
}

TEST(UnixfsReadTest, RefusesALeafOfAnotherSizeThanItsParentTold) {
  for (const std::uint64_t told : {3UL, 5UL}) {
    BlockMap blocks;
    const Cid leaf = blocks.put(Codec::kRaw, core::as_bytes("four"));
    EXPECT_EQ(failure_of(blocks, put_node(blocks, {{leaf, told}})), ErrorCode::kIntegrity);
  }
}

TEST(UnixfsReadTest, RefusesANodeWhoseSizesDoNotAddUp) {
  BlockMap blocks;
  const Cid leaf = blocks.put(Codec::kRaw, core::as_bytes("four"));
  EXPECT_EQ(failure_of(blocks, put_node(blocks, {{leaf, 4}}, Type::kFile, 5)),
            ErrorCode::kMalformed);
}

TEST(UnixfsReadTest, RefusesSizesBeyond64Bits) {
  BlockMap blocks;
  const Cid leaf = blocks.put(Codec::kRaw, core::as_bytes("four"));
  EXPECT_EQ(failure_of(blocks, put_node(blocks, {{leaf, UINT64_MAX}, {leaf, 2}}, Type::kFile, 1)),
            ErrorCode::kMalformed);
}

TEST(UnixfsReadTest, RefusesLinksWithoutTheirSizes) {
  BlockMap blocks;
  const Cid leaf = blocks.put(Codec::kRaw, core::as_bytes("four"));
  Data data;
  data.file_size = 4;
  const Cid root =
      blocks.put(Codec::kDagPb, dag_pb::encode({{{leaf, "", 4}}, encode_data(data)}).value());
  EXPECT_EQ(failure_of(blocks, root), ErrorCode::kMalformed);
}

TEST(UnixfsReadTest, RefusesATreeOfLinksThatHoldNothing) {
  BlockMap blocks;
  Cid node = blocks.put(Codec::kRaw, {});
  for (int depth = 0; depth < 20; ++depth) {
    node = put_node(blocks, std::vector<std::pair<Cid, std::uint64_t>>(174, {node, 0}));
  }
  EXPECT_EQ(failure_of(blocks, node), ErrorCode::kMalformed);
}

TEST(UnixfsReadTest, RefusesAFileLargerThanTheCallerTakesBeforeReadingIt) {
  // Nine blocks that stand for 174^8 bytes.
  BlockMap blocks;
  Cid node = blocks.put(Codec::kRaw, core::as_bytes("x"));
  std::uint64_t size = 1;
  for (int depth = 0; depth < 8; ++depth, size *= 174) {
    node = put_node(blocks, std::vector<std::pair<Cid, std::uint64_t>>(174, {node, size}));
  }
  const auto content = read_whole_file(node, blocks.source(), 1 << 20);
  ASSERT_FALSE(content.has_value());
  EXPECT_EQ(content.error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(blocks.reads(), 1);
}

TEST(UnixfsReadTest, ReadsTreesUpToTheDepthLimitAndNoDeeper) {
  BlockMap blocks;
  Cid node = blocks.put(Codec::kRaw, core::as_bytes("x"));
  for (std::size_t depth = 1; depth < kMaxFileDepth; ++depth) node = put_node(blocks, {{node, 1}});
  EXPECT_EQ(read_whole_file(node, blocks.source(), kNoLimit), core::to_bytes("x"));
  EXPECT_EQ(failure_of(blocks, put_node(blocks, {{node, 1}})), ErrorCode::kResourceExhausted);
}

TEST(UnixfsReadTest, NamesWhatIsNotAFile) {
  for (const Type type : {Type::kDirectory, Type::kSymlink, Type::kHamtShard, Type::kMetadata}) {
    BlockMap blocks;
    const auto content = read_whole_file(put_node(blocks, {}, type), blocks.source(), kNoLimit);
    ASSERT_FALSE(content.has_value());
    EXPECT_EQ(content.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(content.error().message.find(describe(type)), std::string::npos)
        << content.error().message;
  }
}

TEST(UnixfsReadTest, RefusesADirectoryInsideAFile) {
  BlockMap blocks;
  const Cid directory = put_node(blocks, {}, Type::kDirectory);
  EXPECT_EQ(failure_of(blocks, put_node(blocks, {{directory, 1}})), ErrorCode::kMalformed);
}

TEST(UnixfsReadTest, RefusesOtherCodecs) {
  BlockMap blocks;
  EXPECT_EQ(failure_of(blocks, blocks.put(Codec::kDagCbor, core::as_bytes("\xf6"))),
            ErrorCode::kInvalidArgument);
}

TEST(UnixfsReadTest, HandsOnWhatTheSinkFailsWith) {
  BlockMap blocks;
  const Cid root = import_bytes(test_content(25), blocks.sink(), small_chunks())->root;
  const auto given = read_file(root, blocks.source(), [](core::BytesView) -> core::Status {
    return core::fail(ErrorCode::kCancelled, "enough");
  });
  ASSERT_FALSE(given.has_value());
  EXPECT_EQ(given.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace every::ipld::unixfs
