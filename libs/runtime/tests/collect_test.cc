// What nothing needs goes, and nothing else.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include <unistd.h>

#include "every/blocks/housekeeping.h"
#include "every/core/testing/manual_clock.h"
#include "every/ipld/dag_cbor.h"
#include "every/runtime/housekeeping.h"
#include "every/runtime/testing/node_fixture.h"
#include "every/store/housekeeping.h"

namespace every::runtime {
namespace {

using What = CollectRequest::What;
constexpr std::chrono::hours kDay{24};

class CollectTest : public testing::NodeFixture {
 protected:
  CollectTest() {
    std::filesystem::create_directory(dir_);
    blocks_file_ = dir_ / "blocks.db";
    reopen();
  }
  ~CollectTest() override {
    node_.reset();
    std::filesystem::remove_all(dir_);
  }
  void reopen(NodeOptions options = {}) {
    node_clock_ = &time_;
    node_.reset();
    open(wasm::testing::FakeMode::kThreaded,
         {.file = dir_ / "store.db", .durability = store::Durability::kRelaxed},
         std::move(options));
  }
  /// Serves `roll()` under a label, from content that is told apart by `way` and has some blocks.
  ipld::Cid serve(const std::string& label, const std::string& way) {
    const std::string bytes = way + std::string(600'000, way[0]);
    executor_->add_component(
        core::as_bytes(bytes),
        {wasm::testing::make_function("roll", {}, wit::make_primitive(wit::Kind::kS64),
                                      [](const ipld::List&) -> core::Result<ipld::Value> {
                                        return ipld::Value(ipld::Integer(std::int64_t{4}));
                                      })});
    const auto loaded = node_->load(label, label + ".wasm", core::as_bytes(bytes));
    EXPECT_TRUE(loaded) << loaded.error().message;
    return *blocks::cid_of_file(core::as_bytes(bytes));
  }
  std::shared_ptr<const RunAnswer> roll() {
    auto answer = run(tasks({task("r", "roll", "[]")}));
    EXPECT_EQ(answer->state, RunState::kCompleted);
    while (!store_->find_run(answer->id).value() ||
           store_->find_run(answer->id).value()->finished == 0)
      std::this_thread::yield();
    return answer;
  }
  [[nodiscard]] bool is_whole(const ipld::Cid& cid) {
    return blocks::read_content(*blocks_, cid, std::uint64_t{1} << 30).has_value();
  }
  [[nodiscard]] Collected collect(What what = What::kDo) {
    const auto collected = node_->housekeeping()->collect({.what = what});
    EXPECT_TRUE(collected) << collected.error().message;
    return collected ? *collected : Collected();
  }
  static blocks::Block leaf(const std::string& text) {
    return {ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, core::as_bytes(text)),
            core::to_bytes(text)};
  }

