#include <set>

#include "support.h"
#include <gtest/gtest.h>

#include "every/gateway/client.h"
#include "every/ipld/car.h"
#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"
#include "every/ipld/unixfs_directory.h"

namespace every::gateway {
namespace {

using ipld::Cid;
using ipld::Codec;
using ipld::HashCode;
namespace unixfs = ipld::unixfs;

core::Bytes pattern(std::size_t size) {
  core::Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::uint8_t>(i * 31 + (i >> 8) * 17 + (i >> 16) * 5);
  return bytes;
}

struct ContentRoutesTest : ::testing::Test, ServiceFixture {
  unixfs::BlockSink sink = [this](const Cid& cid, core::BytesView block) {
    const ipld::car::Block one{cid, core::to_bytes(block)};
    return node.put_blocks(std::span(&one, 1));
  };
  Cid put(Codec codec, core::BytesView bytes) {
    const Cid cid = Cid::of(codec, HashCode::kSha2_256, bytes);
    EXPECT_TRUE(sink(cid, bytes));
    return cid;
  }
  Cid hello = put(Codec::kRaw, core::as_bytes("hello world\n"));
  core::Bytes content = pattern(1'000'000);
  unixfs::Imported large = unixfs::import_bytes(content, sink).value();
  Cid directory = unixfs::make_directory(
                      {{"hello.txt", hello, 12}, {"large", large.root, large.dag_size}}, sink)
                      ->root;
  core::Bytes map_block = ipld::dag_cbor::encode(ipld::Value(ipld::Map{{"n", ipld::Value(7)},
                                                                       {"to", ipld::Value(hello)}}))
                              .value();
  Cid map = put(Codec::kDagCbor, map_block);

  Response ask(const std::string& target, std::vector<Header> headers = {}) {
    return send(Method::kGet, target, std::move(headers));
  }
  std::vector<Cid> car(const std::string& target, std::vector<Cid>* roots = nullptr) {
    const Response response = ask(target);
    EXPECT_EQ(response.status, 200) << response.body;
    auto reader = ipld::car::Reader::open(ipld::car::source_of(core::as_bytes(response.body)));
    std::vector<Cid> cids;
    if (!reader) return cids;
    if (roots != nullptr) *roots = reader->roots();
    for (;;) {
      auto block = reader->next();
      EXPECT_TRUE(block) << block.error().message;
      if (!block || !*block) return cids;
      cids.push_back((*block)->cid);
    }
  }
};

TEST_F(ContentRoutesTest, GivesAFileWithHeadersForEver) {
  const Response response = ask("/ipfs/" + large.root.render());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, core::as_text(content));
  EXPECT_EQ(header(response, "ETag"), "\"" + large.root.render() + "\"");
  EXPECT_EQ(header(response, "Cache-Control"), "public, max-age=29030400, immutable");
  EXPECT_EQ(header(response, "X-Ipfs-Path"), "/ipfs/" + large.root.render());
  EXPECT_EQ(header(response, "X-Ipfs-Roots"), large.root.render());
  EXPECT_EQ(header(response, "Accept-Ranges"), "bytes");
  EXPECT_EQ(header(response, "Content-Type"), "application/octet-stream");
  EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(response, "Content-Security-Policy"), "sandbox; default-src 'none'");
}

TEST_F(ContentRoutesTest, FollowsPathsThroughDirectoriesAndLinks) {
  const Response response = ask("/ipfs/" + directory.render() + "/hello.txt");
  EXPECT_EQ(response.body, "hello world\n");
  EXPECT_EQ(header(response, "Content-Type"), kText);
  EXPECT_EQ(header(response, "X-Ipfs-Roots"), directory.render() + "," + hello.render());
  EXPECT_EQ(ask("/ipfs/" + map.render() + "/to").body, "hello world\n");
}

