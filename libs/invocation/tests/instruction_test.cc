#include <limits>

#include "support.h"
#include <gtest/gtest.h>

#include "every/invocation/invocation.h"

namespace every::invocation {
namespace {

using test::cid;
using test::json;
using test::normalize_url;

constexpr std::string_view kRaw = "bafkreifpuvdozlzwzpc2yhvf5aqzad7rnzme7ynqobfpokcqjdnohurjui";
constexpr std::string_view kV0 = "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n";

ipld::Map instruction() {
  return {{"rsc", "ipfs://" + std::string(kRaw)},
          {"op", "wasm/run"},
          {"nnc", ""},
          {"input", json(R"({"func":"add","args":[1,2]})")}};
}

ipld::Value with(std::string key, ipld::Value value) {
  ipld::Map map = instruction();
  map.set(std::move(key), std::move(value));
  return map;
}

ipld::Value without(std::string_view key) {
  ipld::Map map = instruction();
  map.erase(key);
  return map;
}

TEST(InstructionTest, ParseAndRenderAreInverses) {
  const auto parsed = Instruction::parse(instruction(), normalize_url);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(parsed->render(), ipld::Value(instruction()));
}

TEST(InstructionTest, UnknownKeysAreDropped) {
  EXPECT_EQ(Instruction::parse(with("name", "add"), normalize_url)->render(),
            ipld::Value(instruction()));
}

TEST(InstructionTest, AMissingNonceIsWrittenAsEmptyText) {
  EXPECT_EQ(Instruction::parse(without("nnc"), normalize_url)->render(),
            ipld::Value(instruction()));
}

TEST(InstructionTest, ANullNonceIsWrittenAsEmptyText) {
  EXPECT_EQ(Instruction::parse(with("nnc", nullptr), normalize_url)->render(),
            ipld::Value(instruction()));
}

TEST(InstructionTest, TheResourceIsPrintedByUrlRules) {
  EXPECT_EQ(Instruction::parse(with("rsc", "https://Host.example:443"), normalize_url)->rsc,
            "https://host.example/");
}

TEST(InstructionTest, ALinkAsResourceBecomesAnIpfsUrl) {
  EXPECT_EQ(Instruction::parse(with("rsc", cid(kRaw)), normalize_url)->rsc,
            "ipfs://" + std::string(kRaw));
}

TEST(InstructionTest, AVersionZeroLinkAsResourceIsRefused) {
  const auto parsed = Instruction::parse(with("rsc", cid(kV0)), normalize_url);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code, core::ErrorCode::kMalformed);
}

TEST(InstructionTest, TheOperationIsTakenAsItIs) {
  EXPECT_EQ(Instruction::parse(with("op", " Wasm/RUN "), normalize_url)->op, " Wasm/RUN ");
}

TEST(InstructionTest, TheInputIsKeptVerbatim) {
  const ipld::Value input = json(R"({"func":"f","args":[["ok",1],2.0],"extra":{"a":null}})");
  EXPECT_EQ(Instruction::parse(with("input", input), normalize_url)->input, input);
}

class MissingKeyTest : public testing::TestWithParam<const char*> {};
TEST_P(MissingKeyTest, IsRefusedNamingIt) {
  const auto parsed = Instruction::parse(without(GetParam()), normalize_url);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code, core::ErrorCode::kMalformed);
  EXPECT_NE(parsed.error().message.find("`" + std::string(GetParam()) + "`"), std::string::npos)
      << parsed.error().message;
}
INSTANTIATE_TEST_SUITE_P(Required, MissingKeyTest, testing::Values("rsc", "op", "input"));

TEST(InstructionTest, AResourceThatIsNoUrlIsRefused) {
  const auto parsed = Instruction::parse(with("rsc", "not a url"), normalize_url);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code, core::ErrorCode::kMalformed);
}

TEST(InstructionTest, ANotANumberCannotBeHashed) {
  const auto parsed =
      Instruction::parse(with("input", std::numeric_limits<double>::quiet_NaN()), normalize_url);
  ASSERT_TRUE(parsed.has_value());
  ASSERT_FALSE(parsed->cid().has_value());
  EXPECT_EQ(parsed->cid().error().code, core::ErrorCode::kInvalidArgument);
}

