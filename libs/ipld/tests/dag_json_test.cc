#include "every/ipld/dag_json.h"

#include <gtest/gtest.h>

namespace every::ipld {
namespace {

TEST(DagJsonTest, ReadsWhatItWrites) {
  const auto value = dag_json::decode(R"({"a":[1,2.5,{"/":{"bytes":"AAH+/w"}}],"b":null})");
  ASSERT_TRUE(value.has_value()) << value.error().message;
  EXPECT_EQ(dag_json::encode(*value).value(), R"({"a":[1,2.5,{"/":{"bytes":"AAH+/w"}}],"b":null})");
}

}  // namespace
}  // namespace every::ipld
