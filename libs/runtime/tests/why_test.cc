// Why a task ran again, or did not.
#include "every/runtime/why.h"

#include "sharing_support.h"

namespace every::runtime {
namespace {

using Reason = Explanation::Reason;
using Field = Difference::Field;

class WhyTest : public testing::NodeFixture {
 protected:
  Explanation why(const RunAnswer& run, const std::string& task) {
    auto found = node_->explaining()->why(run.id, task);
    EXPECT_TRUE(found) << found.error().message;
    return found ? std::move(*found) : Explanation{.task = {.instruction = run.workflow}};
  }
  [[nodiscard]] static std::string add(const std::string& name, const std::string& args) {
    return task(name, "add", args);
  }
};

TEST_F(WhyTest, TheFirstTaskOfItsKindRanBecauseNothingLikeItHad) {
  const auto first = run(tasks({add("a", "[1, 2]")}));
  const auto found = why(*first, "a");
  EXPECT_EQ(found.reason, Reason::kFirst);
  EXPECT_TRUE(found.searched_all);
  EXPECT_NE(found.sentence.find("task a ran because nothing like it"), std::string::npos)
      << found.sentence;
}

TEST_F(WhyTest, AHitNamesTheTaskThatMadeTheReceipt) {
  const auto first = run(tasks({add("made", "[1, 2]")}));
  const auto second = run(tasks({add("used", "[1, 2]")}));
  const auto found = why(*second, "used");
  EXPECT_EQ(found.reason, Reason::kHit);
  ASSERT_TRUE(found.known && found.known->made_by) << found.sentence;
  EXPECT_EQ(found.known->receipt, *first->tasks[0].receipt);
  EXPECT_EQ(found.known->made_by->run, first->id);
  EXPECT_EQ(found.known->made_by->name, "made");
  EXPECT_NE(found.sentence.find(first->id), std::string::npos) << found.sentence;
}

TEST_F(WhyTest, AnotherArgumentIsNamedWithBothValues) {
  run(tasks({add("a", "[1, 2]")}));
  const auto second = run(tasks({add("a", "[1, 3]")}));
  const auto found = why(*second, "a");
  ASSERT_EQ(found.reason, Reason::kChanged);
  ASSERT_EQ(found.changes.size(), 1u);
  ASSERT_EQ(found.changes[0].differences.size(), 1u);
  EXPECT_EQ(found.changes[0].differences[0].path, "args[1]");
  EXPECT_EQ(found.changes[0].differences[0].before, "2");
  EXPECT_EQ(found.changes[0].differences[0].after, "3");
  EXPECT_EQ(found.sentence, "task a ran again because its argument args[1] (2 → 3) changed");
}

TEST_F(WhyTest, TheNearestIsTheOneThatDiffersLeast) {
  run(tasks({add("a", "[1, 2]")}));
  run(tasks({add("a", "[7, 8]")}));
  const auto third = run(tasks({add("a", "[1, 3]")}));
  const auto found = why(*third, "a");
  ASSERT_EQ(found.reason, Reason::kChanged);
  EXPECT_EQ(found.changes[0].differences.size(), 1u) << found.sentence;
}

TEST_F(WhyTest, OfEquallyNearOnesThatOfTheSameNameCounts) {
  const auto named = run(tasks({add("mine", "[1, 2]")}));
  run(tasks({add("other", "[1, 4]")}));
  const auto third = run(tasks({add("mine", "[1, 3]")}));
  EXPECT_EQ(why(*third, "mine").changes.at(0).earlier.run, named->id);
}

TEST_F(WhyTest, AnAwaitIsFollowedToWhereTheChangeBegan) {
  const auto chain = [&](const std::string& first) {
    return tasks({add("t1", first), add("t2", "[" + output("t1") + ", 1]"),
                  add("t3", "[" + output("t2") + ", 1]")});
  };
  run(chain("[1, 2]"));
  const auto second = run(chain("[1, 3]"));
  const auto found = why(*second, "t3");
  ASSERT_EQ(found.reason, Reason::kChanged);
  ASSERT_EQ(found.changes.size(), 3u);
  EXPECT_EQ(found.changes[0].task.name, "t3");
  EXPECT_EQ(found.changes[0].differences.at(0).field, Field::kAwait);
  EXPECT_EQ(found.changes[1].task.name, "t2");
  EXPECT_EQ(found.changes[1].awaited_by, 0u);
  EXPECT_EQ(found.changes[2].task.name, "t1");
  EXPECT_EQ(found.changes[2].differences.at(0).path, "args[1]");
  EXPECT_EQ(found.sentence,
            "task t3 ran again because it awaits task t2, which awaits task t1, and there the "
            "argument args[1] (2 → 3) changed");
}

TEST_F(WhyTest, AFreshRunSaysThatItWasAsked) {
  run(tasks({add("a", "[1, 2]")}));
  const auto fresh = run(tasks({add("a", "[1, 2]")}), Reuse::kFresh);
  const auto found = why(*fresh, "a");
  EXPECT_EQ(found.reason, Reason::kFresh);
  EXPECT_NE(found.sentence.find("--fresh"), std::string::npos);
}

TEST_F(WhyTest, AForgottenReceiptIsTheReasonEvenAfterItWasMadeAgain) {
  const std::string once = tasks({add("a", "[1, 2]")});
  const auto first = run(once);
  ASSERT_TRUE(node_->sharing()->forget(*first->tasks[0].receipt, Sharing::Dependants::kLeave));
  const auto again = run(once);
  EXPECT_EQ(why(*again, "a").reason, Reason::kForgotten);
}

TEST_F(WhyTest, AFailureBeforeIsNoResult) {
  const std::string bad = tasks({task("a", "divide", "[1, 0]")});
  const auto first = run(bad);
  const auto again = run(bad);
  const auto found = why(*again, "a");
  EXPECT_EQ(found.reason, Reason::kFailedBefore);
  ASSERT_TRUE(found.earlier);
  EXPECT_EQ(found.earlier->run, first->id);
}

TEST_F(WhyTest, AFailuresValueIsTheReasonOfWhatItReached) {
  const auto answer = run(tasks(
      {task("bad", "divide", "[1, 0]"), task("rescue", "echo", "[\"{{needs.bad.error}}\"]")}));
  EXPECT_EQ(why(*answer, "rescue").reason, Reason::kFailure);
}

TEST_F(WhyTest, WhatDidNotRunSaysWhy) {
  const auto answer = run(
      tasks({task("bad", "divide", "[1, 0]"), task("after", "echo", "[" + output("bad") + "]")}));
  const auto found = why(*answer, "after");
  EXPECT_EQ(found.reason, Reason::kNotRun);
  EXPECT_NE(found.sentence.find("task bad"), std::string::npos) << found.sentence;
}

TEST_F(WhyTest, AMissingBlockIsNamed) {
  const std::string once = tasks({task("a", "echo", "[\"x\"]")});
  const auto first = run(once);
  const auto record = store_->find_receipt(*first->tasks[0].receipt);
  ASSERT_TRUE(record && *record);
  // The one receipt that may be used says a value that links to content which is not here.
  const ipld::Cid gone = *ipld::dag_cbor::cid_of(ipld::Value("gone"));
  auto block = invocation::splice_receipt(invocation::Outcome::Tag::kOk,
                                          *ipld::dag_cbor::encode(ipld::Value(gone)),
                                          (*record)->ran, "echo");
  store::ReceiptRecord linked = **record;
  linked.cid = block.cid;
  linked.block = std::move(block.bytes);
  store::Batch batch;
  batch.receipts.push_back(std::move(linked));
  ASSERT_TRUE(store_->commit_and_wait(std::move(batch)));
  ASSERT_TRUE(node_->sharing()->forget(*first->tasks[0].receipt, Sharing::Dependants::kLeave));
  const auto again = run(once);
  const auto found = why(*again, "a");
  EXPECT_EQ(found.reason, Reason::kContent) << found.sentence;
  ASSERT_EQ(found.missing.size(), 1u);
  EXPECT_EQ(found.missing[0], gone);
  EXPECT_NE(found.sentence.find(gone.render()), std::string::npos) << found.sentence;
}

TEST_F(WhyTest, EqualTasksOfOneRunShareAnExecution) {
  const auto answer = run(tasks({add("a", "[1, 2]"), add("b", "[1, 2]")}));
  const auto found = why(*answer, "b");
  EXPECT_EQ(found.reason, Reason::kJoined);
  ASSERT_TRUE(found.known && found.known->made_by);
  EXPECT_EQ(found.known->made_by->name, "a");
  EXPECT_NE(found.sentence.find("task a of this run"), std::string::npos) << found.sentence;
}

TEST_F(WhyTest, ATaskIsFoundByNameIndexAndInstruction) {
  const auto answer = run(tasks({add("a", "[1, 2]"), add("b", "[3, 4]")}));
  EXPECT_EQ(why(*answer, "b").task.task, 1u);
  EXPECT_EQ(why(*answer, "1").task.task, 1u);
  EXPECT_EQ(why(*answer, answer->tasks[1].instruction.render()).task.task, 1u);
  const auto none = node_->explaining()->why(answer->id, "c");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, core::ErrorCode::kNotFound);
  EXPECT_NE(none.error().message.find("it has a, b"), std::string::npos) << none.error().message;
  EXPECT_EQ(node_->explaining()->why(answer->id, "2").error().code, core::ErrorCode::kNotFound);
  EXPECT_EQ(node_->explaining()->why("nothing", "a").error().code, core::ErrorCode::kNotFound);
}

TEST_F(WhyTest, ARunUnderWayIsExplainedAsFarAsItIs) {
  executor_->hold();
  const auto handle =
      submit(tasks({add("a", "[1, 2]"), task("b", "echo", "[" + output("a") + "]")}));
  ASSERT_TRUE(executor_->wait_for_held(1));
  const auto whys = node_->explaining()->why_all(handle->id());
  ASSERT_TRUE(whys);
  EXPECT_EQ((*whys)[0].reason, Reason::kPending);
  EXPECT_EQ((*whys)[0].sentence, "task a is running");
  EXPECT_EQ((*whys)[1].sentence, "task b waits for what it awaits");
  executor_->release_all();
  wait(handle);
}

TEST_F(WhyTest, EveryTaskOfARunHasItsAnswer) {
  run(tasks({add("a", "[1, 2]")}));
  const auto second = run(tasks({add("a", "[1, 2]"), add("b", "[5, 6]")}));
  const auto whys = node_->explaining()->why_all(second->id);
  ASSERT_TRUE(whys);
  ASSERT_EQ(whys->size(), 2u);
  EXPECT_EQ((*whys)[0].reason, Reason::kHit);
  EXPECT_EQ((*whys)[1].reason, Reason::kChanged);
}

TEST_F(WhyTest, SaysWhenNotEverythingWasLookedAt) {
  NodeOptions options;
  options.runs_to_compare = 1;
  open(wasm::testing::FakeMode::kThreaded, {.durability = store::Durability::kMemory},
       std::move(options));
  run(tasks({add("a", "[1, 2]")}));
  run(tasks({task("x", "echo", "[\"x\"]")}));
  const auto third = run(tasks({add("a", "[1, 3]")}));
  const auto found = why(*third, "a");
  EXPECT_EQ(found.reason, Reason::kFirst);
  EXPECT_EQ(found.runs_searched, 1u);
  EXPECT_FALSE(found.searched_all);
  EXPECT_NE(found.sentence.find("not those before"), std::string::npos) << found.sentence;
}

TEST_F(WhyTest, AnotherComponentIsNamedWithBothBuilds) {
  const auto cid_of = [](std::string_view text) {
    return *blocks::cid_of_file(core::as_bytes(text));
  };
  NodeOptions options;
  options.build_of = [&](const ipld::Cid& cid) -> std::optional<BuildNote> {
    return BuildNote{.language = "rust",
                     .built = 1,
                     .tools = {{"rustc", "1.89"}},
                     .options = {},
                     .files = {{"lib.rs", cid == cid_of("v1") ? "x" : "y"}}};
  };
  open(wasm::testing::FakeMode::kThreaded, {.durability = store::Durability::kMemory},
       std::move(options));
  const auto roll = [&](std::string_view bytes) {
    executor_->add_component(
        core::as_bytes(bytes),
        {wasm::testing::make_function(
            "roll", {}, wit::make_primitive(wit::Kind::kS64),
            [](const ipld::List&) -> core::Result<ipld::Value> { return 6; })});
    EXPECT_TRUE(node_->load("dice", "dice.wasm", core::as_bytes(bytes)));
    return run(tasks({task("r", "roll", "[]")}));
  };
  roll("v1");
  const auto second = roll("v2");
  const auto found = why(*second, "r");
  ASSERT_EQ(found.reason, Reason::kChanged) << found.sentence;
  const auto& difference = found.changes.at(0).differences.at(0);
  EXPECT_EQ(difference.field, Field::kComponent);
  EXPECT_EQ(difference.before, cid_of("v1").render());
  EXPECT_EQ(difference.after, cid_of("v2").render());
  ASSERT_TRUE(difference.before_build && difference.after_build);
  EXPECT_EQ(difference.build_changes, (std::vector<std::string>{"file lib.rs changed"}));
  EXPECT_EQ(found.sentence, "task r ran again because its component changed");
}

TEST(WhyOriginTest, AnImportedResultNamesWhoAttestsIt) {
  testing::Machine near(1);
  testing::Machine far(2, {1});
  near.serve_dice();
  far.serve_dice();
  far.import(near.export_all({near.receipt_of_roll()}));
  const auto hit = far.roll();
  const auto found = far.node_->explaining()->why(hit->id, "r");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->reason, Reason::kHit);
  ASSERT_TRUE(found->known);
  EXPECT_TRUE(found->known->imported);
  EXPECT_EQ(found->known->node, testing::key_of(1).public_key().peer_id());
  EXPECT_EQ(found->known->attested_by.size(), 1u);
}

}  // namespace
}  // namespace every::runtime
