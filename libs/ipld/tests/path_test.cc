#include "every/ipld/path.h"

#include "unixfs_files.h"
#include <gtest/gtest.h>

#include "every/ipld/dag_cbor.h"
#include "every/ipld/unixfs_directory.h"

namespace every::ipld {
namespace {

using core::ErrorCode;

struct Tree {
  tests::BlockMap blocks;
  Cid file = blocks.put(Codec::kRaw, core::as_bytes("hello"));
  Cid inner = unixfs::make_directory({{"file", file, 5}}, blocks.sink())->root;
  Cid directory = unixfs::make_directory({{"inner", inner, 60}}, blocks.sink())->root;
  Cid map = blocks.put(
      Codec::kDagCbor,
      dag_cbor::encode(Value(Map{{"list", Value(List{Value(Integer(7)), Value(directory)})}}))
          .value());

  core::Result<PathEnd> follow(const Cid& root, std::vector<std::string> segments) {
    return follow_path(root, segments, blocks.source());
  }
};

TEST(FollowPathTest, GoesThroughDirectories) {
  Tree tree;
  const auto end = tree.follow(tree.directory, {"inner", "file"});
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->cid, tree.file);
  EXPECT_EQ(end->roots, (std::vector{tree.directory, tree.inner, tree.file}));
  EXPECT_EQ(core::as_text(end->block), "hello");
  EXPECT_FALSE(end->inside);
}

TEST(FollowPathTest, GoesThroughKeysIndicesAndLinks) {
  Tree tree;
  EXPECT_EQ(tree.follow(tree.map, {"list", "1"})->cid, tree.directory);
  EXPECT_EQ(tree.follow(tree.map, {"list", "1", "inner", "file"})->cid, tree.file);
  const auto inside = tree.follow(tree.map, {"list", "0"});
  EXPECT_EQ(inside->cid, tree.map);
  EXPECT_EQ(inside->inside, Value(Integer(7)));
}

TEST(FollowPathTest, EndsAtTheRootWithoutAPath) {
  Tree tree;
  EXPECT_EQ(tree.follow(tree.map, {})->cid, tree.map);
  EXPECT_FALSE(tree.follow(tree.map, {})->inside);
}

TEST(FollowPathTest, NamesWhatIsNotThere) {
  Tree tree;
  for (const auto& path : std::vector<std::vector<std::string>>{
           {"list", "2"}, {"list", "x"}, {"list", "-1"}, {"list", "0", "x"}, {"list", "1", "no"}}) {
    const auto end = tree.follow(tree.map, path);
    ASSERT_FALSE(end) << path.back();
    EXPECT_EQ(end.error().code, ErrorCode::kNotFound);
    EXPECT_NE(end.error().message.find("'" + path.back() + "'"), std::string::npos);
  }
  EXPECT_EQ(tree.follow(tree.file, {"x"}).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace every::ipld
