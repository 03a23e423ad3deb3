#include "every/sql/inquiry.h"

#include <array>

#include <gtest/gtest.h>

#include "every/sql/testing/temp_dir.h"

namespace every::sql {
namespace {

using core::ErrorCode;
using testing::TempDir;

constexpr std::array kThings = {
    Migration{1,
              "CREATE TABLE things(n INTEGER, b BLOB, r REAL, s TEXT) STRICT;"
              "INSERT INTO things VALUES (1, x'00ff', 0.5, 'one'), (2, NULL, NULL, 'two');"
              "PRAGMA user_version = 1"}};
constexpr Schema kSchema = {"test store", "nothing is lost", 77, "PRAGMA application_id = 77",
                            kThings};
constexpr std::array kViews = {
    View{"things", "CREATE TEMP VIEW things AS SELECT n, hex_of(b) AS b, r, s FROM main.things"}};
constexpr std::array kMoreViews = {
    View{"others", "CREATE TEMP VIEW others AS SELECT n + 10 AS n FROM more.things"}};
constexpr std::array kFunctions = {
    TextFunction{"hex_of", [](const Cell& value) -> std::optional<std::string> {
                   const auto* bytes = std::get_if<core::BytesView>(&value);
                   if (bytes == nullptr) return std::nullopt;
                   return std::to_string(bytes->size()) + " bytes";
                 }}};

std::string text_of(const Cell& cell) {
  if (const auto* number = std::get_if<std::int64_t>(&cell)) return std::to_string(*number);
  if (const auto* real = std::get_if<double>(&cell)) return std::to_string(*real);
  if (const auto* text = std::get_if<std::string_view>(&cell)) return std::string(*text);
  return std::holds_alternative<std::monostate>(cell) ? "NULL" : "bytes";
}

class InquiryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const auto& file : {file_, more_}) {
      auto connection = *Connection::open(file, {});
      ASSERT_TRUE(migrate(*connection, kSchema));
    }
    const std::array parts = {InquiryPart{file_, &kSchema, kViews},
                              InquiryPart{more_, &kSchema, kMoreViews, "ATTACH ? AS more"}};
    auto opened = Inquiry::open(parts, kFunctions);
    ASSERT_TRUE(opened) << opened.error().message;
    inquiry_ = std::move(*opened);
  }
  core::Result<std::string> ask(const std::string& text, Inquiry::Limits limits = {}) {
    std::string all;
    const auto rows = inquiry_->ask(
        text, limits,
        [&](const auto& names) {
          for (const auto& name : names) all += name + " ";
        },
        [&](auto row) {
          all += "| ";
          for (const Cell& cell : row) all += text_of(cell) + " ";
        });
    if (!rows) return std::unexpected(rows.error());
    if (*rows == Inquiry::Rows::kMoreThanAllowed) all += "…";
    return all;
  }

  TempDir folder_;
  std::filesystem::path file_ = folder_ / "t.db";
  std::filesystem::path more_ = folder_ / "more.db";
  std::unique_ptr<Inquiry> inquiry_;
};

TEST_F(InquiryTest, AnswersOverViewsOfBothFiles) {
  EXPECT_EQ(*ask("SELECT * FROM things"), "n b r s | 1 2 bytes 0.500000 one | 2 NULL NULL two ");
  EXPECT_EQ(*ask("SELECT count(*) AS c FROM things, others"), "c | 4 ");
  EXPECT_EQ(
      *ask("WITH big AS (SELECT n FROM others WHERE n > 11) SELECT n FROM big; -- and no more"),
      "n | 12 ");
  EXPECT_EQ(*ask("SELECT value FROM json_each('[7]')"), "value | 7 ");
}

TEST_F(InquiryTest, DescribesTheViews) {
  const auto views = inquiry_->describe();
  ASSERT_TRUE(views) << views.error().message;
  ASSERT_EQ(views->size(), 2u);
  EXPECT_EQ((*views)[0].view, "things");
  EXPECT_EQ((*views)[0].columns, (std::vector<std::string>{"n", "b", "r", "s"}));
  EXPECT_EQ((*views)[1].columns, (std::vector<std::string>{"n"}));
}

TEST_F(InquiryTest, SaysWhenThereAreMoreRowsThanAllowed) {
  EXPECT_EQ(*ask("SELECT n FROM things", {.rows = 1}), "n | 1 …");
  EXPECT_EQ(*ask("SELECT n FROM things", {.rows = 2}), "n | 1 | 2 ");
}

TEST_F(InquiryTest, EndsWhatTakesTooLong) {
  const auto endless =
      ask("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
          {.time = std::chrono::milliseconds(50)});
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(*ask("SELECT n FROM others"), "n | 11 | 12 ") << "the next one has its own time";
}

class RefusedQuestionTest : public InquiryTest,
                            public ::testing::WithParamInterface<const char*> {};

TEST_P(RefusedQuestionTest, IsTheAskersMistakeAndChangesNothing) {
  const auto answer = ask(GetParam());
  ASSERT_FALSE(answer) << *answer;
  EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument) << answer.error().message;
  EXPECT_EQ(*ask("SELECT n FROM things"), "n | 1 | 2 ");
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedQuestionTest,
    ::testing::Values("", "-- nothing", "SELEC 1", "SELECT nothing FROM things",
                      "SELECT * FROM nowhere", "DELETE FROM things", "DELETE FROM main.things",
                      "INSERT INTO main.things VALUES (3, NULL, NULL, '')", "DROP VIEW things",
                      "CREATE TABLE t(i)", "CREATE TEMP TABLE t(i)", "PRAGMA query_only = OFF",
                      "PRAGMA user_version", "ATTACH 'x' AS y", "DETACH more", "BEGIN", "VACUUM",
                      "VACUUM INTO 'x'", "SELECT b FROM main.things", "SELECT n FROM more.things",
                      "SELECT load_extension('x')", "SELECT 1; SELECT 2",
                      "SELECT 1; DROP VIEW things", "SELECT ?",
                      "SELECT abs(-9223372036854775808)"));

TEST_F(InquiryTest, RefusesAFileOfAnotherVersion) {
  constexpr std::array kNext = {kThings[0], Migration{2, "PRAGMA user_version = 2"}};
  Schema newer = kSchema;
  newer.migrations = kNext;
  const std::array parts = {InquiryPart{file_, &newer, kViews}};
  const auto opened = Inquiry::open(parts, kFunctions);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace every::sql