TEST_F(ContentRoutesTest, GivesARange) {
  for (const auto& [asked, first, last] : {std::tuple{"bytes=0-9", 0, 9},
                                           {"bytes=262140-262150", 262140, 262150},
                                           {"bytes=999990-", 999990, 999999},
                                           {"bytes=-1", 999999, 999999}}) {
    const Response response = ask("/ipfs/" + large.root.render(), {{"Range", asked}});
    EXPECT_EQ(response.status, 206);
    EXPECT_EQ(response.body,
              core::as_text(core::BytesView(content).subspan(
                  static_cast<std::size_t>(first), static_cast<std::size_t>(last - first + 1))));
    EXPECT_EQ(header(response, "Content-Range"),
              "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/1000000");
  }
  const Response beyond = ask("/ipfs/" + large.root.render(), {{"Range", "bytes=1000000-"}});
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(header(beyond, "Content-Range"), "bytes */1000000");
  const Response raw = ask("/ipfs/" + hello.render() + "?format=raw", {{"Range", "bytes=6-10"}});
  EXPECT_EQ(raw.status, 206);
  EXPECT_EQ(raw.body, "world");
}

TEST_F(ContentRoutesTest, AnswersWhatIsKnownWithoutABody) {
  for (const std::string format : {"", "?format=raw", "?format=car", "?format=dag-json"}) {
    const std::string target = "/ipfs/" + large.root.render() + format;
    const std::string etag = header(ask(target), "ETag");
    const Response response = ask(target, {{"If-None-Match", etag}});
    EXPECT_EQ(response.status, 304) << format;
    EXPECT_TRUE(response.body.empty());
    EXPECT_EQ(header(response, "ETag"), etag);
    EXPECT_EQ(header(response, "Content-Type"), "<none>");
    EXPECT_EQ(ask(target, {{"If-None-Match", "\"other\""}}).status, 200);
  }
}

TEST_F(ContentRoutesTest, GivesBlocksAsTheyAre) {
  const Response raw = ask("/ipfs/" + map.render(), {{"Accept", "application/vnd.ipld.raw"}});
  EXPECT_EQ(raw.body, core::as_text(map_block));
  EXPECT_EQ(header(raw, "Content-Type"), "application/vnd.ipld.raw");
  EXPECT_EQ(header(raw, "Content-Disposition"), "attachment; filename=\"" + map.render() +
                                                    ".bin\"; filename*=UTF-8''" + map.render() +
                                                    ".bin");
  EXPECT_EQ(ask("/ipfs/" + map.render()).body, core::as_text(map_block));
  EXPECT_EQ(header(ask("/ipfs/" + map.render()), "Content-Type"), "application/vnd.ipld.dag-cbor");
}

TEST_F(ContentRoutesTest, GivesValuesInOtherForms) {
  const std::string json = "{\"n\":7,\"to\":{\"/\":\"" + hello.render() + "\"}}";
  EXPECT_EQ(ask("/ipfs/" + map.render() + "?format=dag-json").body, json);
  const Response plain = ask("/ipfs/" + map.render(), {{"Accept", "application/json"}});
  EXPECT_EQ(plain.body, json);
  EXPECT_EQ(header(plain, "Content-Type"), "application/json");
  EXPECT_EQ(ask("/ipfs/" + map.render() + "/n?format=dag-json").body, "7");
  EXPECT_EQ(ask("/ipfs/" + map.render() + "/n?format=cbor").body, "\x07");
  EXPECT_EQ(ask("/ipfs/" + map.render() + "/n?format=raw").body, core::as_text(map_block));
  EXPECT_EQ(car("/ipfs/" + map.render() + "/n?format=car"), (std::vector{map, hello}));
  EXPECT_EQ(ask("/ipfs/" + hello.render() + "?format=json").body, "hello world\n");
  EXPECT_EQ(ask("/ipfs/" + hello.render() + "?format=dag-json").body,
            R"({"/":{"bytes":"aGVsbG8gd29ybGQK"}})");
}

