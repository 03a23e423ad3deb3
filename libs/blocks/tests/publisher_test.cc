// A publisher against a Kubo that can be away, refuse and restart.
#include "every/blocks/publisher.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "outbox.h"
#include <gtest/gtest.h>

#include "every/core/clock.h"
#include "every/core/guarded.h"
#include "every/sql/testing/temp_dir.h"

namespace every::blocks {
namespace {

using core::ErrorCode;
using std::chrono::milliseconds;

struct NullSink final : core::LogSink {
  void write(const core::LogRecord&) override {}
};

/// Keeps what it is given, as long as it is up.
class FakeKubo final : public Kubo {
 public:
  struct State {
    bool up = true;
    std::string peer = "peer";
    std::map<ipld::Cid, core::Bytes> blocks;
    std::set<ipld::Cid> refused;
    std::vector<ipld::Cid> order;
    std::set<ipld::Cid> pinned;
    std::set<ipld::Cid> pinned_with_all;
    int puts_until_away = -1;  ///< then it goes away in mid-work
    bool cuts_otherwise = false;
  };
  core::Guarded<State> state;

  [[nodiscard]] const std::string& name() const override { return name_; }
  core::Result<std::optional<core::Bytes>> fetch(const ipld::Cid&) override { return std::nullopt; }
  void cancel() override { state.lock()->up = false; }
  core::Result<std::string> id() override {
    auto held = state.lock();
    asked_.notify_all();
    ++ids_;
    if (!held->up) return away();
    return held->peer;
  }
  core::Result<bool> has(const ipld::Cid& cid) override {
    return state.lock()->blocks.contains(cid);
  }
  core::Status put(const ipld::Cid& cid, core::BytesView block) override {
    auto held = state.lock();
    if (held->puts_until_away == 0) {
      held->puts_until_away = -1;
      held->up = false;
    }
    if (held->puts_until_away > 0) --held->puts_until_away;
    if (!held->up) return away();
    if (held->refused.contains(cid))
      return core::fail(ErrorCode::kInvalidArgument, "no room for this one");
    held->blocks[cid] = core::to_bytes(block);
    held->order.push_back(cid);
    asked_.notify_all();
    return {};
  }
  core::Status pin(std::span<const ipld::Cid> cids, Pin how) override {
    auto held = state.lock();
    if (!held->up) return away();
    for (const ipld::Cid& cid : cids) {
      if (!held->blocks.contains(cid)) return core::fail(ErrorCode::kInvalidArgument, "not here");
      (how == Pin::kDirect ? held->pinned : held->pinned_with_all).insert(cid);
    }
    asked_.notify_all();
    return {};
  }
  core::Result<ipld::Cid> add(core::BytesView file) override {
    auto held = state.lock();
    if (!held->up) return away();
    const ipld::Cid cid = held->cuts_otherwise
                              ? ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_512, file)
                              : cid_of_file(file).value();
    if (held->refused.contains(cid)) return core::fail(ErrorCode::kInvalidArgument, "no");
    held->blocks[cid] = core::to_bytes(file);
    held->order.push_back(cid);
    asked_.notify_all();
    return cid;
  }

  /// Waits until something is true of the state. out: whether it became so
  template <typename Predicate>
  bool wait(Predicate predicate) {
    auto held = state.lock();
    return held.wait_until(asked_, std::chrono::steady_clock::now() + std::chrono::seconds(20),
                           predicate);
  }
  bool wait_for_ids(int more) {
    auto held = state.lock();
    const int wanted = ids_ + more;
    return held.wait_until(asked_, std::chrono::steady_clock::now() + std::chrono::seconds(20),
                           [&](const State&) { return ids_ >= wanted; });
  }

 private:
  static std::unexpected<core::Error> away() {
    return core::fail(ErrorCode::kUnavailable, "nobody listens");
  }
  const std::string name_ = "http://fake";
  std::condition_variable asked_;
  int ids_ = 0;
};

/// A home: receipts that grow, content, and the publisher over its file.
struct PublisherTest : ::testing::Test {
  sql::testing::TempDir dir;
  NullSink sink;
  core::SystemClock clock;
  core::Logger logger{sink, clock, core::LogLevel::kTrace, core::LogLevel::kTrace};
  core::Metrics metrics;
  std::unique_ptr<BlockStore> content =
      std::move(open_sqlite_blocks(dir / "blocks.db", Sync::kRelaxed)).value();
  core::Guarded<std::vector<KeptReceipt>> receipts;
  std::shared_ptr<FakeKubo> kubo = std::make_shared<FakeKubo>();
  std::unique_ptr<Publisher> publisher;

