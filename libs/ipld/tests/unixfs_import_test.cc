#include <fstream>
#include <sstream>

#include "test_paths.h"
#include "unixfs_files.h"
#include <gtest/gtest.h>

#include "every/ipld/dag_json.h"
#include "every/ipld/dag_pb.h"
#include "every/ipld/unixfs.h"

namespace every::ipld::unixfs {
namespace {

using tests::test_content;

/// Files as Kubo 0.44 names them, tests/data/unixfs.json.
struct GoldenFile {
  std::uint64_t size = 0;
  std::string cid_v1;
  std::string cid_v0;
  std::string cid_v1_no_raw_leaves;
};

void PrintTo(const GoldenFile& file, std::ostream* out) {
  *out << file.size << " bytes";
}

std::vector<GoldenFile> golden_files() {
  std::ifstream file(std::string(EVERY_TEST_DATA_DIR) + "/unixfs.json");
  std::stringstream text;
  text << file.rdbuf();
  const Value golden = dag_json::decode(text.str()).value();
  std::vector<GoldenFile> files;
  for (const Value& entry : *golden.if_map()->find("files")->if_list()) {
    const Map& map = *entry.if_map();
    files.push_back({map.find("size")->if_integer()->n(), *map.find("cid_v1")->if_string(),
                     *map.find("cid_v0")->if_string(),
                     *map.find("cid_v1_no_raw_leaves")->if_string()});
  }
  return files;
}

std::string import(std::uint64_t size, const ImportOptions& options) {
  return import_bytes(test_content(size), {}, options)->root.render();
}

class UnixfsGoldenTest : public testing::TestWithParam<GoldenFile> {};

TEST_P(UnixfsGoldenTest, HasKubosVersion1Cid) {
  EXPECT_EQ(import(GetParam().size, {}), GetParam().cid_v1);
}

TEST_P(UnixfsGoldenTest, HasKubosVersion0Cid) {
  EXPECT_EQ(import(GetParam().size, ImportOptions::version_0()), GetParam().cid_v0);
}

TEST_P(UnixfsGoldenTest, HasKubosVersion1CidWithoutRawLeaves) {
  ImportOptions options;
  options.leaves = Leaves::kWrapped;
  EXPECT_EQ(import(GetParam().size, options), GetParam().cid_v1_no_raw_leaves);
}

INSTANTIATE_TEST_SUITE_P(Kubo, UnixfsGoldenTest, testing::ValuesIn(golden_files()),
                         [](const auto& test) { return std::to_string(test.param.size); });

TEST(UnixfsImportTest, NamesTheSameFileHoweverItIsCutIntoPieces) {
  const core::Bytes content = test_content(700000);
  const Cid whole = import_bytes(content)->root;
  for (const std::size_t piece : {1000UL, 262144UL, 262145UL, 699999UL}) {
    Importer importer({});
    for (std::size_t at = 0; at < content.size(); at += piece) {
      const core::BytesView view(content);
      ASSERT_TRUE(importer.add(view.subspan(at, std::min(piece, content.size() - at))).has_value());
    }
    EXPECT_EQ(importer.finish()->root, whole) << piece;
  }
}

TEST(UnixfsImportTest, GivesChildrenBeforeTheirParentAndTheRootLast) {
  std::vector<Cid> seen;
  const auto imported =
      import_bytes(test_content(600000), [&](const Cid& cid, core::BytesView block) {
        EXPECT_TRUE(cid.matches(block).value());
        seen.push_back(cid);
        return core::Status();
      });
  ASSERT_EQ(seen.size(), 4);
  EXPECT_EQ(seen.back(), imported->root);
}

TEST(UnixfsImportTest, FillsNodesFromTheLeftWithAllLeavesEquallyDeep) {
  // The balanced layout of Kubo: with 175 chunks the last leaf gets an inner node of its own.
  ImportOptions options;
  options.chunk_size = 1;
  tests::BlockMap blocks;
  const Cid root = import_bytes(test_content(175), blocks.sink(), options)->root;
  const auto links = [&](const Cid& cid) { return dag_pb::decode(blocks.at(cid))->links; };
  ASSERT_EQ(links(root).size(), 2);
  EXPECT_EQ(links(links(root)[0].cid).size(), 174);
  ASSERT_EQ(links(links(root)[1].cid).size(), 1);
  EXPECT_EQ(links(links(root)[1].cid)[0].cid.codec(), Codec::kRaw);
}

TEST(UnixfsImportTest, CountsContentAndBlocks) {
  std::uint64_t stored = 0;
  const auto imported = import_bytes(test_content(600000), [&](const Cid&, core::BytesView block) {
    stored += block.size();
    return core::Status();
  });
  EXPECT_EQ(imported->size, 600000);
  EXPECT_EQ(imported->dag_size, stored);
}

TEST(UnixfsImportTest, HandsOnWhatTheSinkFailsWith) {
  const auto imported =
      import_bytes(test_content(10), [](const Cid&, core::BytesView) -> core::Status {
        return core::fail(core::ErrorCode::kIo, "disk full");
      });
  ASSERT_FALSE(imported.has_value());
  EXPECT_EQ(imported.error().code, core::ErrorCode::kIo);
}

TEST(UnixfsImportTest, RefusesOptionsOutOfRange) {
  for (const auto& [chunk, links] :
       {std::pair<std::size_t, std::size_t>{0, 174}, {1048577, 174}, {262144, 1}, {262144, 1025}}) {
    ImportOptions options;
    options.chunk_size = chunk;
    options.max_links = links;
    const auto imported = import_bytes({}, {}, options);
    ASSERT_FALSE(imported.has_value());
    EXPECT_EQ(imported.error().code, core::ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace every::ipld::unixfs
