#include "every/ipld/cid.h"

#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "fixtures.h"
#include <gtest/gtest.h>

namespace every::ipld {
namespace {

using core::ErrorCode;
using tests::from_hex;

constexpr const char* kVersion0 = "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n";
constexpr const char* kVersion1 = "bafybeihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

ErrorCode failure_of(const core::Result<Cid>& result) {
  return result ? ErrorCode::kInternal : result.error().code;
}

TEST(CidTest, NamesContent) {
  EXPECT_EQ(Cid::of(Codec::kRaw, HashCode::kSha2_256, core::as_bytes("hello world")).render(),
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
}

TEST(CidTest, NamesOurOwnDataBySha3) {
  const Cid cid = Cid::of_dag_cbor(core::as_bytes("\xa0"));
  EXPECT_TRUE(cid.render().starts_with("bafyrmi"));
  EXPECT_EQ(core::to_hex(cid.encode().first(4)), "01711620");
}

// source: https://ipld.io/specs/codecs/dag-pb/spec/ "Zero-length blocks"
TEST(CidTest, TellsThePartsOfBothVersions) {
  const Cid old = Cid::parse(kVersion0).value();
  const Cid now = Cid::parse(kVersion1).value();
  EXPECT_EQ(old.version(), 0);
  EXPECT_EQ(now.version(), 1);
  for (const Cid& cid : {old, now}) {
    EXPECT_EQ(cid.codec(), Codec::kDagPb);
    EXPECT_EQ(cid.hash_code(), HashCode::kSha2_256);
    EXPECT_EQ(core::to_bytes(cid.digest()), digest(HashCode::kSha2_256, {}));
  }
}

// source: https://github.com/multiformats/cid "Human Readable CIDs"
TEST(CidTest, ReadsTheExampleOfTheSpecification) {
  const Cid cid = Cid::parse("zb2rhe5P4gXftAwvA4eXQ5HJwsER2owDyS9sKaQRRVQPn93bA").value();
  EXPECT_EQ(cid.codec(), Codec::kRaw);
  EXPECT_EQ(core::to_hex(cid.digest()),
            "6e6ff7950a36187a801613426e858dce686cd7d7e3c0fc42ee0330072d245c95");
}

TEST(CidTest, RendersInTheBaseOfItsVersion) {
  EXPECT_EQ(Cid::parse(kVersion0)->render(), kVersion0);
  EXPECT_EQ(Cid::parse("F01701220E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")
                ->render(),
            kVersion1);
}

TEST(CidTest, RendersVersion0InBase58Only) {
  const Cid old = Cid::parse(kVersion0).value();
  EXPECT_EQ(old.render(Multibase::kBase58Btc), kVersion0);
  const auto text = old.render(Multibase::kBase32);
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().code, ErrorCode::kInvalidArgument);
}

TEST(CidTest, ParsesNothingButACid) {
  const std::string good = kVersion1;
  const std::vector<std::string> cases{
      "",
      " " + good,
      good + " ",
      good + "a",
      good.substr(0, 58),
      "hello",
      "Qm",
      std::string(kVersion0) + "x",
      "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR10",
      "/ipfs/" + good,
      "z" + std::string(kVersion0),  // version 0 has no prefix
      "f1220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "f00701220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "f02701220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "f01701214e3b0c44298fc1c149afbf4c8996fb92427ae41e4",
      "f01701220e3b0c442",
      "b" + std::string(1 << 20, 'a'),
  };
  for (const std::string& text : cases) {
    EXPECT_EQ(failure_of(Cid::parse(text)), ErrorCode::kMalformed) << text.substr(0, 100);
  }
}

TEST(CidTest, SaysWhatIsWrongWithAText) {
  const auto cid = Cid::parse("bafy!");
  ASSERT_FALSE(cid.has_value());
  EXPECT_EQ(
      cid.error().message,
      "CID: \"bafy!\" is not one: base32: character '!' at position 3 is not in the alphabet");
}

TEST(CidTest, FindsTheCidInAReference) {
  const std::string cid = kVersion1;
  for (const std::string& text : {cid, "ipfs://" + cid, "ipfs://" + cid + "/a/b", "/ipfs/" + cid,
                                  "https://gateway.example/ipfs/" + cid + "?x=1",
                                  "http://localhost:8080/ipfs/" + cid + "#top",
                                  "ipfs:///ipfs/" + cid, "/ipfs/" + cid + "/ipfs/other"}) {
    EXPECT_EQ(Cid::parse_reference(text), Cid::parse(cid)) << text;
  }
  for (const std::string& text :
       {std::string("ipfs://"), cid + "/a", "ipns://" + cid, std::string("/ipfs//") + cid}) {
    EXPECT_EQ(failure_of(Cid::parse_reference(text)), ErrorCode::kMalformed) << text;
  }
}

TEST(CidTest, DecodesExactlyOne) {
  const Cid cid = Cid::parse(kVersion1).value();
  core::Bytes bytes = core::to_bytes(cid.encode());
  EXPECT_EQ(Cid::decode(bytes), cid);
  bytes.push_back(0);
  EXPECT_EQ(failure_of(Cid::decode(bytes)), ErrorCode::kMalformed);
  core::BytesView rest = bytes;
  EXPECT_EQ(Cid::decode_prefix(rest), cid);
  EXPECT_EQ(rest.size(), 1);
}

TEST(CidTest, RefusesEveryBeginningOfItsBytes) {
  for (const char* text : {kVersion0, kVersion1}) {
    const Cid cid = Cid::parse(text).value();
    for (std::size_t size = 0; size < cid.encode().size(); ++size) {
      EXPECT_EQ(failure_of(Cid::decode(cid.encode().first(size))), ErrorCode::kMalformed) << size;
    }
  }
}

TEST(CidTest, CarriesCodecsAndHashesItDoesNotKnow) {
  const core::Bytes bytes = from_hex("01f8ff031e03010203");
  const Cid cid = Cid::decode(bytes).value();
  EXPECT_EQ(cid.codec(), Codec{0xfff8});
  EXPECT_EQ(cid.hash_code(), HashCode{0x1e});
  EXPECT_EQ(core::to_bytes(cid.encode()), bytes);
  const auto matches = cid.matches({});
  ASSERT_FALSE(matches.has_value());
  EXPECT_EQ(matches.error().code, ErrorCode::kUnsupported);
}

TEST(CidTest, IsMadeOfPartsThatFit) {
  const Multihash hash{HashCode::kSha2_256, digest(HashCode::kSha2_256, {}).value()};
  EXPECT_EQ(Cid::make(0, Codec::kDagPb, hash), Cid::parse(kVersion0));
  EXPECT_EQ(Cid::make(1, Codec::kDagPb, hash), Cid::parse(kVersion1));
  EXPECT_EQ(failure_of(Cid::make(0, Codec::kRaw, hash)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(failure_of(Cid::make(2, Codec::kRaw, hash)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(failure_of(Cid::make(1, Codec::kRaw, {HashCode::kSha2_256, {1, 2}})),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(failure_of(Cid::make(1, Codec{1ULL << 63}, hash)), ErrorCode::kInvalidArgument);
}

TEST(CidTest, MatchesItsContentAndNoOther) {
  for (const HashCode hash :
       {HashCode::kIdentity, HashCode::kSha2_256, HashCode::kSha2_512, HashCode::kSha3_256}) {
    const Cid cid = Cid::of(Codec::kRaw, hash, core::as_bytes("abc"));
    EXPECT_EQ(cid.matches(core::as_bytes("abc")), true);
    EXPECT_EQ(cid.matches(core::as_bytes("abd")), false);
  }
}

TEST(CidTest, IsOrderedByItsBytesAndHashable) {
  const Cid raw = Cid::of(Codec::kRaw, HashCode::kSha2_256, {});
  const Cid cbor = Cid::of(Codec::kDagCbor, HashCode::kSha2_256, {});
  EXPECT_LT(raw, cbor);
  EXPECT_EQ((std::unordered_set<Cid>{raw, cbor, raw}).size(), 2);
}

TEST(CidTest, CopiesShareTheirBytesAndOutliveTheFirst) {
  auto first = std::make_optional(Cid::of_dag_cbor(core::as_bytes("abc")));
  const std::string text = first->render();
  const Cid copy = *first;
  EXPECT_EQ(copy.encode().data(), first->encode().data());
  first.reset();
  EXPECT_EQ(copy.render(), text);
}

TEST(CidTest, TheSameBytesFromElsewhereAreEqual) {
  const Cid made = Cid::of_dag_cbor(core::as_bytes("abc"));
  const Cid parsed = *Cid::parse(made.render());
  EXPECT_NE(made.encode().data(), parsed.encode().data());
  EXPECT_EQ(made, parsed);
  EXPECT_EQ(std::hash<Cid>()(made), std::hash<Cid>()(parsed));
}

TEST(CidTest, OneThatWasMovedFromCanBeAssignedAndDestroyed) {
  Cid cid = Cid::of_dag_cbor(core::as_bytes("abc"));
  const Cid taken = std::move(cid);
  EXPECT_TRUE(cid.encode().empty());  // NOLINT(bugprone-use-after-move): what is tested
  EXPECT_NE(cid, taken);
  cid = taken;
  EXPECT_EQ(cid, taken);
  const Cid& itself = cid;
  cid = itself;
  EXPECT_EQ(cid, taken);
}

TEST(CidTest, ThreadsMayCopyOneAtOnce) {
  const Cid cid = Cid::of_dag_cbor(core::as_bytes("abc"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      std::vector<Cid> copies;
      for (int n = 0; n < 1000; ++n) copies.push_back(cid);
      EXPECT_EQ(copies.back(), cid);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(cid, Cid::of_dag_cbor(core::as_bytes("abc")));
}

}  // namespace
}  // namespace every::ipld
