#include "wit_docs.h"

#include <gtest/gtest.h>

namespace every::runtime {
namespace {

using Docs = std::map<std::string, std::string>;

TEST(WitDocsTest, ReadsCommentsOfExportsAndOfInterfaces) {
  EXPECT_EQ(
      docs_in_wit(R"(package my:math@1.0.0;

/// What the world is for.
world math {
  /// Not ours.
  import log: func(text: string);

  /// Adds two numbers.
  /// They may be negative.
  export add: func(a: f64, b: f64) -> f64;
  export divide: func(a: f64, b: f64) -> f64;
}
interface calc {
  /// A point.
  record point {
    /// Its x.
    x: s32,
  }

  /// Doubles.
  @since(version = 1.0.0)
  %double: func(a: f64) -> f64;
}
)"),
      (Docs{{"add", "Adds two numbers.\nThey may be negative."}, {"calc#double", "Doubles."}}));
}

TEST(WitDocsTest, HasNothingToSayOfOtherText) {
  EXPECT_EQ(docs_in_wit(""), Docs());
  EXPECT_EQ(docs_in_wit("/// no item follows"), Docs());
  EXPECT_EQ(docs_in_wit("///\n\nexport add: func();"), Docs());
}

}  // namespace
}  // namespace every::runtime
