#include <algorithm>

#include <gtest/gtest.h>

#include "every/blocks/remote.h"

namespace every::blocks {
namespace {

using core::ErrorCode;

ipld::Cid raw(std::string_view text) {
  return ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, core::as_bytes(text));
}

class FakeSource final : public BlockSource {
 public:
  explicit FakeSource(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] const std::string& name() const override { return name_; }
  core::Result<std::optional<core::Bytes>> fetch(const ipld::Cid&) override {
    ++asked;
    return answer;
  }
  void cancel() override {}
  int asked = 0;
  core::Result<std::optional<core::Bytes>> answer = std::optional<core::Bytes>();

 private:
  std::string name_;
};

class LayeredBlocksTest : public testing::Test {
 protected:
  LayeredBlocksTest() {
    auto here = make_memory_blocks();
    here_ = here.get();
    blocks_ = make_layered_blocks(std::move(here), {first_, second_},
                                  [this](const std::string& text) { notices_.push_back(text); });
  }
  std::shared_ptr<FakeSource> first_ = std::make_shared<FakeSource>("first");
  std::shared_ptr<FakeSource> second_ = std::make_shared<FakeSource>("second");
  BlockStore* here_ = nullptr;
  std::unique_ptr<BlockStore> blocks_;
  std::vector<std::string> notices_;
};

TEST_F(LayeredBlocksTest, AsksNobodyForWhatIsHere) {
  const Block block{raw("x"), core::to_bytes("x")};
  ASSERT_TRUE(blocks_->put(std::span(&block, 1)));
  EXPECT_EQ(core::as_text(**blocks_->find(raw("x"))), "x");
  EXPECT_EQ(first_->asked, 0);
}

TEST_F(LayeredBlocksTest, KeepsWhatItFetched) {
  second_->answer = std::optional(core::to_bytes("x"));
  EXPECT_EQ(core::as_text(**blocks_->find(raw("x"))), "x");
  EXPECT_TRUE(here_->has(raw("x")).value());
  EXPECT_TRUE(blocks_->find(raw("x")).value());
  EXPECT_EQ(second_->asked, 1);
}

TEST_F(LayeredBlocksTest, NeverUsesContentThatDoesNotHashToItsCid) {
  first_->answer = std::optional(core::to_bytes("y"));
  const auto found = blocks_->find(raw("x"));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kIntegrity);
  EXPECT_NE(found.error().message.find("first"), std::string::npos);
  EXPECT_FALSE(here_->has(raw("x")).value());
}

TEST_F(LayeredBlocksTest, GoesOnToTheNextWhenOneIsWrongOrAway) {
  first_->answer = std::optional(core::to_bytes("y"));
  second_->answer = std::optional(core::to_bytes("x"));
  EXPECT_TRUE(blocks_->find(raw("x")).value());
  EXPECT_EQ(notices_.size(), 1u);
  first_->answer = core::fail(ErrorCode::kUnavailable, "away");
  second_->answer = std::optional(core::to_bytes("z"));
  EXPECT_TRUE(blocks_->find(raw("z")).value());
}

TEST_F(LayeredBlocksTest, HasNothingWhenNobodyAnswers) {
  first_->answer = core::fail(ErrorCode::kUnavailable, "away");
  const auto found = blocks_->find(raw("x"));
  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);
}

TEST_F(LayeredBlocksTest, HasOnlyWhatIsHere) {
  second_->answer = std::optional(core::to_bytes("x"));
  EXPECT_FALSE(blocks_->has(raw("x")).value());
  EXPECT_EQ(second_->asked, 0);
}

}  // namespace
}  // namespace every::blocks
