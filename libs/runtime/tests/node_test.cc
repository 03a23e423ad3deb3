#include "every/runtime/node.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "every/core/guarded.h"
#include "every/runtime/testing/node_fixture.h"

namespace every::runtime {
namespace {

using testing::NodeFixture;
using wasm::testing::FakeExecutor;

class NodeTest : public NodeFixture {};

TEST_F(NodeTest, RunsATaskAndReplaysItTheNextTime) {
  const std::string add = tasks({task("add", "add", "[3.1, 5.2]")});
  const auto first = run(add);
  ASSERT_EQ(first->state, RunState::kCompleted);
  EXPECT_EQ(*first->tasks[0].value, ipld::Value(8.3));
  EXPECT_FALSE(first->tasks[0].replayed);
  const auto second = run(add);
  EXPECT_TRUE(second->tasks[0].replayed);
  EXPECT_EQ(second->tasks[0].receipt, first->tasks[0].receipt);
  EXPECT_EQ(executor_->executions("add"), 1u);
}

TEST_F(NodeTest, LoadsWhatItHasWithoutItsBytes) {
  const auto known = node_->load_known("again", "again.wasm", FakeExecutor::standard_component());
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_EQ((*known)->label, "again");
  EXPECT_EQ((*known)->size, FakeExecutor::standard_bytes().size());
  EXPECT_FALSE((*known)->functions.empty());
  EXPECT_EQ(node_->components().size(), 2u);
}

TEST_F(NodeTest, AsksForTheBytesOfWhatItHasOnlyInPart) {
  // Its code is there, its blocks are not.
  const auto bytes = core::as_bytes("half");
  const auto half = executor_->add_component(bytes, {});
  ASSERT_TRUE(executor_->prepare(half, bytes));
  EXPECT_EQ(node_->load_known("half", "half.wasm", half).error().code, core::ErrorCode::kNotFound);
  ASSERT_TRUE(node_->load("half", "half.wasm", bytes));
  EXPECT_TRUE(node_->load_known("half", "half.wasm", half));
}

TEST_F(NodeTest, ChainsTasksWhateverTheirOrderInTheFile) {
  const auto answer =
      run(tasks({task("c", "divide", "[" + output("b") + ", 1.5]"), task("a", "add", "[3.1, 5.2]"),
                 task("b", "subtract", "[" + output("a") + ", 4.4]")}));
  ASSERT_EQ(answer->state, RunState::kCompleted);
  EXPECT_EQ(*answer->tasks[0].value, ipld::Value((3.1 + 5.2 - 4.4) / 1.5));
  EXPECT_EQ(*answer->tasks[1].value, ipld::Value(8.3));
  EXPECT_EQ(answer->answer, 2u);
}

TEST_F(NodeTest, AnswersEqualTasksOfOneWorkflowFromOneExecution) {
  const auto answer = run(tasks(
      {task("a", "add", "[1, 2]"), task("b", "add", "[1.0, 2]"), task("c", "add", "[1, 2]")}));
  ASSERT_EQ(answer->state, RunState::kCompleted);
  for (const auto& entry : answer->tasks) EXPECT_EQ(*entry.value, ipld::Value(3.0));
  EXPECT_EQ(executor_->executions("add"), 1u);
}

TEST_F(NodeTest, RunsAHundredEqualRunsAtOnceWithOneExecution) {
  executor_->hold();
  std::vector<std::shared_ptr<RunHandle>> handles;
  for (int i = 0; i < 100; ++i) handles.push_back(submit(tasks({task("a", "add", "[7, 8]")})));
  ASSERT_TRUE(executor_->wait_for_held(1));
  executor_->release_all();
  for (const auto& handle : handles) EXPECT_EQ(*wait(handle)->tasks[0].value, ipld::Value(15.0));
  EXPECT_EQ(executor_->executions("add"), 1u);
}

TEST_F(NodeTest, RunsAThousandTaskChain) {
  std::vector<std::string> list{task("t0", "add-integers", "[0, 1]")};
  for (int i = 1; i < 1000; ++i)
    list.push_back(task("t" + std::to_string(i), "add-integers",
                        "[" + output("t" + std::to_string(i - 1)) + ", 1]"));
  const auto fresh = run(tasks(list));
  ASSERT_EQ(fresh->state, RunState::kCompleted);
  EXPECT_EQ(*fresh->tasks[999].value, ipld::Value(1000));
  const auto replay = run(tasks(list));
  EXPECT_TRUE(std::all_of(replay->tasks.begin(), replay->tasks.end(),
                          [](const TaskAnswer& entry) { return entry.replayed; }));
  EXPECT_EQ(executor_->executions("add-integers"), 1000u);
}

TEST_F(NodeTest, FansOutToAThousandAndInAgain) {
  std::vector<std::string> list;
  std::string all;
  for (int i = 0; i < 1000; ++i) {
    list.push_back(task("t" + std::to_string(i), "echo",
                        "[\"" + std::to_string(i % 10) + "-" + std::to_string(i) + ";\"]"));
    all += (i > 0 ? "," : "") + output("t" + std::to_string(i));
  }
  list.push_back(task("all", "join", "[[" + all + "]]"));
  const auto answer = run(tasks(list));
  ASSERT_EQ(answer->state, RunState::kCompleted);
  std::string expected;
  for (int i = 0; i < 1000; ++i) expected += std::to_string(i % 10) + "-" + std::to_string(i) + ";";
  EXPECT_EQ(*answer->tasks[1000].value, ipld::Value(expected));
}

TEST_F(NodeTest, AFailingTaskFailsTheRunNamingItAndIsNeverRemembered) {
  const std::string bad =
      tasks({task("bad", "divide", "[1, 0]"), task("after", "add", "[" + output("bad") + ", 1]")});
  const auto answer = run(bad);
  ASSERT_EQ(answer->state, RunState::kFailed);
  ASSERT_TRUE(answer->error);
  EXPECT_EQ(answer->error->code, core::ErrorCode::kGuestTrap);
  EXPECT_EQ(answer->error->find("task"), "bad");
  EXPECT_EQ(answer->error->find("func"), "divide");
  EXPECT_EQ(answer->tasks[1].state, TaskState::kFailed);
  EXPECT_EQ(answer->tasks[1].error->code, core::ErrorCode::kDependencyFailed);
  EXPECT_NE(answer->tasks[1].error->message.find("task bad"), std::string::npos);
  ASSERT_FALSE(answer->tasks[0].last_lines.empty());
  EXPECT_EQ(answer->tasks[0].last_lines.back().message, "Division by zero error");
  ASSERT_TRUE(answer->tasks[0].receipt);
  const auto block = node_->get_receipt(*answer->tasks[0].receipt);
  ASSERT_TRUE(block);
  const auto receipt = invocation::Receipt::decode(*block, *answer->tasks[0].receipt);
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->out.tag, invocation::Outcome::Tag::kError);
  EXPECT_EQ(run(bad)->state, RunState::kFailed);
  EXPECT_EQ(executor_->executions("divide"), 2u);
}

TEST_F(NodeTest, TellsAFailureBeforeItsNeighboursAreDone) {
  std::mutex mutex;
  std::condition_variable changed;
  bool failing = false;
  const auto handle = submit(tasks({task("slow", "slow", "[]"), task("bad", "divide", "[1, 0]")}),
                             Reuse::kMemo, [&](const RunEvent& event) {
                               if (event.kind != RunEvent::Kind::kFailing) return;
                               const std::lock_guard lock(mutex);
                               failing = event.task->name == "bad";
                               changed.notify_all();
                             });
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return failing; }));
  }
  EXPECT_FALSE(handle->wait(core::Deadline::after(std::chrono::milliseconds(1))));
  handle->cancel();
  EXPECT_EQ(wait(handle)->state, RunState::kCancelled);
}

