#include "code_cache.h"

#include <fstream>

#include "harness.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace every::wasm {
namespace {

namespace fs = std::filesystem;

class CodeCacheTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() /
              ("every-code-cache-" + std::to_string(::getpid()) + "-" +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] InProcessOptions options() {
    InProcessOptions options;
    options.code_cache = folder_;
    options.on_notice = [this](const std::string& text) { notices_.push_back(text); };
    return options;
  }
  [[nodiscard]] fs::path only(const std::string& extension) const {
    for (const auto& entry : fs::directory_iterator(folder_)) {
      if (entry.path().extension() == extension) return entry.path();
    }
    return {};
  }

  fs::path folder_;
  std::vector<std::string> notices_;
  const ipld::Cid cid_ =
      ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, core::as_bytes("x"));
};

TEST_F(CodeCacheTest, WhatOneProcessCompiledAnotherRunsWithoutTheBytes) {
  Harness first(read_data("types/types.wasm"), options());
  ASSERT_TRUE(first.prepared());
  auto second = InProcessExecutor::make(options());
  const auto info = (*second)->prepare_known(first.cid());
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ((*info)->size, (*first.prepared())->size);
  EXPECT_EQ((*info)->wit, (*first.prepared())->wit);
  EXPECT_EQ((*info)->language, "rust");
  EXPECT_EQ((*info)->functions.size(), (*first.prepared())->functions.size());
}

TEST_F(CodeCacheTest, FuelStillWorksWithCodeFromTheCache) {
  {
    const Harness first(read_data("types/types.wasm"), options());
  }
  Harness second(read_data("types/types.wasm"), options());
  auto spec = second.spec("add", {1, 2});
  spec.limits.fuel = 1'000'000'000;
  const auto ran = second.run(spec);
  ASSERT_TRUE(ran.value) << ran.error();
}

TEST_F(CodeCacheTest, DamagedCodeCountsAsAbsent) {
  {
    const Harness first(read_data("types/types.wasm"), options());
  }
  {
    fs::permissions(only(".code"), fs::perms::owner_all);
    std::fstream file(only(".code"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(5000);
    file.put('\x5a');
  }
  auto second = InProcessExecutor::make(options());
  const auto cid =
      ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, read_data("types/types.wasm"));
  EXPECT_EQ((*second)->prepare_known(cid).error().code, core::ErrorCode::kNotFound);
  EXPECT_TRUE((*second)->prepare(cid, read_data("types/types.wasm")));
}

TEST_F(CodeCacheTest, ABinaryThatWasDamagedIsNotCompiledForAnotherEngine) {
  {
    const Harness first(read_data("types/types.wasm"), options());
  }
  {
    fs::permissions(only(".component"), fs::perms::owner_all);
    std::fstream file(only(".component"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(5000);
    file.put('\x5a');
  }
  Harness second(read_data("types/types.wasm"), options());
  auto metered = second.spec("add", {1, 2});
  metered.limits.fuel = 1'000'000'000;
  const auto ran = second.run(metered);
  EXPECT_EQ(ran.code(), core::ErrorCode::kIntegrity);
  EXPECT_THAT(ran.error(), ::testing::HasSubstr("every doctor --repair"));
}

TEST_F(CodeCacheTest, AnEntryThatSaysAnotherThingCountsAsAbsent) {
  const auto cache = CodeCache::open(folder_);
  ASSERT_TRUE(cache->put(cid_, "f", core::as_bytes("code"), core::as_bytes("component"),
                         {"world", "rust", 9}));
  const auto sound = *core::read_file(only(".entry"));
  for (std::size_t at = 0; at < sound.size(); ++at) {
    auto damaged = sound;
    damaged[at] ^= 4;
    ASSERT_TRUE(core::write_file_atomically(only(".entry"), damaged, 0600, core::Sync::kNo));
    EXPECT_FALSE(cache->find(cid_, "f")) << at;
  }
}

TEST_F(CodeCacheTest, AnEntryOfBeforeALanguageWasKeptIsSound) {
  const auto cache = CodeCache::open(folder_);
  ASSERT_TRUE(cache);
  ASSERT_TRUE(cache->put(cid_, "f", core::as_bytes("code"), core::as_bytes("component"),
                         {"world", std::nullopt, 9}));
  const auto entry = cache->find(cid_, "f");
  ASSERT_TRUE(entry);
  EXPECT_FALSE(entry->about.language);
  EXPECT_EQ(entry->about.size, 9u);
}

TEST_F(CodeCacheTest, AnEntryHalfWrittenCountsAsAbsent) {
  const auto cache = CodeCache::open(folder_);
  ASSERT_TRUE(cache);
  EXPECT_FALSE(cache->find(cid_, "f"));
  ASSERT_TRUE(cache->put(cid_, "f", core::as_bytes("code"), core::as_bytes("component"),
                         {"world", "rust", 9}));
  ASSERT_TRUE(cache->find(cid_, "f"));
  EXPECT_FALSE(cache->find(cid_, "another"));
  fs::remove(only(".code"));
  EXPECT_FALSE(cache->find(cid_, "f"));
}

TEST_F(CodeCacheTest, AFolderOthersMayWriteToIsNotUsed) {
  fs::create_directories(folder_);
  fs::permissions(folder_, fs::perms::all);
  Harness harness(read_data("types/types.wasm"), options());
  ASSERT_TRUE(harness.prepared());
  EXPECT_TRUE(fs::is_empty(folder_));
  ASSERT_EQ(notices_.size(), 1);
  EXPECT_THAT(notices_.front(), ::testing::HasSubstr("compiled code is not kept"));
}

}  // namespace
}  // namespace every::wasm
