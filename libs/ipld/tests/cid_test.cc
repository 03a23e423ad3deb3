#include "every/ipld/cid.h"

#include <gtest/gtest.h>

namespace every::ipld {
namespace {

TEST(CidTest, NamesContentAsTheHashTablesSay) {
  EXPECT_EQ(Cid::of(Codec::kRaw, HashCode::kSha2_256, core::as_bytes("hello world")).render(),
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
}

}  // namespace
}  // namespace every::ipld