TEST_F(NodeTest, GivesAnErrorToWhoAwaitsErrors) {
  const auto answer = run(tasks(
      {task("bad", "divide", "[1, 0]"), task("rescue", "echo", "[\"{{needs.bad.error}}\"]")}));
  ASSERT_EQ(answer->state, RunState::kCompleted) << answer->error->message;
  ASSERT_NE(answer->tasks[1].value->if_string(), nullptr);
  EXPECT_NE(answer->tasks[1].value->if_string()->find("divide"), std::string::npos);
  // What a failure's value reached is not remembered.
  EXPECT_FALSE(run(tasks({task("bad", "divide", "[1, 0]"),
                          task("rescue", "echo", "[\"{{needs.bad.error}}\"]")}))
                   ->tasks[1]
                   .replayed);
  EXPECT_EQ(executor_->executions("echo"), 2u);
}

TEST_F(NodeTest, SkipsWhoAwaitsAnErrorThatDidNotCome) {
  const auto answer = run(
      tasks({task("good", "add", "[1, 2]"), task("rescue", "echo", "[\"{{needs.good.error}}\"]")}));
  ASSERT_EQ(answer->state, RunState::kCompleted);
  EXPECT_EQ(answer->tasks[1].state, TaskState::kSkipped);
  EXPECT_EQ(answer->answer, 0u);
}

