#include "last_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace every::wasm {
namespace {

using ::testing::HasSubstr;

std::string sentence(std::string_view text) {
  return read_last_words(text).sentence;
}

TEST(LastWordsTest, ARustPanicIsItsMessageAndItsPlace) {
  EXPECT_EQ(sentence("\nthread '<unnamed>' (1) panicked at src/lib.rs:7:20:\nthe sky fell\non my "
                     "head\nnote: run with "
                     "`RUST_BACKTRACE=1` environment variable to display a backtrace\n"),
            "the sky fell; on my head (src/lib.rs:7:20)");
  EXPECT_EQ(sentence("thread 'main' panicked at src/lib.rs:8:23:\nassertion `left == right` "
                     "failed\n  left: 1\n "
                     "right: 2\n"),
            "assertion `left == right` failed; left: 1; right: 2 (src/lib.rs:8:23)");
  EXPECT_EQ(sentence("thread 'main' panicked at 'it's over', src/main.rs:2:5\n"),
            "it's over (src/main.rs:2:5)");
  EXPECT_EQ(sentence("a panicked at "), "a panicked at");
}

TEST(LastWordsTest, APythonExceptionIsItsLastTracebackLineAndItsPlace) {
  const auto words = read_last_words(
      "on stderr\nTraceback (most recent call last):\n  File \"/0/app.py\", line 8, in fails\n    "
      "return 1 // "
      "0\nZeroDivisionError: division by zero\n\nthread '<unnamed>' (1) panicked at "
      "runtime/src/lib.rs:1280:25:\nPython function threw an unexpected exception\nnote: run with "
      "`RUST_BACKTRACE=1` environment variable to display a backtrace\n");
  EXPECT_EQ(words.sentence, "ZeroDivisionError: division by zero (/0/app.py:8)");
  EXPECT_THAT(words.stack, HasSubstr("File \"/0/app.py\", line 8, in fails"));
}

TEST(LastWordsTest, APythonExceptionWithoutATracebackIsItsLine) {
  EXPECT_EQ(
      sentence("TypeError: the result of lie must be a str, and is 3\n\nthread '<unnamed>' (1) "
               "panicked at runtime/src/lib.rs:1280:25:\nPython function threw an unexpected "
               "exception\n"),
      "TypeError: the result of lie must be a str, and is 3");
}

TEST(LastWordsTest, OfChainedPythonExceptionsTheLastCounts) {
  EXPECT_EQ(sentence("Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: "
                     "'x'\n\nDuring handling "
                     "of the above exception, another exception occurred:\n\nTraceback (most "
                     "recent call last):\n  File "
                     "\"b.py\", line 2, in g\nValueError: bad value\nsecond line\n"),
            "ValueError: bad value; second line (b.py:2)");
}

TEST(LastWordsTest, AJavaScriptExceptionIsUnwrappedFromItsRuntimesPanic) {
  const auto words = read_last_words(
      "\nthread '<unnamed>' (1) panicked at crates/runtime/src/interpreter.rs:51:31:\nFailed to "
      "call 'fails': "
      "Exception(Exception { message: Some(\"no \\\"such\\\" thing\"), stack: Some(\"    at inner "
      "(/js/a.js:4:34)\\n    "
      "at fails (/js/a.js:13:80)\\n\") })\n");
  EXPECT_EQ(words.sentence, "uncaught exception: no \"such\" thing (inner (/js/a.js:4:34))");
  EXPECT_EQ(words.stack, "at inner (/js/a.js:4:34)\n    at fails (/js/a.js:13:80)");
  EXPECT_EQ(sentence("thread '' panicked at x.rs:1:1:\nFailed to call 'f': Value(String(Ok(\"just "
                     "text\")))\n"),
            "uncaught exception: just text");
}

TEST(LastWordsTest, AnExceptionOfStarlingMonkeyIsItsMessageAndWhereItWasThrown) {
  const std::string end = "Redirecting call to abort() to mozalloc_abort\n";
  const auto words = read_last_words(
      "mine\nsecond line\nStack:\n  inner@source.js:5:28\n  fails@source.js:13:74\n" + end);
  EXPECT_EQ(words.sentence, "uncaught exception: mine; second line (inner@source.js:5:28)");
  EXPECT_EQ(words.stack, "inner@source.js:5:28\nfails@source.js:13:74");
  EXPECT_EQ(sentence("\"just text\"\n" + end), "uncaught exception: \"just text\"");
  EXPECT_EQ(sentence(end), "");
}

TEST(LastWordsTest, OfAnythingElseTheLastLineCounts) {
  EXPECT_EQ(sentence("warming up\nAssertion failed: n > 0 (m.c: f: 3)\n"),
            "Assertion failed: n > 0 (m.c: f: 3)");
  EXPECT_EQ(sentence(" \n\n"), "");
  EXPECT_EQ(sentence(""), "");
}

TEST(LastWordsTest, HostileTextIsBoundedAndPrintable) {
  EXPECT_LT(sentence(std::string(100'000, 'x')).size(), 1100);
  EXPECT_EQ(sentence("a\x1b[2J\xff"), "a [2J\xef\xbf\xbd");
  for (const char* text :
       {"panicked at ", "x panicked at '", "panicked at 'a", "Traceback (most recent call last):",
        "panicked at a:\nFailed to call 'f': Exception(Exception { message: Some(\"\\"}) {
    EXPECT_LT(sentence(text).size(), 200) << text;
  }
}

}  // namespace
}  // namespace every::wasm
