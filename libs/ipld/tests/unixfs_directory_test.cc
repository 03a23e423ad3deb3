// CIDs named here are those of `ipfs add -r --cid-version=1` of Kubo 0.42.
#include "every/ipld/unixfs_directory.h"

#include "murmur3.h"
#include "unixfs_files.h"
#include <gtest/gtest.h>

#include "every/ipld/dag_pb.h"

namespace every::ipld::unixfs {
namespace {

using core::ErrorCode;
using tests::BlockMap;

Entry file(BlockMap& blocks, std::string name, std::string_view content) {
  const auto imported = import_bytes(core::as_bytes(content), blocks.sink());
  return {std::move(name), imported->root, imported->dag_size};
}

/// `for i in …; do echo -n $i > $(printf file-%06d-with-a-rather-long-name-for-an-entry $i); done`
std::vector<Entry> many(BlockMap& blocks, int count) {
  std::vector<Entry> entries;
  for (int i = 0; i < count; ++i) {
    std::string number = std::to_string(i);
    const std::string content = number;
    number.insert(0, 6 - number.size(), '0');
    entries.push_back(
        file(blocks, "file-" + number + "-with-a-rather-long-name-for-an-entry", content));
  }
  return entries;
}

TEST(UnixfsDirectoryTest, HashesNamesAsMurmur3Does) {
  EXPECT_EQ(murmur3(""), 0u);
  EXPECT_EQ(murmur3("hello"), 0xcbd8a7b341bd9b02u);
  EXPECT_EQ(murmur3("hello, world"), 0x342fac623a5ebc8eu);
  EXPECT_EQ(murmur3("19 Jan 2038 at 3:14:07 AM"), 0xb89e5988b737affcu);
  EXPECT_EQ(murmur3("The quick brown fox jumps over the lazy dog."), 0xcd99481f9ee902c9u);
}

TEST(UnixfsDirectoryTest, ListsWhatItWasMadeOf) {
  BlockMap blocks;
  const Entry a = file(blocks, "a.txt", "a");
  const Entry b = file(blocks, "b", "hello");
  const auto made = make_directory({b, a}, blocks.sink());
  ASSERT_TRUE(made);
  EXPECT_EQ(list_directory(made->root, blocks.source()), (std::vector{a, b}));
  EXPECT_EQ(find_entry(made->root, "b", blocks.source()).value(), std::optional(b));
  EXPECT_EQ(find_entry(made->root, "c", blocks.source()).value(), std::optional<Entry>());
  EXPECT_TRUE(is_directory(kind_of(made->root, blocks.at(made->root)).value()));
}

TEST(UnixfsDirectoryTest, NamesTheEmptyDirectoryAsKuboDoes) {
  EXPECT_EQ(make_directory({}, {})->root.render(),
            "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354");
  EXPECT_EQ(make_directory({}, {}, CidVersion::k0)->root.render(),
            "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn");
}

TEST(UnixfsDirectoryTest, ShardsALargeDirectoryAndFindsEveryEntry) {
  BlockMap blocks;
  const std::vector<Entry> entries = many(blocks, 6000);
  const std::size_t before = blocks.size();
  const auto made = make_directory(entries, blocks.sink());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_GT(blocks.size(), before + 100);
  EXPECT_EQ(list_directory(made->root, blocks.source()), entries);
  for (std::size_t i = 0; i < entries.size(); i += 97)
    EXPECT_EQ(find_entry(made->root, entries[i].name, blocks.source()).value(),
              std::optional(entries[i]));
  const std::size_t reads = blocks.reads();
  EXPECT_EQ(find_entry(made->root, "not there", blocks.source()).value(), std::optional<Entry>());
  EXPECT_LE(blocks.reads() - reads, 3u);
}

TEST(UnixfsDirectoryTest, RefusesANameTwice) {
  BlockMap blocks;
  const Entry a = file(blocks, "a", "a");
  EXPECT_EQ(make_directory({a, a}, {}).error().code, ErrorCode::kInvalidArgument);
}

TEST(UnixfsDirectoryTest, KeepsTheTargetOfASymbolicLink) {
  BlockMap blocks;
  const auto made = make_symlink("../target", blocks.sink());
  const auto kind = kind_of(made->root, blocks.at(made->root));
  EXPECT_EQ(kind->type, Type::kSymlink);
  EXPECT_EQ(kind->target, "../target");
}

TEST(UnixfsDirectoryTest, SaysWhatIsNoDirectory) {
  BlockMap blocks;
  const auto large = import_bytes(tests::test_content(300'000), blocks.sink());
  EXPECT_EQ(kind_of(large->root, blocks.at(large->root))->size, 300'000u);
  for (const Cid& cid : {large->root, file(blocks, "a", "a").cid}) {
    const auto listed = list_directory(cid, blocks.source());
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(UnixfsDirectoryTest, IsNotCaughtInShardsOfShards) {
  BlockMap blocks;
  Cid below = file(blocks, "a", "a").cid;
  for (int level = 0; level < 12; ++level) {
    const core::Bytes data = encode_data({.type = Type::kHamtShard,
                                          .content = {},
                                          .file_size = {},
                                          .block_sizes = {},
                                          .hash_type = 0x22,
                                          .fanout = 256});
    dag_pb::Node node{{{below, "00", 1}}, data};
    below = blocks.put(Codec::kDagPb, dag_pb::encode(node).value());
  }
  EXPECT_EQ(list_directory(below, blocks.source()).error().code, ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace every::ipld::unixfs