TEST_F(NodeTest, TakesTheOkValueOutOfAResultAndFailsOnItsErr) {
  const auto good = run(
      tasks({task("check", "check", "[4]"), task("add", "add", "[" + output("check") + ", 1]")}));
  ASSERT_EQ(good->state, RunState::kCompleted) << good->error->message;
  EXPECT_EQ(*good->tasks[1].value, ipld::Value(5.0));
  const auto bad = run(
      tasks({task("check", "check", "[-4]"), task("add", "add", "[" + output("check") + ", 1]")}));
  ASSERT_EQ(bad->state, RunState::kFailed);
  EXPECT_EQ(bad->tasks[0].state, TaskState::kOk);
  EXPECT_EQ(bad->error->code, core::ErrorCode::kGuestError);
  EXPECT_NE(bad->error->message.find("task check"), std::string::npos);
}

TEST_F(NodeTest, FreshRunsEverythingAgain) {
  const std::string add = tasks({task("add", "add", "[1, 2]")});
  run(add);
  const auto fresh = run(add, Reuse::kFresh);
  EXPECT_FALSE(fresh->tasks[0].replayed);
  EXPECT_EQ(executor_->executions("add"), 2u);
}

TEST_F(NodeTest, CancellingStopsWhatNobodyElseWaitsFor) {
  const auto handle = submit(
      tasks({task("slow", "slow", "[]"), task("after", "echo", "[" + output("slow") + "]")}));
  while (executor_->counts().executed == 0) std::this_thread::yield();
  handle->cancel();
  const auto answer = wait(handle);
  EXPECT_EQ(answer->state, RunState::kCancelled);
  EXPECT_EQ(answer->tasks[0].state, TaskState::kCancelled);
  EXPECT_EQ(answer->tasks[1].state, TaskState::kCancelled);
}

TEST_F(NodeTest, AJoinerOutlivesTheCancellationOfTheFirst) {
  executor_->hold();
  const auto first = submit(tasks({task("a", "add", "[20, 22]")}));
  ASSERT_TRUE(executor_->wait_for_held(1));
  const auto second = submit(tasks({task("b", "add", "[20, 22]"), task("c", "add", "[1, 1]")}));
  ASSERT_TRUE(executor_->wait_for_held(2));  // c; b has joined a by then or joins its result
  first->cancel();
  EXPECT_EQ(wait(first)->state, RunState::kCancelled);
  executor_->release_all();
  EXPECT_EQ(*wait(second)->tasks[0].value, ipld::Value(42.0));
}

TEST_F(NodeTest, ARunPastItsDeadlineEndsWithATimeout) {
  RunRequest request;
  request.workflow = parse(tasks({task("slow", "slow", "[]")}));
  request.deadline = core::Deadline::after(std::chrono::milliseconds(10));
  const auto handle = node_->submit(std::move(request), nullptr);
  ASSERT_TRUE(handle);
  const auto answer = wait(*handle);
  EXPECT_EQ(answer->state, RunState::kFailed);
  EXPECT_EQ(answer->error->code, core::ErrorCode::kTimeout);
}

