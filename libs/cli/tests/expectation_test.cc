#include "expectation.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

namespace every::cli {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const boost::json::object kRun = boost::json::parse(R"({
  "state": "completed", "answer": 1, "error": null,
  "tasks": [{"name": "add", "output": 8.3}, {"name": "list", "output": {"a": [3, true], "b": null}}]
})")
                                     .as_object();
const boost::json::object kFailed = boost::json::parse(R"({
  "state": "failed", "answer": 0, "tasks": [{"name": "divide", "output": null}],
  "error": {"error": "division by zero", "code": "guest_trap", "task": "divide"}
})")
                                        .as_object();

std::vector<std::string> differences(std::string_view expected, const boost::json::object& run) {
  return Expectation::parse(expected).value().differences(run);
}

TEST(ExpectationTest, AValueIsTheSameInWhateverOrderAndSpelling) {
  EXPECT_THAT(differences(R"({"result": {"b": null, "a": [3.0, true]}})", kRun), IsEmpty());
  EXPECT_THAT(differences(R"({"results": {"add": 83e-1}})", kRun), IsEmpty());
}

TEST(ExpectationTest, SaysWhatWasExpectedAndWhatCame) {
  EXPECT_THAT(
      differences(R"({"result": {"a": [3, false], "b": null}})", kRun),
      ElementsAre(R"(result: expected {"a":[3,false],"b":null}, got {"a":[3,true],"b":null})"));
  EXPECT_THAT(differences(R"({"results": {"add": 8, "sum": 1}})", kRun),
              ElementsAre("task add: expected 8, got 8.3", "the workflow has no task sum"));
}

TEST(ExpectationTest, ALongerListOrAnObjectWithMoreKeysIsAnother) {
  EXPECT_THAT(differences(R"({"result": {"a": [3], "b": null}})", kRun), testing::SizeIs(1));
  EXPECT_THAT(differences(R"({"result": {"a": [3, true]}})", kRun), testing::SizeIs(1));
}

TEST(ExpectationTest, AFailureIsToldWhereAResultWasExpected) {
  EXPECT_THAT(differences(R"({"result": 3})", kFailed),
              ElementsAre("it failed: task divide: division by zero (guest_trap)"));
}

TEST(ExpectationTest, AFailureCanBeWhatIsExpected) {
  EXPECT_THAT(differences(R"({"error": {}})", kFailed), IsEmpty());
  EXPECT_THAT(
      differences(R"({"error": {"code": "guest_trap", "task": "divide", "message": "by zero"}})",
                  kFailed),
      IsEmpty());
  EXPECT_THAT(differences(R"({"error": {"code": "timeout"}})", kFailed),
              ElementsAre(HasSubstr("code timeout")));
  EXPECT_THAT(differences(R"({"error": {"message": "overflow"}})", kFailed),
              ElementsAre(HasSubstr("`overflow`")));
  EXPECT_THAT(differences(R"({"error": {}})", kRun), ElementsAre(HasSubstr("expected it to fail")));
}

TEST(ExpectationTest, WhatMeansNothingIsRefused) {
  EXPECT_THAT(Expectation::parse("{").error().message, HasSubstr("not JSON"));
  EXPECT_THAT(Expectation::parse("3").error().message, HasSubstr("no JSON object"));
  EXPECT_THAT(Expectation::parse("{}").error().message, HasSubstr("expects nothing"));
  EXPECT_THAT(Expectation::parse(R"({"reslt": 3})").error().message, HasSubstr("`reslt`"));
  EXPECT_THAT(Expectation::parse(R"({"error": 3})").error().message, HasSubstr("`error`"));
}

class FindWorkflowTestsTest : public testing::Test {
 protected:
  FindWorkflowTestsTest() {
    std::string name = (fs::temp_directory_path() / "expectation-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~FindWorkflowTestsTest() override { fs::remove_all(folder_); }
  void write(const std::string& name) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << "{}";
  }
  fs::path folder_;
};

TEST_F(FindWorkflowTestsTest, FindsThemBelowTheFolderButNotInToolsFolders) {
  for (const char* name :
       {"b.json", "b.expected.json", "workflows/a.json", "workflows/a.expected.json",
        "node_modules/c.expected.json", ".git/d.expected.json", "e.json"})
    write(name);
  const auto tests = find_workflow_tests(folder_).value();
  ASSERT_EQ(tests.size(), 2U);
  EXPECT_EQ(tests[0].name, "b");
  EXPECT_EQ(tests[1].name, "workflows/a");
  EXPECT_EQ(tests[1].workflow, folder_ / "workflows/a.json");
}

TEST_F(FindWorkflowTestsTest, OneWorkflowCanBeGiven) {
  write("b.json");
  write("b.expected.json");
  EXPECT_EQ(find_workflow_tests(folder_ / "b.json")->size(), 1U);
  EXPECT_EQ(find_workflow_tests(folder_ / "b.expected.json")->size(), 1U);
}

TEST_F(FindWorkflowTestsTest, NothingToTestIsAnError) {
  write("e.json");
  EXPECT_EQ(find_workflow_tests(folder_).error().code, core::ErrorCode::kNotFound);
  EXPECT_EQ(find_workflow_tests(folder_ / "absent").error().code, core::ErrorCode::kNotFound);
}

TEST(RenderJunitTest, EscapesWhatXmlCannotHold) {
  const auto xml = render_junit({{"good", {}, 0.5}, {"b<a>d", {"\x01 & \"got\""}, 1}});
  EXPECT_THAT(xml, HasSubstr("tests=\"2\" failures=\"1\""));
  EXPECT_THAT(xml, HasSubstr("name=\"good\" time=\"0.5\"/>"));
  EXPECT_THAT(xml, HasSubstr("name=\"b&lt;a&gt;d\""));
  EXPECT_THAT(xml, HasSubstr("message=\"? &amp; &quot;got&quot;\""));
}

}  // namespace
}  // namespace every::cli
