#include "support.h"
#include <gtest/gtest.h>

#include "every/runtime/steering.h"

namespace every::gateway {
namespace {

using core::ErrorCode;
using runtime::GoOn;
using runtime::Steered;

/// Remembers what it was asked; its runs are those of the fake node.
class FakeSteering final : public runtime::Steering {
 public:
  explicit FakeSteering(testing::FakeNode& node) : node_(node) {}
  core::Result<Steered> pause(const std::string& id) override { return answer("pause", id); }
  core::Result<Steered> resume(const std::string& id, GoOn where) override {
    went = where;
    return answer("resume", id);
  }
  core::Result<runtime::Step> step(const std::string& id, const std::optional<std::string>& task,
                                   GoOn where) override {
    went = where;
    asked = "step " + id + " " + task.value_or("<first>");
    if (error) return std::unexpected(*error);
    return runtime::Step{node_.find_active(id), 0};
  }
  std::vector<std::string> ready(const std::string&) override { return {"next \"one\""}; }
  core::Result<std::shared_ptr<runtime::RunHandle>> take_up(const std::string& id) override {
    asked = "take up " + id;
    return nullptr;
  }

  core::Result<runtime::Forked> fork(const std::string& id, runtime::ForkRequest request) override {
    asked = "fork " + id + " " + request.task;
    forked = request;
    if (error) return std::unexpected(*error);
    runtime::Forked made{node_.find_active(id), {id, 0}, {0}, {}};
    const ipld::Cid cid = ipld::Cid::of_dag_cbor(core::as_bytes(std::string_view("i")));
    made.changes.push_back({0, "sum", cid, cid, {"argument b: 2 → 5"}});
    return made;
  }

  runtime::ForkRequest forked;
  std::string asked;
  std::optional<GoOn> went;
  std::optional<core::Error> error;
  Steered::Change change = Steered::Change::kMade;