TEST_F(NodeTest, GoodWorkGoesOnBesideTwentyEndlessTasks) {
  std::vector<std::shared_ptr<RunHandle>> endless;
  for (int i = 0; i < 20; ++i) {
    auto workflow = parse(tasks({task("slow", "slow", "[]")}));
    workflow.workflow.tasks[0].run.nnc =
        invocation::Nonce::from_random({static_cast<std::uint8_t>(i)});
    endless.push_back(submit(std::move(workflow)));
  }
  while (executor_->counts().started < 4) std::this_thread::yield();
  std::vector<std::shared_ptr<RunHandle>> good;
  for (int i = 0; i < 20; ++i)
    good.push_back(submit(tasks({task("add", "add", "[" + std::to_string(i) + ", 1]")})));
  while (executor_->counts().started < 40)
    std::this_thread::yield();  // none waits for an endless one to end
  for (const auto& handle : endless) handle->cancel();
  for (const auto& handle : good) EXPECT_EQ(wait(handle)->state, RunState::kCompleted);
  for (const auto& handle : endless) EXPECT_EQ(wait(handle)->state, RunState::kCancelled);
}

TEST_F(NodeTest, AnswersEveryEntryOnceAndInOrder) {
  std::mutex mutex;
  std::vector<std::uint32_t> told;
  std::atomic<bool> ended = false;
  const auto handle =
      submit(tasks({task("a", "add", "[1, 2]"), task("b", "add", "[1, 2]"),
                    task("c", "divide", "[1, 0]"), task("d", "echo", "[" + output("c") + "]")}),
             Reuse::kMemo, [&](const RunEvent& event) {
               const std::lock_guard lock(mutex);
               EXPECT_FALSE(ended);
               if (event.kind == RunEvent::Kind::kTask) told.push_back(event.task->task);
               if (event.kind == RunEvent::Kind::kEnd) ended = true;
             });
  wait(handle);
  EXPECT_TRUE(ended);
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, (std::vector<std::uint32_t>{0, 1, 2, 3}));
}

TEST_F(NodeTest, ReadsTheContentBehindALinkGivenForBytes) {
  const core::Bytes content{0, 1, 254, 255};
  const auto cid = blocks::add_file(*blocks_, content);
  ASSERT_TRUE(cid);
  const auto answer =
      run(tasks({task("echo", "echo-bytes", R"([{"/":")" + cid->render() + R"("}])")}));
  ASSERT_EQ(answer->state, RunState::kCompleted) << answer->error->message;
  EXPECT_EQ(*answer->tasks[0].value, ipld::Value(content));
}

TEST_F(NodeTest, NamesAnInstructionThatIsNeitherInTheWorkflowNorKnown) {
  auto workflow = parse(tasks({task("add", "add", "[1, 2]")}));
  const ipld::Cid stranger = ipld::Cid::of_dag_cbor(core::as_bytes("x"));
  (*workflow.workflow.tasks[0].run.input.if_map()->find("args")->if_list())[0] =
      invocation::Await{invocation::Branch::kOk, stranger}.render();
  const auto answer = wait(submit(std::move(workflow)));
  ASSERT_EQ(answer->state, RunState::kFailed);
  EXPECT_NE(answer->tasks[0].error->message.find(stranger.render()), std::string::npos);
}

TEST_F(NodeTest, TakesAResultOfAnotherWorkflowByItsInstruction) {
  const auto first = run(tasks({task("add", "add", "[1, 2]")}));
  auto workflow = parse(tasks({task("add", "add", "[0, 10]")}));
  (*workflow.workflow.tasks[0].run.input.if_map()->find("args")->if_list())[0] =
      invocation::Await{invocation::Branch::kOk, first->tasks[0].instruction}.render();
  const auto answer = wait(submit(std::move(workflow)));
  ASSERT_EQ(answer->state, RunState::kCompleted) << answer->error->message;
  EXPECT_EQ(*answer->tasks[0].value, ipld::Value(13.0));
}

TEST_F(NodeTest, GivesAResultUnderWayToARunThatAwaitsItFromOutsideEvenWhenItsOwnerIsCancelled) {
  executor_->hold();
  auto owner = parse(tasks({task("add", "add", "[30, 3]")}));
  const ipld::Cid instruction = owner.workflow.tasks[0].run.cid().value();
  const auto first = submit(std::move(owner));
  ASSERT_TRUE(executor_->wait_for_held(1));
  auto waiting = parse(tasks({task("next", "add", "[0, 10]"), task("other", "add", "[0, 1]")}));
  (*waiting.workflow.tasks[0].run.input.if_map()->find("args")->if_list())[0] =
      invocation::Await{invocation::Branch::kOk, instruction}.render();
  const auto second = submit(std::move(waiting));
  ASSERT_TRUE(executor_->wait_for_held(
      2));  // the plan of the second run is made: it waits for the first one's task
  first->cancel();
  executor_->release_all();
  EXPECT_EQ(*wait(second)->tasks[0].value, ipld::Value(43.0));
}

