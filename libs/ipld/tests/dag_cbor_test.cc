#include "every/ipld/dag_cbor.h"

#include <gtest/gtest.h>

namespace every::ipld {
namespace {

TEST(DagCborTest, HashesTheInstructionOfTheArticleToItsCid) {
  const Value instruction = Map{
      {"input", Map{{"args", List{3.1, 5.2}}, {"func", "add"}}},
      {"nnc", ""},
      {"op", "wasm/run"},
      {"rsc", "ipfs://bafkreig3krpwdgv2zb4f4kul5bf3vp2r3squnvkce2eb4zvfszd7bed6ny"}};
  EXPECT_EQ(dag_cbor::cid_of(instruction)->render(),
            "bafyrmichclyfhdx23umdf6lttv2kgbs2mnyywolgqm2ehyohgctrbwpj2y");
}

}  // namespace
}  // namespace every::ipld
