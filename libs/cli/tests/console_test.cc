#include "console.h"

#include <functional>

#include <gtest/gtest.h>

namespace every::cli {
namespace {

std::string printed(core::LogColour colour, const std::function<void(const Console&)>& use) {
  std::FILE* file = std::tmpfile();
  use(Console(file, colour));
  std::string text(static_cast<std::size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  const std::size_t read = std::fread(text.data(), 1, text.size(), file);
  std::fclose(file);
  text.resize(read);
  return text;
}

TEST(ConsoleTest, PrintsTheStartLinesOfTheOriginal) {
  EXPECT_EQ(printed(core::LogColour::kNever,
                    [](const Console& console) { console.done("Functions parsed and compiled"); }),
            "✔ Functions parsed and compiled\n");
  EXPECT_EQ(
      printed(core::LogColour::kNever,
              [](const Console& console) { console.arrow("Local", "http://127.0.0.1:3000/"); }),
      "➜ Local:    http://127.0.0.1:3000/\n");
}

TEST(ConsoleTest, ColoursAddressesOnTerminals) {
  EXPECT_EQ(
      printed(core::LogColour::kAlways,
              [](const Console& console) { console.done("Gateway is running at", "http://x"); }),
      "\x1b[32m✔\x1b[0m Gateway is running at \x1b[36mhttp://x\x1b[0m\n");
}

TEST(ConsoleTest, SaysWhatWentWrongAndWhere) {
  const core::Error error{core::ErrorCode::kGuestTrap,
                          "not able to run fn divide",
                          {{"task", "half"}, {"func", "divide"}, {"cid", "bafy"}}};
  EXPECT_EQ(
      printed(core::LogColour::kNever, [&error](const Console& console) { console.error(error); }),
      "error: not able to run fn divide\n  task half, function divide, bafy\n");
}

TEST(ConsoleTest, ShowsWhatTheTaskHadWrittenAndWhereItWas) {
  const core::Error error{core::ErrorCode::kGuestTrap,
                          "not able to run fn f",
                          {{"log", "error guest:f Oh"}, {"backtrace", "0: inner\n1: f\x1b[2J"}}};
  EXPECT_EQ(
      printed(core::LogColour::kNever, [&error](const Console& console) { console.error(error); }),
      "error: not able to run fn f\n  its last lines:\n    error guest:f Oh\n  where it was:\n    "
      "0: "
      "inner\n    1: f\\u001b[2J\n");
}

TEST(ConsoleTest, LetsNoControlCharactersThrough) {
  const core::Error error{core::ErrorCode::kGuestTrap, "boom \x1b[2J", {}};
  EXPECT_EQ(
      printed(core::LogColour::kNever, [&error](const Console& console) { console.error(error); }),
      "error: boom \\u001b[2J\n");
}

TEST(ExitCodeTest, ComesFromTheErrorTable) {
  for (const auto& row : core::error_codes())
    EXPECT_EQ(exit_code(core::Error{row.code, "", {}}), row.exit_code);
}

}  // namespace
}  // namespace every::cli