TEST_F(NodeTest, KeepsTheLastProblemOfALabelUntilItsSourceIsLoadedOrFound) {
  executor_->add_component(core::as_bytes("drifting"), {});
  node_->set_problem({"b", "b.py", "b.py:1: no type"});
  node_->set_problem({"a", "a.py", "a.py:1: no type"});
  node_->set_problem({"a", "a.py", "a.py:2: no type"});
  EXPECT_EQ(node_->problems(), (std::vector<SourceProblem>{{"a", "a.py", "a.py:2: no type"},
                                                           {"b", "b.py", "b.py:1: no type"}}));
  node_->set_problem({"b", "b.py", ""});
  EXPECT_EQ(node_->problems().size(), 1u);
  ASSERT_TRUE(node_->load("a", "a.py", core::as_bytes("drifting")));
  EXPECT_TRUE(node_->problems().empty());
}

TEST_F(NodeTest, RaisesAnAlarmWhenAKnownInstructionGivesAnotherResult) {
  int calls = 0;
  executor_->add_component(
      core::as_bytes("drifting"),
      {wasm::testing::make_function("drift", {}, wit::make_primitive(wit::Kind::kS32),
                                    [&calls](const ipld::List&) -> core::Result<ipld::Value> {
                                      return ipld::Value(++calls);
                                    })});
  ASSERT_TRUE(node_->load("drifting", "drifting.wasm", core::as_bytes("drifting")));
  const std::string drift = tasks({task("drift", "drift", "[]")});
  run(drift);
  run(drift, Reuse::kFresh);
  node_->stop();  // the check runs beside the answer
  const auto messages = log_.messages();
  EXPECT_TRUE(std::any_of(messages.begin(), messages.end(), [](const std::string& message) {
    return message.starts_with("integrity alarm");
  }));
}

TEST_F(NodeTest, NamesAComponentThatIsNotHere) {
  auto workflow = parse(tasks({task("add", "add", "[1, 2]")}));
  workflow.workflow.tasks[0].run.rsc =
      "ipfs://" +
      ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, core::as_bytes("gone")).render();
  const auto answer = wait(submit(std::move(workflow)));
  ASSERT_EQ(answer->state, RunState::kFailed);
  EXPECT_EQ(answer->error->code, core::ErrorCode::kNotFound);
  EXPECT_NE(answer->error->message.find("--fn"), std::string::npos);
}

TEST_F(NodeTest, RefusesRunsBeyondItsBound) {
  NodeOptions options;
  options.max_active_runs = 1;
  open(wasm::testing::FakeMode::kThreaded,
       store::StoreOptions{.durability = store::Durability::kMemory}, options);
  const auto first = submit(tasks({task("slow", "slow", "[]")}));
  RunRequest request;
  request.workflow = parse(tasks({task("add", "add", "[1, 2]")}));
  const auto second = node_->submit(std::move(request), nullptr);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, core::ErrorCode::kUnavailable);
  first->cancel();
  wait(first);
}

TEST_F(NodeTest, KeepsWhatGuestsWroteWithTheRun) {
  const auto answer = run(tasks({task("log", "log", R"(["hello", 3])")}));
  const auto lines = node_->logs_of(answer->id, 100);
  ASSERT_TRUE(lines);
  ASSERT_EQ(lines->size(), 3u);
  EXPECT_EQ(lines->front().message, "hello");
  EXPECT_EQ(node_->logs_of("nothing", 1).error().code, core::ErrorCode::kNotFound);
}

TEST_F(NodeTest, ReadsARunBackFromTheStore) {
  const auto answer = run(tasks({task("good", "add", "[1, 2]"), task("bad", "divide", "[1, 0]")}));
  const auto again = node_->get_run(answer->id);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ((*again)->state, RunState::kFailed);
  EXPECT_EQ(*(*again)->tasks[0].value, ipld::Value(3.0));
  EXPECT_EQ((*again)->tasks[1].error->message, answer->tasks[1].error->message);
  const auto list = node_->list_runs(10, "");
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 1u);
  EXPECT_EQ(list->front().state, RunState::kFailed);
}

