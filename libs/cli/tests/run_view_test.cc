#include "run_view.h"

#include "purity.h"
#include "sizes.h"
#include <gtest/gtest.h>

namespace every::cli {
namespace {

TEST(RunViewTest, AlignsColumnsByCharactersNotBytes) {
  EXPECT_EQ(render_table({{"A", "B"}, {"héé", "x"}}), "A    B\nhéé  x\n");
}

TEST(RunViewTest, SaysThatNothingHasRun) {
  EXPECT_EQ(render_runs(R"({"runs":[]})").value(), "Nothing has run yet.\n");
}

TEST(RunViewTest, ShowsALineForEachTask) {
  const auto text = render_run(
      R"({"id":"r1","name":"test","workflow":"bafyw","state":"completed","answer":0,"error":null,)"
      R"("accepted":"2026-11-26T21:37:14.1Z","finished":null,"tasks":[{"name":"a","func":"add",)"
      R"("state":"ok","replayed":true,"receipt":"bafyr","output":8.3}]})",
      {});
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("accepted  2026-11-26 21:37:14 UTC\nfinished  -\n"), std::string::npos)
      << *text;
  EXPECT_NE(text->find("a     add       hit"), std::string::npos) << *text;
  EXPECT_NE(text->find("a     8.3     bafyr\n"), std::string::npos) << *text;
}

TEST(RunViewTest, RefusesWhatIsNoRun) {
  EXPECT_FALSE(render_runs("[1]"));
  EXPECT_FALSE(render_run("nonsense", {}));
  EXPECT_FALSE(render_runs("{}"));
}

TEST(RunViewTest, GivesTheErrorOfARunThatFailed) {
  EXPECT_TRUE(outcome_of_run(R"({"state":"completed"})"));
  EXPECT_TRUE(outcome_of_run(R"({"state":"running"})"));
  const auto failed =
      outcome_of_run(R"({"state":"failed","error":{"error":"boom","code":"guest_trap"}})");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, core::ErrorCode::kGuestTrap);
  const auto cancelled = outcome_of_run(R"({"id":"r1","state":"cancelled","error":null})");
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code, core::ErrorCode::kCancelled);
}

TEST(SizesTest, AreDecimalWithOneDigit) {
  EXPECT_EQ(size_text(1), "1 byte");
  EXPECT_EQ(size_text(999), "999 bytes");
  EXPECT_EQ(size_text(34'785), "34.7 kB");
  EXPECT_EQ(size_text(18'329'985), "18.3 MB");
  EXPECT_EQ(size_text(999'950), "999.9 kB");
  EXPECT_EQ(size_text(1'000'000), "1.0 MB");
}

TEST(PurityTest, NamesWhatAnImportAnswers) {
  EXPECT_EQ(answer_of_import("wasi:clocks/timezone@0.2.0"), "a call ends the task");
  EXPECT_EQ(answer_of_import("wasi:clocks/wall-clock@0.2.0"),
            "a virtual clock that starts at 0 in every run");
  EXPECT_EQ(answer_of_import("acme:db/sql"), "not defined here");
}

TEST(PurityTest, TellsLoggingFromVirtualImports) {
  const std::vector<std::string> logging{"wasi:logging/logging"};
  const std::vector<std::string> more{"wasi:logging/logging", "wasi:random/random@0.2.0"};
  EXPECT_TRUE(purity_statement({}).starts_with("pure: it imports nothing,"));
  EXPECT_TRUE(purity_statement(logging).starts_with("pure: it imports nothing but logging"));
  EXPECT_TRUE(purity_statement(more).starts_with("pure here:"));
}

}  // namespace
}  // namespace every::cli