  void start() {
    PublisherOptions options;
    options.file = dir / "blocks.db";
    options.sync = Sync::kRelaxed;
    options.patience.first_pause = milliseconds(2);
    options.patience.longest_pause = milliseconds(5);
    options.patience.contact = milliseconds(0);
    auto made = Publisher::make(options, kubo, logger, metrics);
    ASSERT_TRUE(made) << made.error().message;
    publisher = std::move(*made);
    publisher->start(
        [this](std::int64_t after, std::size_t limit) {
          std::vector<KeptReceipt> page;
          for (const KeptReceipt& receipt : *receipts.lock())
            if (receipt.id > after && page.size() < limit) page.push_back(receipt);
          return page;
        },
        *content);
  }
  /// As after a kill: another process on the same file, with a Kubo that is up.
  void restart() {
    publisher.reset();
    auto fresh = std::make_shared<FakeKubo>();
    *fresh->state.lock() = *kubo->state.lock();
    fresh->state.lock()->up = true;
    kubo = fresh;
    start();
  }
  ipld::Cid keep(const std::string& text) {
    core::Bytes block = core::to_bytes(text);
    const ipld::Cid cid = ipld::Cid::of_dag_cbor(block);
    {
      auto held = receipts.lock();
      held->push_back({static_cast<std::int64_t>(held->size()) + 1, cid, std::move(block)});
    }
    if (publisher) publisher->receipts_kept();
    return cid;
  }
  bool arrives(const ipld::Cid& cid) {
    return kubo->wait([&](const FakeKubo::State& state) { return state.blocks.contains(cid); });
  }
};

TEST_F(PublisherTest, SendsWhatWasKeptBeforeAndWhatComesAfter) {
  const ipld::Cid before = keep("before");
  start();
  const ipld::Cid after = keep("after");
  EXPECT_TRUE(arrives(before));
  EXPECT_TRUE(arrives(after));
  EXPECT_TRUE(kubo->wait([&](const FakeKubo::State& state) { return state.pinned.size() == 2; }));
}

TEST_F(PublisherTest, SendsComponentsBeforeReceipts) {
  const core::Bytes file(300'000, 7);
  const ipld::Cid component = add_file(*content, file).value();
  kubo->state.lock()->up = false;
  start();
  ASSERT_TRUE(publisher->component_kept(component));
  const ipld::Cid receipt = keep("receipt");
  kubo->state.lock()->up = true;
  EXPECT_TRUE(arrives(receipt));
  EXPECT_EQ(kubo->state.lock()->order, (std::vector{component, receipt}));
}

TEST_F(PublisherTest, SendsTheBlocksToAKuboThatCutsFilesOtherwise) {
  const core::Bytes file(600'000, 7);
  const ipld::Cid component = add_file(*content, file).value();
  kubo->state.lock()->cuts_otherwise = true;
  start();
  ASSERT_TRUE(publisher->component_kept(component));
  EXPECT_TRUE(kubo->wait(
      [&](const FakeKubo::State& state) { return state.pinned_with_all.contains(component); }));
}

TEST_F(PublisherTest, LosesNothingWhenKuboGoesAwayInTheMiddleAndComesBack) {
  std::vector<ipld::Cid> all;
  for (int i = 0; i < 200; ++i) all.push_back(keep("receipt " + std::to_string(i)));
  kubo->state.lock()->puts_until_away = 100;
  start();
  ASSERT_TRUE(kubo->wait([](const FakeKubo::State& state) { return !state.up; }));
  all.push_back(keep("meanwhile"));
  ASSERT_TRUE(kubo->wait_for_ids(3));
  EXPECT_FALSE(kubo->state.lock()->blocks.contains(all.back()));
  kubo->state.lock()->up = true;
  for (const ipld::Cid& cid : all) EXPECT_TRUE(arrives(cid));
  EXPECT_TRUE(
      kubo->wait([&](const FakeKubo::State& state) { return state.pinned.size() == all.size(); }));
}

TEST_F(PublisherTest, GoesOnWhereItWasAfterTheProcessEnded) {
  for (int i = 0; i < 10; ++i) keep("receipt " + std::to_string(i));
  start();
  EXPECT_TRUE(kubo->wait([](const FakeKubo::State& state) { return state.pinned.size() == 10; }));
  publisher.reset();
  const ipld::Cid later = keep("later");
  kubo->state.lock()->order.clear();
  restart();
  EXPECT_TRUE(arrives(later));
  EXPECT_EQ(kubo->state.lock()->order, std::vector{later});
}

TEST_F(PublisherTest, SendsAllToAnotherKubo) {
  const ipld::Cid receipt = keep("receipt");
  start();
  EXPECT_TRUE(arrives(receipt));
  publisher.reset();
  *kubo->state.lock() = {.peer = "another"};
  start();
  EXPECT_TRUE(arrives(receipt));
}

TEST_F(PublisherTest, SendsAllToAKuboThatTookThePlaceOfAnotherUnseen) {
  const ipld::Cid before = keep("before");
  start();
  ASSERT_TRUE(kubo->wait([](const FakeKubo::State& state) { return state.pinned.size() == 1; }));
  *kubo->state.lock() = {.peer = "another"};
  const ipld::Cid after = keep("after");
  EXPECT_TRUE(arrives(after));
  EXPECT_TRUE(arrives(before));
}

TEST_F(PublisherTest, BeginsAnewWhenTheReceiptsAreThoseOfAnotherStore) {
  for (int i = 0; i < 5; ++i) keep("old " + std::to_string(i));
  start();
  EXPECT_TRUE(kubo->wait([](const FakeKubo::State& state) { return state.pinned.size() == 5; }));
  publisher.reset();
  receipts.lock()->clear();
  std::vector<ipld::Cid> fresh;
  for (int i = 0; i < 5; ++i) fresh.push_back(keep("new " + std::to_string(i)));
  restart();
  for (const ipld::Cid& cid : fresh) EXPECT_TRUE(arrives(cid));
}

TEST_F(PublisherTest, PassesOverWhatIsRefusedAndTriesItAgain) {
  const ipld::Cid bad = keep("bad");
  const ipld::Cid good = keep("good");
  kubo->state.lock()->refused = {bad};
  start();
  EXPECT_TRUE(arrives(good));
  publisher.reset();
  kubo->state.lock()->refused.clear();
  restart();
  EXPECT_TRUE(arrives(bad));
}

TEST_F(PublisherTest, WaitsWhenEverythingIsRefused) {
  for (int i = 0; i < 20; ++i) kubo->state.lock()->refused.insert(keep("r" + std::to_string(i)));
  const ipld::Cid last = keep("last");
  start();
  ASSERT_TRUE(kubo->wait_for_ids(2));
  kubo->state.lock()->refused.clear();
  EXPECT_TRUE(arrives(last));
  EXPECT_TRUE(kubo->wait([](const FakeKubo::State& state) { return state.blocks.size() == 21; }));
}

TEST_F(PublisherTest, LeavesOutReceiptsThatWereNotMadeHere) {
  const ipld::Cid imported = keep("imported");
  receipts.lock()->back().block.reset();
  start();
  EXPECT_TRUE(arrives(keep("ours")));
  EXPECT_FALSE(kubo->state.lock()->blocks.contains(imported));
}

TEST_F(PublisherTest, SendsWhatIsLeftWhenItIsStopped) {
  start();
  std::vector<ipld::Cid> all;
  for (int i = 0; i < 50; ++i) all.push_back(keep("receipt " + std::to_string(i)));
  ASSERT_TRUE(arrives(all.front()));
  publisher->stop();
  for (const ipld::Cid& cid : all) EXPECT_TRUE(kubo->has(cid).value());
}

TEST_F(PublisherTest, EndsSoonWhenNobodyIsThere) {
  kubo->state.lock()->up = false;
  start();
  keep("receipt");
  publisher->stop();
  EXPECT_EQ(kubo->state.lock()->order.size(), 0u);
}

TEST_F(PublisherTest, CountsWhatItSends) {
  start();
  ASSERT_TRUE(arrives(keep("receipt")));
  publisher->stop();
  double sent = 0;
  for (const auto& family : metrics.snapshot())
    for (const auto& sample : family.samples)
      if (family.name == "every_kubo_published_total") sent += sample.value;
  EXPECT_EQ(sent, 1);
}

TEST(OutboxTest, NotesAComponentOnceAndRemembersHowFarItGot) {
  const auto outbox = std::move(Outbox::open_memory()).value();
  const ipld::Cid cid = ipld::Cid::of_dag_cbor(core::as_bytes("a"));
  ASSERT_TRUE(outbox->note_component(cid));
  ASSERT_TRUE(outbox->note_component(cid));
  EXPECT_EQ(outbox->components(0, 10)->size(), 1u);
  EXPECT_EQ(outbox->progress("peer")->receipt, 0);
  ASSERT_TRUE(outbox->save("peer", {1, 2, cid}));
  ASSERT_TRUE(outbox->save("peer", {3, 4, cid}));
  EXPECT_EQ(outbox->progress("peer")->component, 3);
  EXPECT_EQ(outbox->progress("peer")->receipt, 4);
  EXPECT_EQ(outbox->progress("peer")->receipt_cid, cid);
  EXPECT_EQ(outbox->progress("another")->receipt, 0);
}

}  // namespace
}  // namespace every::blocks