class NodeLogTest : public NodeFixture {
 protected:
  [[nodiscard]] std::vector<std::string> first_words() const {
    std::vector<std::string> out;
    for (const auto& message : log_.messages())
      out.push_back(message.substr(0, message.find('\n')));
    return out;
  }
};

TEST_F(NodeLogTest, WritesTheOriginalsLinesForAFirstRunAndForAReplay) {
  const std::string one = tasks({task("log", "log", R"(["3.1 + 5.2 = 8.3", 1])")});
  run(one);
  EXPECT_EQ(first_words(),
            (std::vector<std::string>{
                "workflow information not available in the database",
                "running workflow with settings: Settings {",
                "fetching necessary resources from IPFS", "attempting to fetch resource from IPFS",
                "initializing workflow", "resolving receipts in the background",
                "starting workflow", "3.1 + 5.2 = 8.3", "computed receipt", "workflow completed"}));
  log_.clear();
  run(one);
  EXPECT_EQ(first_words(),
            (std::vector<std::string>{
                "running workflow with settings: Settings {", "replaying receipts",
                "fetching necessary resources from IPFS", "initializing workflow",
                "resolving receipts in the background", "replaying workflow",
                "0 tasks left to run, sending last batch for workflow", "workflow completed"}));
}

TEST_F(NodeLogTest, WritesTheFailedTaskAndThatTheWorkflowFailed) {
  run(tasks({task("bad", "divide", "[1, 0]")}));
  const auto records = log_.records();
  const auto failed = std::find_if(records.begin(), records.end(), [](const auto& record) {
    return record.message == "error in running task";
  });
  ASSERT_NE(failed, records.end());
  EXPECT_EQ(failed->level, core::LogLevel::kError);
  EXPECT_NE(failed->fields.front().second.find("not able to run fn divide"), std::string::npos);
  EXPECT_EQ(records.back().message, "workflow failed");
  EXPECT_EQ(records.back().level, core::LogLevel::kError);
}

TEST_F(NodeLogTest, SaysHowManyTasksOfAPartlyKnownWorkflowAreLeft) {
  const std::string first = task("a", "add", "[1, 2]");
  run(tasks({first}));
  log_.clear();
  run(tasks({first, task("b", "add", "[" + output("a") + ", 1]"),
             task("c", "add", "[" + output("b") + ", 1]")}));
  const auto messages = first_words();
  EXPECT_NE(std::find(messages.begin(), messages.end(),
                      "2 tasks left to run, sending last batch for workflow"),
            messages.end());
  EXPECT_EQ(
      std::count(messages.begin(), messages.end(), "attempting to resolve workflow args by cid"),
      2);
}

class NodeWatchTest : public NodeFixture {
 protected:
  /// What a watcher was told, as words: `log 0 text`, `task 0 ok`, `then 0 ok` when it was told afterwards, `end completed`.
  struct Words {
    core::Guarded<std::vector<std::string>> list;
    std::condition_variable changed;

    RunObserver observer() {
      return [this](const RunEvent& event) {
        auto held = list.lock();
        switch (event.kind) {
          case RunEvent::Kind::kTask:
            held->push_back((event.told == RunEvent::Told::kAfterwards ? "then " : "task ") +
                            std::to_string(event.task->task) + " " +
                            std::string(render_state(event.task->state)));
            break;
          case RunEvent::Kind::kLog:
            held->push_back("log " + std::to_string(event.line->task) + " " +
                            std::to_string(event.line_number) + " " + event.line->message);
            break;
          case RunEvent::Kind::kEnd:
            held->push_back("end " + std::string(render_state(event.run->state)));
            break;
          case RunEvent::Kind::kFailing:
            held->push_back("failing " + std::to_string(event.task->task));
            break;
          case RunEvent::Kind::kPaused:
          case RunEvent::Kind::kResumed:
            held->push_back(event.kind == RunEvent::Kind::kPaused ? "paused" : "resumed");
        }
        changed.notify_all();
      };
    }
    std::vector<std::string> at_end() {
      auto held = list.lock();
      held.wait(changed, [](const auto& words) {
        return !words.empty() && words.back().starts_with("end");
      });
      return *held;
    }
    void wait_for(const std::string& word) {
      auto held = list.lock();
      held.wait(changed, [&](const auto& words) { return std::ranges::count(words, word) > 0; });
    }
  };
};

