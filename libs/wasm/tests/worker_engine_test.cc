// Real components in real worker processes, sandboxed as the product sandboxes them.
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <future>

#include "test_paths.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "every/core/file.h"
#include "every/ipld/dag_cbor.h"
#include "every/wasm/worker_pool.h"

namespace every::wasm {
namespace {

using core::ErrorCode;
using ::testing::HasSubstr;

constexpr std::string_view kSpin = R"((component
  (core module $m (func (export "spin") (loop $l (br $l))) (func (export "one") (result i32) (i32.const 1)))
  (core instance $i (instantiate $m))
  (func (export "spin") (canon lift (core func $i "spin")))
  (func (export "one") (result u32) (canon lift (core func $i "one")))))";

ipld::Cid cid_of(core::BytesView bytes) {
  return ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, bytes);
}

std::future<core::Result<ipld::Value>> begin(Executor& pool, TaskSpec spec,
                                             Executor::TaskId* id = nullptr) {
  auto promise = std::make_shared<std::promise<core::Result<ipld::Value>>>();
  auto future = promise->get_future();
  const auto started = pool.start(std::move(spec), nullptr, [promise](TaskOutcome outcome) {
    if (!outcome.value) return promise->set_value(core::fail(outcome.value.error()));
    promise->set_value(ipld::dag_cbor::decode(*outcome.value));
  });
  if (id != nullptr) *id = started;
  return future;
}

class EngineWorkersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto folder = (std::filesystem::temp_directory_path() / "every-workers-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    cache_ = folder;
    types_ = *core::read_file(EVERY_TEST_DATA_DIR "/types/types.wasm");
  }
  void TearDown() override {
    pool_.reset();
    std::filesystem::remove_all(cache_);
  }
  WorkerPoolOptions options() {
    WorkerPoolOptions options;
    options.command = {EVERY_TEST_ENGINE_WORKER};
    options.workers = 2;
    options.code_cache = cache_;
    return options;
  }
  void open(const WorkerPoolOptions& options) {
    pool_.reset();
    auto made = make_worker_pool(options);
    ASSERT_TRUE(made) << made.error().message;
    pool_ = std::move(*made);
  }
  std::shared_ptr<const ComponentInfo> prepare(core::BytesView bytes) {
    const auto prepared = pool_->prepare(cid_of(bytes), bytes);
    EXPECT_TRUE(prepared) << prepared.error().message;
    return prepared.value_or(nullptr);
  }
  /// One call of `u32-echo` or the like; the first function of one u32.
  core::Result<ipld::Value> call(core::BytesView component, std::string function, ipld::List args) {
    return begin(*pool_, {cid_of(component), std::move(function), std::move(args), {}, {}}).get();
  }

  std::filesystem::path cache_;
  core::Bytes types_;
  std::unique_ptr<Executor> pool_;
};

TEST_F(EngineWorkersTest, RunAComponentThatWasCompiledByAnotherProcess) {
  open(options());
  ASSERT_TRUE(prepare(core::as_bytes(kSpin)));
  const auto value = call(core::as_bytes(kSpin), "one", {});
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(*value, ipld::Value(1));
}

TEST_F(EngineWorkersTest, DescribeAComponentAsTheEngineDoes) {
  open(options());
  const auto info = prepare(types_);
  ASSERT_TRUE(info);
  EXPECT_GT(info->functions.size(), 20);
  EXPECT_THAT(info->wit, HasSubstr("world"));
  EXPECT_EQ(info->size, types_.size());
}

TEST_F(EngineWorkersTest, UseWhatAnEarlierNodeCompiled) {
  open(options());
  ASSERT_TRUE(prepare(core::as_bytes(kSpin)));
  auto settings = options();
  settings.compile_time = std::chrono::nanoseconds(0);  // compiling would fail
  open(settings);
  ASSERT_TRUE(prepare(core::as_bytes(kSpin)));
  EXPECT_TRUE(call(core::as_bytes(kSpin), "one", {}));
}

TEST_F(EngineWorkersTest, NeedNoBytesOfWhatAnEarlierNodeCompiled) {
  open(options());
  const auto before = prepare(types_);
  ASSERT_TRUE(before);
  EXPECT_EQ(before->language, "rust");
  open(options());
  const auto known = pool_->prepare_known(cid_of(types_));
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_EQ((*known)->size, before->size);
  EXPECT_EQ((*known)->language, before->language);
  EXPECT_TRUE(pool_->find_prepared(cid_of(types_)));
  EXPECT_EQ(pool_->prepare_known(cid_of(core::as_bytes("never compiled"))).error().code,
            ErrorCode::kNotFound);
}

TEST_F(EngineWorkersTest, WorkWithoutACodeCache) {
  auto settings = options();
  settings.code_cache.clear();
  open(settings);
  ASSERT_TRUE(prepare(core::as_bytes(kSpin)));
  EXPECT_TRUE(call(core::as_bytes(kSpin), "one", {}));
  EXPECT_EQ(pool_->prepare_known(cid_of(core::as_bytes(kSpin))).error().code, ErrorCode::kNotFound);
}

TEST_F(EngineWorkersTest, DoNotUseACacheThatOthersMayWriteTo) {
  std::filesystem::permissions(cache_, std::filesystem::perms::all);
  open(options());
  ASSERT_TRUE(prepare(core::as_bytes(kSpin)));
  EXPECT_TRUE(call(core::as_bytes(kSpin), "one", {}));
  EXPECT_TRUE(std::filesystem::is_empty(cache_));
}

TEST_F(EngineWorkersTest, EndAnEndlessGuestAtItsTimeLimit) {
  open(options());
  ASSERT_TRUE(prepare(core::as_bytes(kSpin)));
  TaskSpec spec{cid_of(core::as_bytes(kSpin)), "spin", {}, {}, {}};
  spec.limits.time = std::chrono::milliseconds(100);
  const auto value = begin(*pool_, std::move(spec)).get();
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, ErrorCode::kTimeout);
}

TEST_F(EngineWorkersTest, MeterFuelWhenAsked) {
  open(options());
  ASSERT_TRUE(prepare(core::as_bytes(kSpin)));
  TaskSpec spec{cid_of(core::as_bytes(kSpin)), "spin", {}, {}, {}};
  spec.limits.fuel = 10'000;
  const auto value = begin(*pool_, std::move(spec)).get();
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, ErrorCode::kResourceExhausted) << value.error().message;
}

TEST_F(EngineWorkersTest, RunGoodWorkBesideTwentyEndlessGuests) {
  open(options());
  ASSERT_TRUE(prepare(core::as_bytes(kSpin)));
  std::vector<std::future<core::Result<ipld::Value>>> endless;
  std::vector<Executor::TaskId> ids(20);
  for (auto& id : ids)
    endless.push_back(begin(*pool_, {cid_of(core::as_bytes(kSpin)), "spin", {}, {}, {}}, &id));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(call(core::as_bytes(kSpin), "one", {}));
  for (const auto id : ids) pool_->cancel(id);
  for (auto& task : endless) {
    const auto value = task.get();
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code, ErrorCode::kCancelled) << value.error().message;
  }
}

TEST_F(EngineWorkersTest, RefuseWhatIsNoComponent) {
  open(options());
  const auto bytes = core::to_bytes("neither a component nor a module");
  const auto refused = pool_->prepare(cid_of(bytes), bytes);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kMalformed) << refused.error().message;
}

}  // namespace
}  // namespace every::wasm
