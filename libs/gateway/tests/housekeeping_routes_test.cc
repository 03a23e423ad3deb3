#include "support.h"
#include <gtest/gtest.h>

#include "every/ipld/car.h"
#include "every/runtime/housekeeping.h"

namespace every::gateway {
namespace {

using core::ErrorCode;
using runtime::Pin;

/// Remembers what it was asked; does its work at once.
class FakeHousekeeping final : public runtime::Housekeeping {
 public:
  core::Result<runtime::Expired> expire() override { return runtime::Expired{}; }
  core::Result<runtime::Collected> collect(const runtime::CollectRequest& request) override {
    asked = request;
    if (error) return std::unexpected(*error);
    return runtime::Collected{.runs = 3, .blocks = 12, .block_bytes = 4096, .kept_blocks = 9};
  }
  core::Result<Pin> pin(const std::string& what) override {
    if (what == "nothing") return core::fail(ErrorCode::kNotFound, "it is not here");
    all.push_back({.kind = Pin::Kind::kContent, .what = what, .since = 1});
    return all.back();
  }
  core::Result<Pin> unpin(const std::string& what) override {
    if (std::erase_if(all, [&](const Pin& pin) { return pin.what == what; }) == 0)
      return core::fail(ErrorCode::kNotFound, "it is not pinned");
    return Pin{.what = what};
  }
  core::Result<std::vector<Pin>> pins() override { return all; }
  void post(std::move_only_function<void()> work) override { work(); }

  std::optional<core::Error> error;
  runtime::CollectRequest asked;
  std::vector<Pin> all;
};

struct HousekeepingRoutesTest : ::testing::Test, ServiceFixture {
  HousekeepingRoutesTest() { node.set_housekeeping(&keeping); }
  FakeHousekeeping keeping;
};

TEST_F(HousekeepingRoutesTest, LooksWhatWouldGoUnlessItIsToldToDoIt) {
  const Response looked = post("/-/gc", "{}");
  EXPECT_EQ(looked.status, 200) << looked.body;
  EXPECT_EQ(json(looked).at("blocks").as_int64(), 12);
  EXPECT_EQ(json(looked).at("kept_blocks").as_int64(), 9);
  EXPECT_EQ(keeping.asked.what, runtime::CollectRequest::What::kLook);
  EXPECT_FALSE(keeping.asked.results_older_than);
  EXPECT_EQ(post("/-/gc", R"({"apply":true,"results_older_than_days":7,"earlier":true})").status,
            200);
  EXPECT_EQ(keeping.asked.what, runtime::CollectRequest::What::kDo);
  EXPECT_EQ(keeping.asked.earlier, runtime::CollectRequest::Earlier::kAll);
}

TEST_F(HousekeepingRoutesTest, SaysWhatIsWrongWithARequest) {
  EXPECT_EQ(post("/-/gc", "[]").status, 400);
  EXPECT_EQ(post("/-/gc", R"({"aply":true})").status, 400);
  EXPECT_EQ(post("/-/gc", R"({"apply":"yes"})").status, 400);
  EXPECT_EQ(post("/-/gc", R"({"results_older_than_days":-1})").status, 400);
  EXPECT_EQ(post("/-/pins", "{}").status, 400);
  EXPECT_EQ(post("/-/pins/remove", R"({"what":1})").status, 400);
  keeping.error = core::Error{ErrorCode::kConflict, "another one is under way", {}};
  EXPECT_EQ(post("/-/gc", "{}").status, 409);
}

TEST_F(HousekeepingRoutesTest, PinsListsAndUnpins) {
  EXPECT_EQ(post("/-/pins", R"({"what":"nothing"})").status, 404);
  const Response pinned = post("/-/pins", R"({"what":"bafy"})");
  EXPECT_EQ(pinned.status, 200);
  EXPECT_EQ(text_of(json(pinned), "kind"), "content");
  const Response listed = get("/-/pins");
  ASSERT_EQ(json(listed).at("pins").as_array().size(), 1u);
  EXPECT_EQ(text_of(json(listed).at("pins").as_array()[0], "what"), "bafy");
  EXPECT_EQ(post("/-/pins/remove", R"({"what":"bafy"})").status, 200);
  EXPECT_EQ(post("/-/pins/remove", R"({"what":"bafy"})").status, 404);
  EXPECT_TRUE(json(get("/-/pins")).at("pins").as_array().empty());
}

TEST_F(HousekeepingRoutesTest, AreForTheNodesOwnUser) {
  const auto status_of = [&](Method method, const std::string& target, Peer peer) {
    Request request{method, target, {{"Host", "localhost"}}, "{}"};
    request.headers.push_back({"Content-Type", "application/json"});
    request.peer = peer;
    return service.handle_and_wait(request).status;
  };
  EXPECT_EQ(status_of(Method::kPost, "/-/gc", Peer::kNetwork), 403);
  EXPECT_EQ(status_of(Method::kPost, "/-/pins", Peer::kNetwork), 403);
  EXPECT_EQ(status_of(Method::kPost, "/-/pins/remove", Peer::kNetwork), 403);
  EXPECT_EQ(status_of(Method::kGet, "/-/pins", Peer::kNetwork), 403);
  EXPECT_EQ(status_of(Method::kPost, "/-/gc", Peer::kTokenHolder), 200);
  node.set_housekeeping(nullptr);
  EXPECT_EQ(post("/-/gc", "{}").status, 501);
}

TEST_F(HousekeepingRoutesTest, RootsOfBlocksThatAreSentAreAdded) {
  const auto cid = ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256,
                                 core::as_bytes(std::string_view("a")));
  std::string car(core::as_text(ipld::car::encode_header(std::vector{cid})));
  const Response response =
      send(Method::kPost, "/-/blocks", {{"Content-Type", "application/vnd.ipld.car"}}, car);
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(node.added, std::vector{cid});
}

}  // namespace
}  // namespace every::gateway