TEST_F(ContentRoutesTest, ListsADirectory) {
  const Response response = ask("/ipfs/" + directory.render());
  EXPECT_EQ(header(response, "Content-Type"), "application/vnd.ipld.dag-json");
  EXPECT_EQ(response.body,
            "{\"Data\":{\"/\":{\"bytes\":\"CAE\"}},\"Links\":[{\"Hash\":{\"/\":\"" +
                hello.render() + "\"},\"Name\":\"hello.txt\",\"Tsize\":12},{\"Hash\":{\"/\":\"" +
                large.root.render() +
                "\"},\"Name\":\"large\",\"Tsize\":" + std::to_string(large.dag_size) + "}]}");
  const Response page = ask("/ipfs/" + directory.render(), {{"Accept", "text/html"}});
  EXPECT_EQ(header(page, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(page.body.find("href=\"/ipfs/" + directory.render() + "/hello.txt\""),
            std::string::npos);
}

TEST_F(ContentRoutesTest, GivesACarOfAllOfIt) {
  std::vector<Cid> roots;
  const auto cids = car("/ipfs/" + directory.render() + "?format=car", &roots);
  EXPECT_EQ(roots, std::vector{directory});
  EXPECT_EQ(cids.front(), directory);
  EXPECT_EQ(cids.size(), 2 + 1 + 4);  // the directory, a leaf, the large file's root and leaves
  EXPECT_EQ(std::set(cids.begin(), cids.end()).size(), cids.size());
  EXPECT_EQ(header(ask("/ipfs/" + directory.render() + "?format=car"), "Content-Type"),
            "application/vnd.ipld.car; version=1; order=dfs; dups=n");
}

TEST_F(ContentRoutesTest, GivesACarWithTheBlocksOfThePath) {
  std::vector<Cid> roots;
  const std::string path = "/ipfs/" + directory.render() + "/large?format=car";
  const auto all = car(path, &roots);
  EXPECT_EQ(roots, std::vector{large.root});
  EXPECT_EQ(all.size(), 1 + 1 + 4);
  EXPECT_EQ(all[0], directory);
  EXPECT_EQ(all[1], large.root);
  EXPECT_EQ(car(path + "&dag-scope=block"), (std::vector{directory, large.root}));
  EXPECT_EQ(car(path + "&dag-scope=entity"), all);
  const Response response = ask(path);
  EXPECT_EQ(header(response, "X-Ipfs-Roots"), directory.render() + "," + large.root.render());
  EXPECT_TRUE(header(response, "Content-Disposition")
                  .starts_with("attachment; filename=\"" + directory.render() + "_large.car\""));
  EXPECT_EQ(car("/ipfs/" + directory.render() + "?format=car&dag-scope=entity"),
            std::vector{directory});
}

TEST_F(ContentRoutesTest, GivesACarOfTheBlocksThatARangeTouches) {
  const std::string path = "/ipfs/" + large.root.render() + "?format=car&entity-bytes=";
  EXPECT_EQ(car(path + "0:0").size(), 2u);
  EXPECT_EQ(car(path + "262143:262144").size(), 3u);
  EXPECT_EQ(car(path + "-1:*").size(), 2u);
  EXPECT_EQ(car(path + "0:*").size(), 5u);
  EXPECT_EQ(car(path + "2000000:*"), std::vector{large.root});
}

TEST_F(ContentRoutesTest, SaysWhatIsWrong) {
  const Cid gone = Cid::of(Codec::kRaw, HashCode::kSha2_256, core::as_bytes("gone"));
  const Response missing = ask("/ipfs/" + gone.render());
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(text_of(json(missing), "cid"), gone.render());
  EXPECT_EQ(ask("/ipfs/" + gone.render() + "?format=car").status, 404);
  EXPECT_EQ(ask("/ipfs/" + directory.render() + "/no").status, 404);
  EXPECT_EQ(ask("/ipfs/" + hello.render() + "/no").status, 404);
  EXPECT_EQ(ask("/ipfs/no-cid").status, 400);
  EXPECT_EQ(ask("/ipfs/" + hello.render() + "?format=tar").status, 406);
  EXPECT_EQ(ask("/ipfs/" + hello.render() + "?format=zip").status, 400);
}

TEST_F(ContentRoutesTest, LooksElsewhereUnlessItIsToldNotTo) {
  const Cid far = Cid::of(Codec::kRaw, HashCode::kSha2_256, core::as_bytes("far"));
  node.add_far_block(far, core::to_bytes("far"));
  EXPECT_EQ(ask("/ipfs/" + far.render()).body, "far");
  EXPECT_EQ(ask("/ipfs/" + far.render(), {{"Cache-Control", "only-if-cached"}}).status, 412);
  EXPECT_EQ(ask("/ipfs/" + hello.render(), {{"Cache-Control", "only-if-cached"}}).status, 200);
}

TEST_F(ContentRoutesTest, NamesDownloads) {
  const Response response =
      ask("/ipfs/" + hello.render() + "?download=true&filename=%C3%BCber%22.json");
  EXPECT_EQ(header(response, "Content-Type"), "application/json");
  EXPECT_EQ(header(response, "Content-Disposition"),
            "attachment; filename=\"__ber_.json\"; filename*=UTF-8''%C3%BCber%22.json");
}

TEST_F(ContentRoutesTest, NeverShowsContentAsAPageOfThisOrigin) {
  const Cid page = put(Codec::kRaw, core::as_bytes("<!DOCTYPE html><script>alert(1)</script>"));
  EXPECT_EQ(header(ask("/ipfs/" + page.render()), "Content-Type"), kText);
  EXPECT_EQ(header(ask("/ipfs/" + page.render() + "?filename=a.html"), "Content-Type"), kText);
}

TEST_F(ContentRoutesTest, KeepsBlocksThatTheOwnerSends) {
  core::Bytes file = ipld::car::encode_header(std::span<const Cid>());
  const Cid cid = Cid::of(Codec::kRaw, HashCode::kSha2_256, core::as_bytes("new"));
  ipld::car::append_block(file, cid, core::as_bytes("new"));
  const std::string body(core::as_text(file));
  EXPECT_EQ(send(Method::kPost, "/-/blocks", {}, body).body, "{\"blocks\":1,\"pinned\":[]}");
  EXPECT_EQ(ask("/ipfs/" + cid.render()).body, "new");
  std::string bad = body;
  bad.back() ^= 1;
  EXPECT_EQ(send(Method::kPost, "/-/blocks", {}, bad).status, 500);
  Request stranger{Method::kPost, "/-/blocks", {{"Host", "localhost"}}, body};
  stranger.peer = Peer::kNetwork;
  EXPECT_EQ(service.handle_and_wait(stranger).status, 403);
}

struct ContentServerTest : ContentRoutesTest {
  std::unique_ptr<Server> server;
  ContentServerTest() {
    ServerOptions options;
    options.port = 0;
    server = std::move(Server::open(options, service, logger)).value();
    server->start();
  }
  ~ContentServerTest() override { server->stop(); }
};

TEST_F(ContentServerTest, SendsTheLengthOfAFileAndOfNothingWithHead) {
  const std::string target = "/ipfs/" + large.root.render();
  const Response whole = testing::fetch(server->port(), "GET", target);
  EXPECT_EQ(whole.body, core::as_text(content));
  EXPECT_EQ(header(whole, "Content-Length"), "1000000");
  EXPECT_EQ(header(whole, "Transfer-Encoding"), "<none>");
  auto client = testing::RawClient::to_port(server->port());
  client.send(testing::request_text("HEAD", target));
  const Response head = client.read_head_response();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(header(head, "Content-Length"), "1000000");
  client.send(testing::request_text("GET", target, {}, "Range: bytes=0-3\r\n"));
  const Response range = client.read_response();
  EXPECT_EQ(range.status, 206);
  EXPECT_EQ(range.body.size(), 4u);
}

TEST_F(ContentServerTest, BreaksOffWhatItCannotEnd) {
  const auto leaf = Cid::of(Codec::kRaw, HashCode::kSha2_256,
                            core::BytesView(content).subspan(262144 * 2, 262144));
  node.lose_block(leaf);
  for (const char* format : {"", "?format=car"}) {
    auto client = testing::RawClient::to_port(server->port());
    client.send(testing::request_text("GET", "/ipfs/" + large.root.render() + format));
    const std::string text = client.read_to_end();
    EXPECT_TRUE(text.starts_with("HTTP/1.1 200")) << text.substr(0, 100);
    EXPECT_GT(text.size(), 400'000u);
    EXPECT_FALSE(text.ends_with("0\r\n\r\n"));
    EXPECT_FALSE(parse_response(text)) << format;
  }
}

}  // namespace
}  // namespace every::gateway