  const std::filesystem::path dir_ =
      std::filesystem::temp_directory_path() / ("every-collect-" + std::to_string(::getpid()));
  core::testing::ManualClock time_;
};

TEST_F(CollectTest, ALookTellsWhatWouldGoAndRemovesNothing) {
  const auto old = serve("dice", "a");
  const auto now = serve("dice", "b");
  const Collected looked = collect(What::kLook);
  EXPECT_EQ(looked.components, 1u);
  EXPECT_GE(looked.blocks, 3u);
  EXPECT_GT(looked.block_bytes, 300'000u);
  EXPECT_TRUE(is_whole(old));
  const Collected done = collect();
  EXPECT_EQ(done.blocks, looked.blocks);
  EXPECT_EQ(done.block_bytes, looked.block_bytes);
  EXPECT_EQ(done.kept_blocks, looked.kept_blocks);
  EXPECT_FALSE(is_whole(old));
  EXPECT_TRUE(is_whole(now));
  EXPECT_EQ(collect().blocks, 0u);
}

TEST_F(CollectTest, TheComponentOfAKeptRunStaysAndItsResultStaysWithoutTheRun) {
  const auto old = serve("dice", "a");
  const auto answer = roll();
  serve("dice", "b");
  EXPECT_EQ(collect().blocks, 0u);
  EXPECT_TRUE(is_whole(old));
  time_.advance(31 * kDay);
  const Collected collected = collect();
  EXPECT_EQ(collected.runs, 1u);
  EXPECT_GT(collected.run_bytes, 0u);
  EXPECT_EQ(collected.components, 1u);
  EXPECT_EQ(collected.kept_results, 1u);
  EXPECT_FALSE(is_whole(old));
  EXPECT_TRUE(node_->get_receipt(*answer->tasks[0].receipt));
  EXPECT_EQ(collect().blocks, 0u) << "what says what was run stays with the result";
}

TEST_F(CollectTest, APinnedRunKeepsItsComponent) {
  const auto old = serve("dice", "a");
  const auto answer = roll();
  serve("dice", "b");
  ASSERT_TRUE(node_->housekeeping()->pin(answer->id));
  time_.advance(400 * kDay);
  EXPECT_EQ(collect().blocks, 0u);
  EXPECT_TRUE(is_whole(old));
  ASSERT_TRUE(node_->housekeeping()->unpin(answer->id));
  EXPECT_EQ(collect().components, 1u);
}

TEST_F(CollectTest, APinnedComponentStays) {
  const auto old = serve("dice", "a");
  serve("dice", "b");
  const auto pin = node_->housekeeping()->pin("/ipfs/" + old.render());
  ASSERT_TRUE(pin) << pin.error().message;
  EXPECT_EQ(pin->kind, Pin::Kind::kContent);
  EXPECT_EQ(pin->what, old.render());
  EXPECT_EQ(collect().blocks, 0u);
  ASSERT_EQ(node_->housekeeping()->pins()->size(), 1u);
  ASSERT_TRUE(node_->housekeeping()->unpin(old.render()));
  EXPECT_FALSE(node_->housekeeping()->unpin(old.render()));
  EXPECT_GT(collect().blocks, 0u);
}

TEST_F(CollectTest, WhatSomebodyAddedStaysUntilItIsUnpinned) {
  const auto file = leaf("somebody's file");
  ASSERT_TRUE(node_->put_blocks(std::vector{file}));
  ASSERT_TRUE(node_->note_added(file.cid));
  reopen();
  time_.advance(400 * kDay);
  EXPECT_EQ(collect().blocks, 0u);
  EXPECT_EQ(node_->housekeeping()->pins()->front().kind, Pin::Kind::kAdded);
  ASSERT_TRUE(node_->housekeeping()->unpin(file.cid.render()));
  EXPECT_EQ(collect().blocks, 1u);
}

TEST_F(CollectTest, AnUploadHasAnHourToSayWhatItIsPartOf) {
  ASSERT_TRUE(node_->put_blocks(std::vector{leaf("a part")}));
  time_.advance(std::chrono::minutes(59));
  EXPECT_EQ(collect().blocks, 0u);
  time_.advance(std::chrono::minutes(2));
  EXPECT_EQ(collect().blocks, 1u);
}

TEST_F(CollectTest, ContentThatAResultLinksToStays) {
  const auto linked = leaf("what the result links to");
  ASSERT_TRUE(blocks_->put(std::vector{linked, leaf("nothing links to this")}));
  const auto instruction = leaf("instruction").cid;
  ipld::Map map{{"iss", ipld::Value()},
                {"meta", ipld::Value(ipld::Map{})},
                {"out", ipld::Value(ipld::List{ipld::Value("ok"), ipld::Value(linked.cid)})},
                {"prf", ipld::Value(ipld::List{})},
                {"ran", ipld::Value(leaf("invocation").cid)}};
  auto block = *ipld::dag_cbor::encode(ipld::Value(std::move(map)));
  store::Batch batch;
  batch.receipts.push_back({.cid = ipld::Cid::of_dag_cbor(block),
                            .instruction = instruction,
                            .ran = leaf("invocation").cid,
                            .block = block,
                            .engine = {}});
  ASSERT_TRUE(store_->commit_and_wait(std::move(batch)));
  EXPECT_EQ(collect().blocks, 1u);
  EXPECT_TRUE(blocks_->has(linked.cid).value());
}

TEST_F(CollectTest, PinsWhatIsHereAndNothingElse) {
  serve("dice", "a");
  const auto answer = roll();
  Housekeeping& keeping = *node_->housekeeping();
  EXPECT_EQ(keeping.pin(answer->id)->kind, Pin::Kind::kRun);
  EXPECT_EQ(keeping.pin(answer->tasks[0].receipt->render())->kind, Pin::Kind::kResult);
  for (const std::string& what : {std::string("nothing"), leaf("x").cid.render()}) {
    const auto refused = keeping.pin(what);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, core::ErrorCode::kNotFound);
    EXPECT_EQ(keeping.unpin(what).error().code, core::ErrorCode::kNotFound);
  }
  EXPECT_EQ(keeping.pins()->size(), 2u);
}

TEST_F(CollectTest, ANodeInMemoryCollectsRunsAndKeepsContent) {
  blocks_file_.clear();
  open(wasm::testing::FakeMode::kThreaded, {.durability = store::Durability::kMemory});
  run(tasks({task("t", "add", "[1,2]")}));
  const auto collected = node_->housekeeping()->collect({.what = What::kDo});
  ASSERT_TRUE(collected) << collected.error().message;
  EXPECT_EQ(collected->blocks, 0u);
}

TEST_F(CollectTest, ResultsThatNoRunHasGoWhenThatIsAskedFor) {
  serve("dice", "a");
  roll();
  const auto pinned = run(tasks({task("p", "add", "[5,5]")}));
  ASSERT_TRUE(node_->housekeeping()->pin(pinned->tasks[0].receipt->render()));
  time_.advance(31 * kDay);
  const auto young = run(tasks({task("t", "add", "[1,2]")}));
  const CollectRequest look{.what = What::kLook, .results_older_than = kDay};
  EXPECT_EQ(node_->housekeeping()->collect(look)->results, 0u) << "a run still has them";
  EXPECT_EQ(collect().runs, 2u);
  EXPECT_EQ(node_->housekeeping()->collect(look)->results, 1u);
  const CollectRequest request{.what = What::kDo, .results_older_than = kDay};
  const auto collected = node_->housekeeping()->collect(request);
  ASSERT_TRUE(collected) << collected.error().message;
  EXPECT_EQ(collected->results, 1u);
  EXPECT_EQ(collected->kept_results, 2u);
  EXPECT_GT(collected->blocks, 0u) << "what it answered goes with it";
  EXPECT_FALSE(roll()->tasks[0].replayed);
  EXPECT_TRUE(run(tasks({task("p", "add", "[5,5]")}))->tasks[0].replayed);
  EXPECT_TRUE(run(tasks({task("t", "add", "[1,2]")}))->tasks[0].replayed);
}

TEST_F(CollectTest, NoTaskIsEverLeftWithoutItsResult) {
  reopen({.run_timeout = 4000 * kDay, .keep = {.run_bytes = 1}});
  std::uint64_t results = 0;
  for (int phase = 0; phase < 10; ++phase) {
    std::vector<std::thread> workers;
    for (int worker = 0; worker < 2; ++worker) {
      workers.emplace_back([&, worker] {
        for (int i = 0; i < 40; ++i) {
          const std::string n = std::to_string(i % 5);
          const auto answer =
              run(tasks({task("a", "add", "[" + n + ",1]"), task("b", "add", "[" + n + ",2]"),
                         task("c", "add", "[" + n + "," + std::to_string(100 + worker) + "]")}));
          EXPECT_EQ(answer->state, RunState::kCompleted);
        }
      });
    }
    for (int round = 0; round < 4; ++round) {
      time_.advance(std::chrono::hours(2));
      const auto collected = node_->housekeeping()->collect(
          {.what = What::kDo, .results_older_than = std::chrono::hours(1)});
      EXPECT_TRUE(collected) << collected.error().message;
      if (collected) results += collected->results;
    }
    for (std::thread& worker : workers) worker.join();
    // Runs whose results were known are recorded behind their answers.
    while (node_->health().active_runs > 0) std::this_thread::yield();
    ASSERT_TRUE(store_->commit_and_wait({}));
    std::vector<ipld::Cid> of_tasks;
    const auto note = [&](core::BytesView cid) -> core::Status {
      of_tasks.push_back(*ipld::Cid::decode(cid));
      return {};
    };
    ASSERT_TRUE(store_->housekeeping().each_receipt_of_tasks(note));
    for (const ipld::Cid& cid : of_tasks)
      EXPECT_TRUE(store_->find_receipt_block(cid).value()) << phase;
  }
  EXPECT_GT(results, 0u);
}

TEST_F(CollectTest, WhatIsLoadedAndRunMeanwhileIsNeverTakenAway) {
  constexpr int kRounds = 30;
  std::atomic<bool> stop = false;
  std::thread collector([&] {
    while (!stop) std::ignore = collect();
  });
  // The same few components come and go, so that a collection finds them unused at one moment and needed at the next.
  for (int round = 0; round < kRounds; ++round) {
    const auto cid = serve("dice", std::string(1, static_cast<char>('a' + round % 3)));
    EXPECT_TRUE(is_whole(cid)) << round;
    // From its first run on a component has a run that needs it.
    if (round < kRounds / 2) continue;
    const auto answer = run(tasks({task("r", "roll", "[]")}), Reuse::kFresh);
    EXPECT_EQ(answer->state, RunState::kCompleted) << round;
    EXPECT_TRUE(is_whole(cid)) << round;
  }
  stop = true;
  collector.join();
  std::ignore = collect();
  for (const auto& component : node_->components()) EXPECT_TRUE(is_whole(component->cid));
}

}  // namespace
}  // namespace every::runtime
