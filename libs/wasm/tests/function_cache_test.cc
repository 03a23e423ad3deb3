#include "function_cache.h"

#include <filesystem>
#include <fstream>

#include "engine.h"
#include "harness.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace every::wasm {
namespace {

namespace fs = std::filesystem;

class FunctionCacheTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto folder = (fs::temp_directory_path() / "every-functions-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    file_ = fs::path(folder) / "functions";
  }
  void TearDown() override { fs::remove_all(file_.parent_path()); }

  static core::Bytes key(char letter) { return core::Bytes(FunctionCache::kKeySize, letter); }
  static std::string text(std::optional<core::BytesView> found) {
    return found ? std::string(core::as_text(*found)) : "absent";
  }
  void keep(std::initializer_list<std::pair<char, std::string>> functions,
            std::uint64_t limit = FunctionCache::kDefaultLimit, std::string_view used = "") const {
    FunctionCache cache(file_, limit);
    for (const char letter : used) EXPECT_TRUE(cache.find(key(letter)));
    for (const auto& [letter, content] : functions) cache.put(key(letter), core::as_bytes(content));
    const auto saved = cache.save();
    EXPECT_TRUE(saved) << saved.error().message;
  }
  [[nodiscard]] std::string read(char letter) const {
    FunctionCache cache(file_);
    return text(cache.find(key(letter)));
  }
  void write_at(std::size_t offset, std::string_view bytes) const {
    std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file << bytes;
  }

  fs::path file_;
};

TEST_F(FunctionCacheTest, GivesAnotherProcessWhatWasKept) {
  keep({{'a', "first"}, {'b', "second"}});
  keep({{'c', "third"}});
  EXPECT_EQ(read('a'), "first");
  EXPECT_EQ(read('b'), "second");
  EXPECT_EQ(read('c'), "third");
  EXPECT_EQ(read('d'), "absent");
}

TEST_F(FunctionCacheTest, TakesDamageForAbsence) {
  keep({{'a', "first"}, {'b', "second"}});
  write_at(fs::file_size(file_) - 1, "X");
  EXPECT_EQ(read('a'), "first");
  EXPECT_EQ(read('b'), "absent");
}

TEST_F(FunctionCacheTest, AddsBehindTheLastWholeRecordOfAFileThatWasCutShort) {
  keep({{'a', "first"}, {'b', "second"}});
  fs::resize_file(file_, fs::file_size(file_) - 3);
  EXPECT_EQ(read('b'), "absent");
  keep({{'c', "third"}});
  EXPECT_EQ(read('a'), "first");
  EXPECT_EQ(read('c'), "third");
}

TEST_F(FunctionCacheTest, BeginsAFileOfAnotherKindAnew) {
  std::ofstream(file_) << "something else";
  fs::permissions(file_, fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(read('a'), "absent");
  keep({{'a', "first"}});
  EXPECT_EQ(read('a'), "first");
}

TEST_F(FunctionCacheTest, KeepsWhatWasUsedLastWhenItGetsTooLarge) {
  const std::string large(400, 'x');
  keep({{'a', large}, {'b', large}}, 1000);
  keep({{'c', "third"}}, 1000, "b");
  EXPECT_EQ(read('c'), "third");
  keep({{'d', large}}, 1000, "b");
  EXPECT_LE(fs::file_size(file_), 1000U);
  EXPECT_EQ(read('a'), "absent");
  EXPECT_EQ(read('b'), large);
  EXPECT_EQ(read('d'), large);
}

TEST_F(FunctionCacheTest, DoesNotTrustAFileThatOthersMayWriteTo) {
  keep({{'a', "first"}});
  fs::permissions(file_, fs::perms::others_write, fs::perm_options::add);
  EXPECT_EQ(read('a'), "absent");
  FunctionCache cache(file_);
  cache.put(key('b'), core::as_bytes("second"));
  EXPECT_TRUE(cache.save());
  EXPECT_EQ(read('b'), "absent");
}

TEST_F(FunctionCacheTest, CompilesOnlyWhatChangedToTheSameCode) {
  const auto component = read_data("types/types.wasm");
  const auto plain = *Engine::make(Engine::Kind::kOnDemand, 1, nullptr);
  const auto expected = (*plain->compile(component))->serialize();
  ASSERT_TRUE(expected);

  const auto compile = [&](core::BytesView bytes) {
    const auto functions = std::make_shared<FunctionCache>(file_);
    const auto engine = *Engine::make(Engine::Kind::kOnDemand, 1, functions);
    const auto code = (*engine->compile(bytes))->serialize();
    EXPECT_EQ(code, expected);
    EXPECT_TRUE(functions->save());
    return std::pair(functions->hits(), functions->misses());
  };
  const auto first = compile(component);
  const auto second = compile(component);
  EXPECT_GT(first.second, 100U);
  EXPECT_EQ(second.first + second.second, first.first + first.second);
  // Some have no form that can be kept, or another key at each compilation.
  EXPECT_LT(second.second * 4, first.second);
}

}  // namespace
}  // namespace every::wasm