 private:
  core::Result<Steered> answer(const std::string& what, const std::string& id) {
    asked = what + " " + id;
    if (error) return std::unexpected(*error);
    EVERY_TRY_ASSIGN(auto run, node_.get_run(id));
    return Steered{std::move(run), change};
  }
  testing::FakeNode& node_;
};

struct SteerRoutesTest : ::testing::Test, ServiceFixture {
  explicit SteerRoutesTest(ServiceOptions options = make_options())
      : ServiceFixture(std::move(options)) {
    node.set_steering(&steering);
    node.hold();
    EXPECT_EQ(post("/-/runs", kAdd).status, 202);
  }
  FakeSteering steering{node};
};

struct StoppableSteerRoutesTest : SteerRoutesTest {
  StoppableSteerRoutesTest() : SteerRoutesTest(options()) {}
  static ServiceOptions options() {
    ServiceOptions options = make_options();
    options.on_stop = [] {};
    return options;
  }
};

TEST_F(SteerRoutesTest, PausesARunAndAnswersWithIt) {
  const Response response = post("/-/runs/run-1/pause", "");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(steering.asked, "pause run-1");
  EXPECT_EQ(text_of(json(response), "id"), "run-1");
  EXPECT_EQ(header(response, "every-run"), "run-1");
}

TEST_F(SteerRoutesTest, SaysWhatIsRefused) {
  steering.error = {ErrorCode::kConflict, "run run-1 is over", {}};
  for (const char* how : {"pause", "resume", "step"}) {
    const Response response = post(std::string("/-/runs/run-1/") + how, "");
    EXPECT_EQ(response.status, 409) << how;
    EXPECT_EQ(text_of(json(response), "error"), "run run-1 is over");
  }
}

TEST_F(SteerRoutesTest, ACommandThatOwnsTheHomeLeavesRunsToTheNextNode) {
  steering.change = Steered::Change::kNoted;
  EXPECT_EQ(post("/-/runs/run-1/resume", "").status, 202);
  EXPECT_EQ(steering.went, GoOn::kAtNextStart);
}

TEST_F(StoppableSteerRoutesTest, ANodeLetsRunsGoOnItself) {
  EXPECT_EQ(post("/-/runs/run-1/resume", "").status, 200);
  EXPECT_EQ(steering.went, GoOn::kHere);
}

TEST_F(SteerRoutesTest, AStepAnswersWithItsTaskWhenThatHasItsOutcome) {
  std::thread release([this] {
    node.wait_for_watchers(1);
    node.release();
  });
  const Response response = post("/-/runs/run-1/step?task=a%20b", "");
  release.join();
  EXPECT_EQ(steering.asked, "step run-1 a b");
  EXPECT_EQ(response.status, 200);
  const auto body = json(response);
  EXPECT_EQ(text_of(body.at("task"), "state"), "ok");
  EXPECT_EQ(body.at("ready").at(0).as_string(), "next \"one\"");
  EXPECT_EQ(text_of(body.at("run"), "id"), "run-1");
}

TEST_F(SteerRoutesTest, AStepThatTakesLongerIsAnsweredAsUnderWay) {
  const Response response = post("/-/runs/run-1/step?wait=1ms", "");
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(text_of(json(response).at("task"), "state"), "pending");
  EXPECT_EQ(post("/-/runs/run-1/step?wait=long", "").status, 400);
}

TEST_F(SteerRoutesTest, ARunOfAnEarlierProcessIsTakenUpToBeWatchedAndCancelled) {
  EXPECT_EQ(get("/-/runs/run-9?wait=1s").status, 404);
  EXPECT_EQ(steering.asked, "take up run-9");
  steering.asked.clear();
  EXPECT_EQ(post("/-/runs/run-9/cancel", "").status, 404);
  EXPECT_EQ(steering.asked, "take up run-9");
}

TEST_F(SteerRoutesTest, AClientThatAsksForItIsToldThatItsRunIsPaused) {
  std::thread pause([this] {
    node.wait_for_runs(2);
    node.tell_paused("run-2");
  });
  const Response response = post("/-/workflows?onPause=answer", kAdd);
  pause.join();
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(header(response, "every-run"), "run-2");
  EXPECT_EQ(text_of(json(response), "state"), "paused");
}

TEST_F(SteerRoutesTest, OthersWaitForThePausedRun) {
  std::thread pause([this] {
    node.wait_for_runs(2);
    node.tell_paused("run-2");
    node.release();
  });
  const Response response = post("/-/workflows", kAdd);
  pause.join();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(text_of(json(response), "state"), "completed");
}

TEST_F(SteerRoutesTest, ARunThatStartsPausedIsAnsweredAtOnce) {
  for (const char* target : {"/-/workflows?paused", "/-/runs?paused=1"}) {
    EXPECT_EQ(post(target, kAdd).status, 202) << target;
    EXPECT_EQ(node.last_start(), runtime::Start::kPaused) << target;
  }
  EXPECT_EQ(post("/-/call/add?paused=1", R"(["1","2"])").status, 202);
  EXPECT_EQ(node.last_start(), runtime::Start::kPaused);
}

TEST_F(SteerRoutesTest, AForkIsAnsweredWithTheNewRunAndHowItDiffers) {
  const Response response =
      post("/-/runs/run-1/fork?paused", R"({"from":"add","set":{"b":5},"name":"again"})");
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(steering.asked, "fork run-1 add");
  EXPECT_EQ(steering.forked.arguments, (ipld::Map{{"b", ipld::Value(5)}}));
  EXPECT_EQ(steering.forked.name, "again");
  EXPECT_EQ(steering.forked.start, runtime::Start::kPaused);
  EXPECT_EQ(header(response, "location"), "/-/runs/run-1");
  const auto body = json(response);
  EXPECT_EQ(text_of(body.at("run"), "id"), "run-1");
  EXPECT_EQ(body.at("anew").as_array().size(), 1u);
  EXPECT_EQ(body.at("changes").at(0).at("why").at(0).as_string(), "argument b: 2 → 5");
}

TEST_F(SteerRoutesTest, AForkThatIsNotWhatItShouldBeIsRefusedInASentence) {
  for (const char* body : {"[]", "{}", R"({"from":1})", R"({"from":"a","set":[1]})",
                           R"({"from":"a","component":"what"})", R"({"from":"a","form":"b"})"}) {
    const Response response = post("/-/runs/run-1/fork", body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_FALSE(text_of(json(response), "error").empty()) << body;
  }
  EXPECT_TRUE(steering.asked.empty());
}

TEST_F(SteerRoutesTest, TheEventsOfARunSayThatItIsPaused) {
  std::thread pause([this] {
    node.wait_for_watchers(1);
    node.tell_paused("run-1");
    node.release();
  });
  const Response response = get("/-/runs/run-1/events");
  pause.join();
  const std::size_t paused = response.body.find("event: paused\ndata: {\"id\":\"run-1\"");
  ASSERT_NE(paused, std::string::npos) << response.body;
  EXPECT_NE(response.body.find("event: end"), std::string::npos);
}

}  // namespace
}  // namespace every::gateway
