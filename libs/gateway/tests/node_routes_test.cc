#include "support.h"
#include <gtest/gtest.h>

#include "every/ipld/dag_cbor.h"

namespace every::gateway {
namespace {

struct NodeRoutesTest : ::testing::Test, ServiceFixture {
  ipld::Cid keep_receipt() {
    const core::Bytes block = *ipld::dag_cbor::encode(ipld::Map{{"out", ipld::List{"ok", 8.3}}});
    const ipld::Cid cid = ipld::Cid::of_dag_cbor(block);
    node.add_receipt(cid, block);
    return cid;
  }
};

TEST_F(NodeRoutesTest, IsHealthy) {
  const Response response = get("/-/healthz");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"healthy":true,"active_runs":0})");
}

TEST_F(NodeRoutesTest, SaysWhyItIsNotHealthy) {
  node.set_health({false, "the disk is full", 3});
  const Response response = get("/-/healthz");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(text_of(json(response), "problem"), "the disk is full");
}

TEST_F(NodeRoutesTest, ShowsAReceiptAsJson) {
  const Response response = get("/-/receipts/" + keep_receipt().render());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"out":["ok",8.3]})");
}

TEST_F(NodeRoutesTest, GivesAReceiptsBlockAsItIsHashed) {
  const ipld::Cid cid = keep_receipt();
  const Response response = send(Method::kGet, "/-/receipts/" + cid.render(),
                                 {{"Accept", "application/vnd.ipld.dag-cbor"}});
  EXPECT_EQ(header(response, "content-type"), "application/vnd.ipld.dag-cbor");
  EXPECT_TRUE(*cid.matches(core::as_bytes(response.body)));
}

TEST_F(NodeRoutesTest, RefusesWhatIsNoCid) {
  EXPECT_EQ(get("/-/receipts/nonsense").status, 400);
}

TEST_F(NodeRoutesTest, DoesNotKnowEveryReceipt) {
  EXPECT_EQ(get("/-/receipts/" + ipld::Cid::of_dag_cbor({}).render()).status, 404);
}

TEST_F(NodeRoutesTest, ListsRunsNewestFirst) {
  ASSERT_EQ(post("/run", kAdd).status, 200);
  ASSERT_EQ(post("/-/workflows", kDivideByZero).status, 200);  // answers at the run's end
  const auto runs = json(get("/-/runs")).at("runs").as_array();
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(text_of(runs[0], "state"), "failed");
  EXPECT_EQ(text_of(runs[0].at("error"), "code"), "guest_trap");
  EXPECT_EQ(text_of(runs[1], "id"), "run-1");
  EXPECT_EQ(json(get("/-/runs?limit=1")).at("runs").as_array().size(), 1u);
}

TEST_F(NodeRoutesTest, LoadsComponentsForItsOwnUserAndWhoHasAToken) {
  Request request{Method::kPost, "/-/components?label=math", {}, "bytes"};
  EXPECT_EQ(service.handle_and_wait(request).status, 501);  // taken; the fake loads nothing
  request.headers.push_back({"Host", "localhost"});
  request.peer = Peer::kNetwork;
  EXPECT_EQ(service.handle_and_wait(request).status, 403);
  request.peer = Peer::kTokenHolder;
  EXPECT_EQ(service.handle_and_wait(request).status, 501);
}

TEST_F(NodeRoutesTest, RefusesALimitThatIsNone) {
  EXPECT_EQ(get("/-/runs?limit=0").status, 400);
  EXPECT_EQ(get("/-/runs?limit=many").status, 400);
}

TEST_F(NodeRoutesTest, ShowsARun) {
  ASSERT_EQ(post("/run", kAdd).status, 200);
  EXPECT_EQ(json(get("/-/runs/run-1")).at("tasks").at(0).at("output").as_double(), 8.3);
  EXPECT_EQ(get("/-/runs/nosuch").status, 404);
}

TEST_F(NodeRoutesTest, SaysWhichMethodsAnAddressTakes) {
  const Response response = send(Method::kDelete, "/-/runs");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(header(response, "allow"), "GET, HEAD, POST");
}

TEST_F(NodeRoutesTest, DoesNotKnowOtherAddresses) {
  EXPECT_EQ(get("/-/nosuch").status, 404);
  EXPECT_EQ(text_of(json(get("/-/nosuch")), "code"), "not_found");
}

TEST_F(NodeRoutesTest, CannotBeStoppedWhereNobodySaysHow) {
  const Response response = send(Method::kPost, "/-/stop");
  EXPECT_EQ(response.status, 501);
  EXPECT_EQ(text_of(json(response), "code"), "unsupported");
}

/// A node that counts how often it is stopped.
struct StoppingFixture {
  int stopped = 0;
  ServiceFixture fixture;

  explicit StoppingFixture(StopBy stop_by) : fixture(options(stop_by)) {}
  ServiceOptions options(StopBy stop_by) {
    ServiceOptions options = ServiceFixture::make_options();
    options.peer_id = "12D3KooW";
    options.on_stop = [this] { ++stopped; };
    options.stop_by = stop_by;
    return options;
  }
  Response stop(Peer peer, std::vector<Header> headers = {{"Host", "localhost"}}) {
    Response response =
        fixture.service.handle_and_wait({Method::kPost, "/-/stop", std::move(headers), {}, peer});
    // Stopping comes after the answer, on a thread of the service.
    fixture.service.stop();
    return response;
  }
};

TEST(StopRouteTest, StopsForTheOwner) {
  StoppingFixture node(StopBy::kOwner);
  EXPECT_EQ(node.stop(Peer::kOwner).status, 202);
  EXPECT_EQ(node.stopped, 1);
}

TEST(StopRouteTest, RefusesTheNetworkWhereOnlyTheOwnerMay) {
  StoppingFixture node(StopBy::kOwner);
  EXPECT_EQ(node.stop(Peer::kNetwork).status, 403);
  EXPECT_EQ(node.stopped, 0);
}

TEST(StopRouteTest, StopsForWhoeverReachesThePortWhereAnybodyMay) {
  StoppingFixture node(StopBy::kAnybody);
  EXPECT_EQ(node.stop(Peer::kNetwork).status, 202);
  EXPECT_EQ(node.stopped, 1);
}

TEST(StopRouteTest, NeverStopsForAPageOfElsewhere) {
  StoppingFixture node(StopBy::kAnybody);
  EXPECT_EQ(
      node.stop(Peer::kNetwork, {{"Host", "localhost"}, {"Origin", "https://example.org"}}).status,
      403);
  EXPECT_EQ(node.stopped, 0);
}

TEST(StopRouteTest, SaysWhoTheNodeIs) {
  StoppingFixture node(StopBy::kOwner);
  EXPECT_EQ(text_of(json(node.fixture.get("/-/node")), "peer_id"), "12D3KooW");
}

}  // namespace
}  // namespace every::gateway