TEST_F(NodeWatchTest, TellsAWatcherWhatHappensAndWhatHadHappened) {
  executor_->hold();
  const auto handle =
      submit(tasks({task("a", "add", "[1, 2]"), task("b", "add", "[" + output("a") + ", 10]")}));
  ASSERT_TRUE(executor_->wait_for_held(1));
  Words early;
  const auto early_token = handle->watch(early.observer());
  executor_->release(1);
  early.wait_for("task 0 ok");
  Words late;
  const auto late_token = handle->watch(late.observer());
  executor_->release_all();
  EXPECT_EQ(early.at_end(), (std::vector<std::string>{"task 0 ok", "task 1 ok", "end completed"}));
  EXPECT_EQ(late.at_end(), (std::vector<std::string>{"then 0 ok", "task 1 ok", "end completed"}));
  Words after;
  const auto after_token = handle->watch(after.observer());
  EXPECT_EQ(after.at_end(), (std::vector<std::string>{"then 0 ok", "then 1 ok", "end completed"}));
}

TEST_F(NodeWatchTest, TellsAWatcherEachLineOnce) {
  executor_->hold();
  const auto handle = submit(tasks({task("a", "log", R"(["hello", 3])")}));
  ASSERT_TRUE(executor_->wait_for_held(1));
  Words words;
  const auto token = handle->watch(words.observer());
  executor_->release_all();
  EXPECT_EQ(words.at_end(),
            (std::vector<std::string>{"log 0 0 hello", "log 0 1 hello", "log 0 2 hello",
                                      "task 0 ok", "end completed"}));
  const auto lines = node_->logs_of(handle->id(), 10);
  ASSERT_TRUE(lines);
  EXPECT_EQ(lines->size(), 3u);
}

TEST_F(NodeWatchTest, AWatcherThatIsDroppedIsToldNothing) {
  executor_->hold();
  const auto handle = submit(tasks({task("a", "add", "[1, 2]")}));
  ASSERT_TRUE(executor_->wait_for_held(1));
  Words words;
  handle->watch(words.observer()).reset();
  executor_->release_all();
  std::ignore = wait(handle);
  EXPECT_TRUE(words.list.lock()->empty());
}

TEST_F(NodeWatchTest, ACancelledRunTellsOneOutcomeATask) {
  executor_->hold();
  const auto handle = submit(tasks({task("a", "add", "[1, 2]"), task("b", "add", "[1, 2]"),
                                    task("c", "add", "[" + output("a") + ", 10]")}));
  ASSERT_TRUE(executor_->wait_for_held(1));
  Words words;
  const auto token = handle->watch(words.observer());
  handle->cancel();
  handle->cancel();
  executor_->release_all();
  auto told = words.at_end();
  EXPECT_EQ(told.back(), "end cancelled");
  std::ranges::sort(told);
  EXPECT_EQ(told, (std::vector<std::string>{"end cancelled", "task 0 cancelled", "task 1 cancelled",
                                            "task 2 cancelled"}));
}

TEST_F(NodeWatchTest, ARunCanBeFoundTheMomentItWasAnswered) {
  const std::string add = tasks({task("a", "add", "[1, 2]")});
  for (int i = 0; i < 200; ++i) {
    const auto answer =
        run(add);  // known from the second time on: answered before its record is written
    const auto found = node_->get_run(answer->id);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ((*found)->state, RunState::kCompleted);
    ASSERT_EQ((*found)->tasks[0].state, TaskState::kOk);
  }
}

TEST_F(NodeTest, FindsARunByTheKeyItWasSubmittedUnder) {
  RunRequest request;
  request.workflow = parse(tasks({task("a", "add", "[1, 2]")}));
  request.accept = Accept::kDurable;
  request.submission = SubmissionKey{"order", {1}};
  const auto first = node_->submit(request, nullptr);
  ASSERT_TRUE(first);
  const auto second = node_->submit(request, nullptr);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, core::ErrorCode::kConflict);
  const auto found = node_->find_submitted("order");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->run, (*first)->id());
  EXPECT_FALSE(node_->find_submitted("other").value());
}

}  // namespace
}  // namespace every::runtime
