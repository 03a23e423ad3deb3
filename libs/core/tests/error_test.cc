#include "every/core/error.h"

#include <set>

#include <gtest/gtest.h>

namespace every::core {
namespace {

TEST(ErrorTableTest, HasOneRowForEachCodeInEnumOrder) {
  const auto rows = error_codes();
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(ErrorCode::kInternal) + 1);
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_EQ(static_cast<std::size_t>(rows[i].code), i);
}

TEST(ErrorTableTest, NamesAreUniqueAndFindTheirRow) {
  std::set<std::string_view> names;
  for (const auto& row : error_codes()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    ASSERT_NE(find_error_code(row.name), nullptr);
    EXPECT_EQ(find_error_code(row.name)->code, row.code);
    EXPECT_GE(row.http_status, 400);
    EXPECT_LT(row.http_status, 600);
    EXPECT_NE(row.exit_code, 0);
  }
  EXPECT_EQ(find_error_code("no_such_code"), nullptr);
}

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorCode::kInvalidArgument, "odd");
  return value / 2;
}

Result<int> quarter(int value) {
  EVERY_TRY_ASSIGN(const int once, half(value));
  EVERY_TRY(half(once));
  return half(once);
}

TEST(TryTest, PassesValuesOnAndReturnsTheFirstError) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().message, "odd");
  EXPECT_EQ(quarter(5).error().code, ErrorCode::kInvalidArgument);
}

TEST(ErrorTest, KeepsItsContextInOrder) {
  const Error error = Error{ErrorCode::kNotFound, "gone", {}}.with("cid", "bafy").in("run");
  EXPECT_EQ(error.message, "run: gone");
  EXPECT_EQ(error.find("cid"), "bafy");
  EXPECT_EQ(error.find("task"), "");
}

}  // namespace
}  // namespace every::core