TEST(InstructionTest, GivesFunctionAndArguments) {
  const auto parsed = Instruction::parse(instruction(), normalize_url);
  EXPECT_EQ(parsed->func().value(), "add");
  EXPECT_EQ(*parsed->args().value(), (ipld::List{1, 2}));
}

TEST(InstructionTest, MissingFunctionOrArgumentsAreRefused) {
  for (const char* input : {"{}", "[]", R"({"func":1,"args":{}})"}) {
    const auto parsed = Instruction::parse(with("input", json(input)), normalize_url);
    ASSERT_FALSE(parsed->func().has_value()) << input;
    EXPECT_EQ(parsed->func().error().code, core::ErrorCode::kInvalidArgument);
    ASSERT_FALSE(parsed->args().has_value()) << input;
    EXPECT_EQ(parsed->args().error().code, core::ErrorCode::kInvalidArgument);
  }
}

core::Result<ipld::Cid> component_of(std::string rsc) {
  Instruction made;
  made.rsc = std::move(rsc);
  return made.component();
}

TEST(InstructionTest, FindsTheComponentInEveryKindOfUrl) {
  const std::string raw(kRaw);
  for (const std::string& url :
       {"ipfs://" + raw, "ipfs://" + raw + "/", "https://ipfs.io/ipfs/" + raw,
        "http://127.0.0.1:8080/ipfs/" + raw + "?filename=a.wasm",
        "https://" + raw + ".ipfs.dweb.link/", "http://" + raw + ".ipfs.localhost:8080/#x"}) {
    const auto found = component_of(url);
    ASSERT_TRUE(found.has_value()) << url << ": " << found.error().message;
    EXPECT_EQ(*found, cid(kRaw)) << url;
  }
  EXPECT_EQ(component_of("ipfs://" + std::string(kV0)).value(), cid(kV0));
}

TEST(InstructionTest, FindsTheComponentOfAFileOnTheWebInItsFragment) {
  const std::string raw(kRaw);
  const std::string hex = ipld::encode_base(ipld::Multibase::kBase16, cid(kRaw).digest());
  for (const std::string& fragment : {"sha256=" + hex, "cid=" + raw}) {
    Instruction made;
    made.rsc = "https://example.org:8443/a.wasm?v=1#" + fragment;
    ASSERT_TRUE(made.component().has_value()) << made.component().error().message;
    EXPECT_EQ(*made.component(), cid(kRaw));
    EXPECT_EQ(made.web_address(), "https://example.org:8443/a.wasm?v=1");
  }
  for (const std::string& fragment :
       {"sha256=" + hex.substr(2), "sha256=" + hex + "00", std::string("sha256=xyz"),
        std::string("cid=x"), hex, std::string("md5=1")})
    EXPECT_EQ(component_of("https://example.org/a.wasm#" + fragment).error().code,
              core::ErrorCode::kUnsupported)
        << fragment;
  EXPECT_FALSE(component_of("http://example.org/a.wasm#sha256=" + hex).has_value());
}

TEST(InstructionTest, OnlyFilesElsewhereHaveAnAddress) {
  const std::string raw(kRaw);
  for (const std::string& url : {"ipfs://" + raw, "https://ipfs.io/ipfs/" + raw + "#x",
                                 "https://" + raw + ".ipfs.dweb.link/"}) {
    Instruction made;
    made.rsc = url;
    EXPECT_EQ(made.web_address(), std::nullopt) << url;
  }
}

TEST(InstructionTest, RefusesResourcesThatNameNoContent) {
  const std::string raw(kRaw);
  for (const std::string& url :
       {std::string("https://example.org/add.wasm"), std::string("ipfs://nonsense"),
        "ipfs://" + raw + "/sub/path.wasm", "ftp://host/ipfs/" + raw, std::string("")}) {
    const auto found = component_of(url);
    ASSERT_FALSE(found.has_value()) << url;
    EXPECT_EQ(found.error().code, core::ErrorCode::kUnsupported) << url;
  }
}

}  // namespace
}  // namespace every::invocation
