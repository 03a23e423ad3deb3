#include "error_body.h"

#include "support.h"
#include <gtest/gtest.h>

namespace every::gateway {
namespace {

using core::ErrorCode;

TEST(ErrorBodyTest, HasTextCodeAndPlace) {
  const Response response = error_response(
      core::Error{ErrorCode::kGuestTrap,
                  "not able to run fn divide",
                  {{"task", "half"}, {"func", "divide"}, {"cid", "bafy"}, {"limit", "memory"}}});
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(
      response.body,
      R"({"error":"not able to run fn divide","code":"guest_trap","task":"half","func":"divide","cid":"bafy","details":{"limit":"memory"}})");
}

TEST(ErrorBodyTest, TakesTheStatusOfEachCodeFromTheTable) {
  for (const auto& row : core::error_codes()) {
    EXPECT_EQ(error_response(core::Error{row.code, "x", {}}).status, row.http_status) << row.name;
  }
}

TEST(ErrorBodyTest, SaysWhenToTryAgain) {
  EXPECT_EQ(header(error_response(core::Error{ErrorCode::kUnavailable, "x", {}}), "retry-after"),
            "1");
}

TEST(ErrorBodyTest, ShowsTheLastLinesOfAFailedTask) {
  runtime::TaskAnswer task{
      0,
      "half",
      "divide",
      std::nullopt,
      ipld::Cid::of_dag_cbor({}),
      runtime::TaskState::kFailed,
      std::nullopt,
      nullptr,
      nullptr,
      false,
      core::Error{ErrorCode::kGuestTrap, "boom", {}},
      {{0, core::LogLevel::kError, "guest:rust:divide", "Division by zero error"}}};
  const auto body = json(task_failure(task, "run-1"));
  EXPECT_EQ(text_of(body, "task"), "half");
  EXPECT_EQ(text_of(body, "func"), "divide");
  EXPECT_EQ(text_of(body, "cid"), task.instruction.render());
  EXPECT_EQ(text_of(body.at("details"), "run"), "run-1");
  EXPECT_EQ(
      boost::json::serialize(body.at("details").at("log")),
      R"([{"level":"error","category":"guest:rust:divide","message":"Division by zero error"}])");
}

TEST(ErrorBodyTest, NamesTheTaskThatFailedOnItsOwn) {
  const ipld::Cid cid = ipld::Cid::of_dag_cbor({});
  runtime::RunAnswer run{"run-1",
                         "test",
                         cid,
                         runtime::RunState::kFailed,
                         {},
                         1u,
                         core::Error{ErrorCode::kGuestTrap, "boom", {}},
                         1,
                         2};
  run.tasks.push_back({0,
                       "first",
                       "divide",
                       std::nullopt,
                       cid,
                       runtime::TaskState::kFailed,
                       std::nullopt,
                       nullptr,
                       nullptr,
                       false,
                       core::Error{ErrorCode::kGuestTrap, "boom", {}},
                       {}});
  run.tasks.push_back({1,
                       "second",
                       "add",
                       std::nullopt,
                       cid,
                       runtime::TaskState::kFailed,
                       std::nullopt,
                       nullptr,
                       nullptr,
                       false,
                       core::Error{ErrorCode::kDependencyFailed, "first failed", {}},
                       {}});
  const auto body = json(run_failure(run));
  EXPECT_EQ(text_of(body, "task"), "first");
  EXPECT_EQ(text_of(body, "error"), "boom");
}

TEST(ErrorBodyTest, SaysHowARunEndedThatNoTaskFailed) {
  const runtime::RunAnswer run{"run-1",
                               "test",
                               ipld::Cid::of_dag_cbor({}),
                               runtime::RunState::kCancelled,
                               {},
                               std::nullopt,
                               std::nullopt,
                               1,
                               2};
  const Response response = run_failure(run);
  EXPECT_EQ(response.status, core::info(ErrorCode::kCancelled).http_status);
  EXPECT_EQ(text_of(json(response), "code"), "cancelled");
}

TEST(ErrorBodyTest, ListsValidationErrorsInTheValidatorsShape) {
  const workflow::ValidationError error{
      {{"/tasks/0/run", "#/required", "required", "must have required property 'name'",
        ipld::Map{{"missingProperty", "name"}}}},
      "no name"};
  const Response response = validation_response(error);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(
      response.body,
      R"([{"instancePath":"/tasks/0/run","schemaPath":"#/required","keyword":"required","params":{"missingProperty":"name"},)"
      R"("message":"must have required property 'name'"}])");
}

}  // namespace
}  // namespace every::gateway
