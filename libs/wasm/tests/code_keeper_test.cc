#include "every/wasm/code_keeper.h"

#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace every::wasm {
namespace {

namespace fs = std::filesystem;

ipld::Cid cid_of(const std::string& text) {
  return ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, core::as_bytes(text));
}

/// Leaves compiled code of 1000 bytes for what it prepares, as an executor with a code cache does.
class Compiler final : public Executor {
 public:
  explicit Compiler(fs::path folder) : folder_(std::move(folder)) {}
  core::Result<std::shared_ptr<const ComponentInfo>> prepare(const ipld::Cid& cid,
                                                             core::BytesView) override {
    const std::string name = cid.render() + ".engine1";
    if (!fs::exists(folder_ / (name + ".entry"))) {
      ++compiled;
      std::ofstream(folder_ / (name + ".component")) << std::string(100, 'c');
      std::ofstream(folder_ / (name + ".code")) << std::string(890, 'c');
      std::ofstream(folder_ / (name + ".entry")) << std::string(10, 'e');
    }
    return std::make_shared<const ComponentInfo>(ComponentInfo{cid, 1, {}, {}, {}, {}});
  }
  std::shared_ptr<const ComponentInfo> find_prepared(const ipld::Cid&) const override {
    return nullptr;
  }
  TaskId start(TaskSpec, OnLog, OnDone) override { return 0; }
  void cancel(TaskId) override {}
  void stop() override {}
  std::size_t concurrency() const override { return 1; }

  static inline int compiled = 0;

 private:
  fs::path folder_;
};

class CodeKeeperTest : public ::testing::Test {
 protected:
  CodeKeeperTest() {
    fs::remove_all(folder_);
    fs::create_directory(folder_);
    Compiler::compiled = 0;
  }
  ~CodeKeeperTest() override { fs::remove_all(folder_); }
  [[nodiscard]] std::unique_ptr<Executor> make(std::uint64_t limit) const {
    return keep_code_within(std::make_unique<Compiler>(folder_), folder_, limit);
  }
  static void prepare(Executor& executor, const std::string& what) {
    ASSERT_TRUE(executor.prepare(cid_of(what), {}));
  }
  [[nodiscard]] bool has(const std::string& what) const {
    return fs::exists(path(what, ".entry")) && fs::exists(path(what, ".code"));
  }
  [[nodiscard]] fs::path path(const std::string& what, const std::string& part) const {
    return folder_ / (cid_of(what).render() + ".engine1" + part);
  }
  /// Says that an entry was used so many seconds ago.
  void age(const std::string& what, std::int64_t seconds, const std::string& part = ".entry") {
    const timespec then{.tv_sec = ::time(nullptr) - seconds, .tv_nsec = 0};
    const timespec times[] = {then, then};
    ASSERT_EQ(::utimensat(AT_FDCWD, path(what, part).c_str(), times, 0), 0);
  }

  const fs::path folder_ =
      fs::temp_directory_path() / ("every-keeper-" + std::to_string(::getpid()));
};

TEST_F(CodeKeeperTest, WhatWasUsedLeastRecentlyGoesFirst) {
  for (const char* what : {"a", "b", "c"}) prepare(*make(0), what);
  age("a", 300);
  age("b", 200);
  age("c", 100);
  prepare(*make(0), "a");  // used again
  prepare(*make(2500), "d");
  EXPECT_TRUE(has("a") && has("d"));
  EXPECT_FALSE(has("b"));
  EXPECT_FALSE(fs::exists(path("b", ".component")));
  EXPECT_FALSE(has("c"));
}

TEST_F(CodeKeeperTest, WhatIsInUseStaysWhoeverUsesIt) {
  const auto one = make(1500);
  prepare(*one, "a");
  age("a", 1000);
  const auto other = make(1500);
  prepare(*other, "b");
  age("b", 900);
  prepare(*other, "c");
  EXPECT_TRUE(has("a") && has("b") && has("c"));
}

TEST_F(CodeKeeperTest, WhatIsNoLongerInUseGoesWithTheNext) {
  {
    const auto one = make(1500);
    prepare(*one, "a");
    age("a", 1000);
  }
  prepare(*make(1500), "b");
  EXPECT_FALSE(has("a"));
  EXPECT_TRUE(has("b"));
  prepare(*make(1500), "a");
  EXPECT_EQ(Compiler::compiled, 3);
}

TEST_F(CodeKeeperTest, WithoutALimitEverythingStays) {
  for (int i = 0; i < 20; ++i) prepare(*make(0), std::to_string(i));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(has(std::to_string(i)));
}

TEST_F(CodeKeeperTest, WhatAProcessLeftHalfWrittenGoesAfterADay) {
  std::ofstream(path("old", ".code")) << "x";
  age("old", 100'000, ".code");
  std::ofstream(path("new", ".code")) << "x";
  std::ofstream(folder_ / "functions") << "y";
  const auto trimmed = trim_code(folder_, 1'000'000);
  ASSERT_TRUE(trimmed);
  EXPECT_EQ(trimmed->entries, 1u);
  EXPECT_FALSE(fs::exists(path("old", ".code")));
  EXPECT_TRUE(fs::exists(path("new", ".code")));
  EXPECT_TRUE(fs::exists(folder_ / "functions"));
}

TEST_F(CodeKeeperTest, AFolderThatIsNotThereIsEmpty) {
  fs::remove_all(folder_);
  EXPECT_EQ(trim_code(folder_, 0)->entries, 0u);
}

}  // namespace
}  // namespace every::wasm
