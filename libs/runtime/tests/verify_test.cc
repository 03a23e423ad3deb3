// Results that are executed again, and results that are forgotten.
#include <algorithm>

#include "sharing_support.h"

namespace every::runtime {
namespace {

using namespace testing;
using core::ErrorCode;
using Outcome = Verified::Outcome;

TEST(VerifyTest, TheSameResultIsTheSameReceipt) {
  Machine ann(1);
  const auto answer =
      ann.run(Machine::tasks({Machine::task("a", "add", "[1, 2]"),
                              Machine::task("c", "check", "[" + Machine::output("a") + "]"),
                              Machine::task("d", "add", "[" + Machine::output("c") + ", 1]")}));
  ASSERT_EQ(answer->state, RunState::kCompleted) << answer->error->message;
  const VerifyReport report = ann.verify({answer->id});
  EXPECT_EQ(report.same, 3u);
  EXPECT_EQ(report.different + report.unable, 0u);
  EXPECT_EQ(ann.executor_->counts().executed, 6u);
}

TEST(VerifyTest, ADifferencePutsTheComponentInQuarantineUntilItIsReleased) {
  Machine ann(1);
  ann.serve_dice();
  const std::string receipt = ann.receipt_of_roll();
  ann.value = 1;
  const VerifyReport report = ann.verify({receipt});
  EXPECT_EQ(report.different, 1u);
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].outcome, Outcome::kDifferent);
  ASSERT_TRUE(report.findings[0].other);
  EXPECT_TRUE(ann.node_->get_receipt(*report.findings[0].other)) << "for audit";

  const auto refused = ann.roll();
  EXPECT_EQ(refused->state, RunState::kFailed);
  EXPECT_EQ(refused->error->code, ErrorCode::kIntegrity);
  EXPECT_NE(refused->error->message.find("quarantine"), std::string::npos);
  EXPECT_EQ(ann.run(Machine::tasks({Machine::task("a", "add", "[1, 2]")}))->state,
            RunState::kCompleted)
      << "other components go on";
  ASSERT_EQ(ann.sharing().quarantined()->size(), 1u);
  EXPECT_EQ(ann.sharing().quarantined()->front().kept.render(), receipt);

  ASSERT_TRUE(ann.sharing().release(Machine::dice()));
  const auto again = ann.roll();
  EXPECT_TRUE(again->tasks[0].replayed);
  EXPECT_EQ(*again->tasks[0].value, ipld::Value(6)) << "the first result stays in use";
  EXPECT_EQ(ann.sharing().release(Machine::dice()).error().code, ErrorCode::kNotFound);
}

TEST(VerifyTest, AFailureWhereThereWasAResultIsADifference) {
  Machine ann(1);
  ann.serve_dice();
  const std::string receipt = ann.receipt_of_roll();
  ann.fails = true;
  EXPECT_EQ(ann.verify({receipt}).different, 1u);
  EXPECT_EQ(ann.roll()->error->code, ErrorCode::kIntegrity);
}

TEST(VerifyTest, AnAwaitFromOutsideOnAQuarantinedResultFails) {
  Machine ann(1);
  ann.serve_dice();
  const auto rolled = ann.roll();
  ann.value = 1;
  ASSERT_EQ(ann.verify({rolled->id}).different, 1u);
  const std::string outside =
      R"([{"await/ok":{"/":")" + rolled->tasks[0].instruction.render() + R"("}}, 1])";
  const auto answer = ann.run(Machine::tasks({Machine::task("x", "add", outside)}));
  EXPECT_EQ(answer->state, RunState::kFailed);
}

TEST(VerifyTest, AnImportedResultThatComesOutTheSameIsUsed) {
  Machine ann(1);
  Machine bob(2);
  ann.serve_dice();
  bob.serve_dice();
  const std::string receipt = ann.receipt_of_roll();
  bob.import(ann.export_all({receipt}));
  const VerifyReport report = bob.verify({receipt});
  EXPECT_EQ(report.same, 1u);
  EXPECT_EQ(report.now_trusted, 1u);
  bob.value = 1;  // executing it would show
  const auto answer = bob.roll();
  EXPECT_TRUE(answer->tasks[0].replayed);
  EXPECT_EQ(*answer->tasks[0].value, ipld::Value(6));
}

TEST(VerifyTest, WhatAnImportedResultRestsOnIsVerifiedBeforeIt) {
  Machine ann(1);
  Machine bob(2);
  const std::string chain =
      Machine::tasks({Machine::task("c", "add", "[" + Machine::output("b") + ", 1]"),
                      Machine::task("b", "add", "[" + Machine::output("a") + ", 1]"),
                      Machine::task("a", "add", "[1, 1]")});
  const auto answer = ann.run(chain);
  bob.import(ann.export_all({answer->id}));
  const VerifyReport report = bob.verify({answer->tasks[0].receipt->render()});
  EXPECT_EQ(report.same, 3u);
  EXPECT_EQ(report.now_trusted, 3u);
  EXPECT_TRUE(bob.run(chain)->tasks[0].replayed);
  Machine cid(3);
  cid.import(ann.export_all({answer->id}));
  EXPECT_EQ(cid.sharing().verify({})->same, 3u);
}

TEST(VerifyTest, AFalseResultOfAStrangerHarmsNoComponent) {
  Machine ann(1);
  Machine bob(2);
  ann.serve_dice();
  bob.serve_dice();
  const std::string receipt = ann.receipt_of_roll();
  bob.import(ann.export_all({receipt}));
  bob.value = 1;
  EXPECT_EQ(bob.verify({receipt}).different, 1u);
  EXPECT_TRUE(bob.sharing().quarantined()->empty());
  EXPECT_EQ(bob.sharing().origin_of(*ipld::Cid::parse(receipt))->use, Origin::Use::kForgotten);
  EXPECT_EQ(*bob.roll()->tasks[0].value, ipld::Value(1));
}

TEST(VerifyTest, AllResultsAreLookedAtPageByPage) {
  Machine ann(1);
  for (int i = 0; i < 10; ++i)
    ann.run(Machine::tasks({Machine::task("a", "add", "[" + std::to_string(i) + ", 2]")}));
  std::uint64_t same = 0;
  int pages = 0;
  for (std::int64_t after = 0;; ++pages) {
    const auto report = ann.sharing().verify({.after = after, .limit = 4});
    ASSERT_TRUE(report) << report.error().message;
    same += report->same;
    EXPECT_TRUE(report->findings.empty());
    if (!report->next) break;
    after = *report->next;
  }
  EXPECT_EQ(same, 10u);
  EXPECT_EQ(pages, 2);
  EXPECT_EQ(ann.sharing().verify({.engine = "fake 1"})->same, 10u);
  EXPECT_EQ(ann.sharing().verify({.engine = "fake 2"})->same, 0u);
  EXPECT_EQ(ann.sharing().verify({.profile = 1})->same, 10u);
  EXPECT_EQ(ann.sharing().verify({.profile = 9})->same, 0u);
  EXPECT_LT(ann.sharing().verify({.share = 1e-9})->same, 10u);
}

TEST(VerifyTest, WhatIsUnknownCannotBeVerified) {
  Machine ann(1);
  EXPECT_EQ(ann.sharing().verify({.what = {"nonsense"}}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(ann.sharing().verify({.what = {Machine::dice().render()}}).error().code,
            ErrorCode::kNotFound);
}

TEST(ForgetTest, AForgottenResultIsExecutedAgainAndThenKnownAgain) {
  Machine ann(1);
  ann.serve_dice();
  const std::string receipt = ann.receipt_of_roll();
  const auto report = ann.sharing().forget(*ipld::Cid::parse(receipt), Sharing::Dependants::kLeave);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->receipts, 1u);
  EXPECT_TRUE(ann.node_->get_receipt(*ipld::Cid::parse(receipt))) << "for audit";
  EXPECT_EQ(ann.try_export({.what = {receipt}}).error().code, ErrorCode::kConflict);
  ann.value = 4;
  const auto fresh = ann.roll();
  EXPECT_FALSE(fresh->tasks[0].replayed);
  EXPECT_EQ(*fresh->tasks[0].value, ipld::Value(4));
  EXPECT_TRUE(ann.roll()->tasks[0].replayed);
}

TEST(ForgetTest, DependantsGoTooWhenAskedFor) {
  Machine ann(1);
  const std::string chain =
      Machine::tasks({Machine::task("a", "add", "[1, 2]"),
                      Machine::task("b", "subtract", "[" + Machine::output("a") + ", 1]"),
                      Machine::task("c", "multiply", "[" + Machine::output("b") + ", 2]"),
                      Machine::task("x", "multiply", "[5, 5]")});
  const auto answer = ann.run(chain);
  ASSERT_EQ(ann.sharing().forget(*answer->tasks[0].receipt, Sharing::Dependants::kLeave)->receipts,
            1u);
  const auto report =
      ann.sharing().forget(answer->tasks[0].instruction, Sharing::Dependants::kForgetToo);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->receipts, 2u);
  EXPECT_EQ(report->dependants, 2u);
  EXPECT_EQ(report->already, 1u);
  const auto again = ann.run(chain);
  EXPECT_FALSE(again->tasks[2].replayed);
  EXPECT_TRUE(again->tasks[3].replayed);
}

TEST(ForgetTest, AComponentStandsForAllItsResults) {
  Machine ann(1);
  ann.serve_dice();
  const std::string roll = ann.receipt_of_roll();
  ann.run(Machine::tasks({Machine::task("a", "add", "[1, 2]")}));
  const auto report = ann.sharing().forget(Machine::dice(), Sharing::Dependants::kLeave);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->receipts, 1u);
  EXPECT_FALSE(ann.roll()->tasks[0].replayed);
  EXPECT_TRUE(ann.run(Machine::tasks({Machine::task("a", "add", "[1, 2]")}))->tasks[0].replayed);
}

TEST(ForgetTest, WhatIsUnknownCannotBeForgotten) {
  Machine ann(1);
  EXPECT_EQ(ann.sharing().forget(Machine::dice(), Sharing::Dependants::kLeave).error().code,
            ErrorCode::kNotFound);
}

TEST(ForgetTest, AnImportDoesNotBringBackWhatWasForgotten) {
  Machine ann(1);
  Machine bob(2, {1});
  ann.serve_dice();
  bob.serve_dice();
  const auto file = ann.export_all({ann.receipt_of_roll()});
  ASSERT_EQ(bob.import(file).usable, 1u);
  ASSERT_TRUE(bob.sharing().forget(Machine::dice(), Sharing::Dependants::kLeave));
  EXPECT_EQ(bob.import(file, TakeOn::kMyWord).forgotten, 1u);
  EXPECT_FALSE(bob.roll()->tasks[0].replayed);
}

}  // namespace
}  // namespace every::runtime
