#include <fstream>
#include <sstream>

#include "fixtures.h"
#include "test_paths.h"
#include <gtest/gtest.h>

#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"

/// Data of the original runtime: its bytes and CIDs, from its fixtures and from what it sent.
namespace every::ipld {
namespace {

std::string cid_of(const Value& value) {
  return dag_cbor::cid_of(value)->render();
}

Value link(std::string_view cid) {
  return Cid::parse(cid).value();
}

Value instruction(std::string_view rsc, std::string_view func, List args) {
  return Map{{"input", Map{{"args", std::move(args)}, {"func", func}}},
             {"nnc", ""},
             {"op", "wasm/run"},
             {"rsc", rsc}};
}

Value task(Value run, Value meta) {
  return Map{
      {"cause", nullptr}, {"meta", std::move(meta)}, {"prf", List{}}, {"run", std::move(run)}};
}

Value receipt(std::string_view ran, std::string_view op, Value out) {
  return Map{{"iss", nullptr},
             {"meta", Map{{"op", op}}},
             {"out", List{"ok", std::move(out)}},
             {"prf", List{}},
             {"ran", link(ran)}};
}

constexpr const char* kAddOneWasm =
    "ipfs://bafybeibk42jwhq7w2zcpe6q3wgtleugp3ymfs3pa5gerjmnakqihhqx4zq";

TEST(OriginalTest, AddOneHasItsInstructionCid) {
  const Value add_one = instruction(kAddOneWasm, "add_one", List{1});
  EXPECT_EQ(dag_cbor::encode(add_one)->size(), 117);
  EXPECT_EQ(cid_of(add_one), "bafyrmihmxmsbt4n3g6dzmj7rho34mzfbaoqqbsfcq7etsogslqftbyj7du");
}

TEST(OriginalTest, AwaitsAreLinks) {
  const Value second = instruction(
      kAddOneWasm, "add_one",
      List{Map{{"await/ok", link("bafyrmihmxmsbt4n3g6dzmj7rho34mzfbaoqqbsfcq7etsogslqftbyj7du")}}});
  EXPECT_EQ(cid_of(second), "bafyrmigtptkfraoegchxtzn74hskd5vojaxhlqmqldlx5blvpngefa4kai");
}

TEST(OriginalTest, FuelBeyondTheIntegersIsAFloatInTheHash) {
  const Value meta =
      dag_json::decode(R"({"fuel":18446744073709552000,"memory":4294967296,"time":100000})")
          .value();
  const Value add_one = task(instruction(kAddOneWasm, "add_one", List{1}), meta);
  EXPECT_EQ(cid_of(add_one), "bafyrmice4v35pfvrwy4mp5ewmweglgor33gbhz6hokxsppizyzv5scw6mq");
  EXPECT_EQ(cid_of(Map{{"task", add_one}}),
            "bafyrmia2frkwkus2sy7qjmok5lm7mnlbnoyfqa5mqm27op6qkgo7reryqa");
}

TEST(OriginalTest, TheJavaScriptClientsMetaHasNoFuel) {
  const Value add_one = task(instruction(kAddOneWasm, "add_one", List{1}),
                             Map{{"memory", std::int64_t{4294967296}}, {"time", 100000}});
  EXPECT_EQ(cid_of(add_one), "bafyrmifenq3bsajujknsdz72qancn4alvgqhdilzrfpk65iwwc53rcfvwi");
  EXPECT_EQ(cid_of(Map{{"tasks", List{add_one}}}),
            "bafyrmifn2qp6xgjpg7feokfy4fyzctahsjnwpi4kjur45mqaoeeh2a4yga");
}

TEST(OriginalTest, ReceiptsHaveTheirCids) {
  EXPECT_EQ(
      cid_of(receipt("bafyrmia2frkwkus2sy7qjmok5lm7mnlbnoyfqa5mqm27op6qkgo7reryqa", "add_one", 2)),
      "bafyrmih5ujsrxcwwbeeqowgy434da36ie3cbar3wr5yv2vnrmzmxdylicm");
  EXPECT_EQ(
      cid_of(receipt("bafyrmih5bxv5hjgahs7s5lhscemhmg4wjxrubi5y65dwohf3nqoriaw2bq", "add_one", 3)),
      "bafyrmih3dawhjtwgvp6g5mio5msfe6jpoegvjjk5gykdczdzuedvt63cre");
}

constexpr const char* kStandIn =
    "ipfs://bafkreig3krpwdgv2zb4f4kul5bf3vp2r3squnvkce2eb4zvfszd7bed6ny";

TEST(OriginalTest, TheArticlesTasksHaveTheirCids) {
  const std::vector<std::pair<Value, std::string>> cases{
      {instruction(kStandIn, "add", List{3.1, 5.2}),
       "bafyrmichclyfhdx23umdf6lttv2kgbs2mnyywolgqm2ehyohgctrbwpj2y"},
      {instruction(kStandIn, "divide", List{3.1, 0}),
       "bafyrmicsgqoyteqkzg2zxh2oocihkpce7oaln7hmp23lsndeatsvodglfa"},
      {instruction(kStandIn, "add", List{1, 2}),
       "bafyrmigf4vg7cipyqwmk2rrtagjomkxc5ig734q5alxzax2l53vmbqusbm"},
      {instruction(kStandIn, "add",
                   List{Map{{"await/ok",
                             link("bafyrmigf4vg7cipyqwmk2rrtagjomkxc5ig734q5alxzax2l53vmbqusbm")}},
                        1}),
       "bafyrmihjesbdgbh5ta4teybyj6jfsfxxnumajguookafzn2smd37da4fc4"},
      {instruction("ipfs://bafkreihs5iutvmltljxiz3237ubaihpwfyhqzh2zvcdcuzcb7zyjggexle", "subtract",
                   List{Map{{"await/ok",
                             link("bafyrmichclyfhdx23umdf6lttv2kgbs2mnyywolgqm2ehyohgctrbwpj2y")}},
                        4.4}),
       "bafyrmih46klxdzb6lm7j2bibtksmriadum6meeqv4nh6pckfpshojh5z7m"},
  };
  for (const auto& [value, cid] : cases) EXPECT_EQ(cid_of(value), cid);
}

TEST(OriginalTest, AnInstructionsBytesAreAsWorkedOutByHand) {
  const core::Bytes block = dag_cbor::encode(instruction(kStandIn, "add", List{3.1, 5.2})).value();
  const std::string rsc = core::to_hex(core::as_bytes(kStandIn));
  EXPECT_EQ(core::to_hex(block),
            "a4626f70687761736d2f72756e636e6e6360637273637842" + rsc +
                "65696e707574a2646172677382fb4008cccccccccccdfb4014cccccccccccd6466756e6363616464");
}

/// Workflows sent to a node of the original and the notifications it sent back, tests/data/wire.json.
Value wire_cases() {
  std::ifstream file(std::string(EVERY_TEST_DATA_DIR) + "/wire.json");
  std::stringstream text;
  text << file.rdbuf();
  return *dag_json::decode(text.str())->if_map()->find("cases");
}

TEST(OriginalTest, ItsNotificationsReadAndWriteBackAsTheSameText) {
  int seen = 0;
  const Value cases = wire_cases();
  for (const MapEntry& entry : *cases.if_map()) {
    for (const Value& notification : *entry.value.if_map()->find("notifications")->if_list()) {
      const std::string& text = *notification.if_string();
      const auto value = dag_json::decode(text, dag_json::Strictness::kBlock);
      ASSERT_TRUE(value.has_value()) << entry.key << ": " << value.error().message;
      EXPECT_EQ(dag_json::encode(*value), text) << entry.key;
      ++seen;
    }
  }
  EXPECT_GT(seen, 0);
}

TEST(OriginalTest, ItsNotificationsTellTheCidsOfTheirReceipts) {
  const Value cases = wire_cases();
  for (const MapEntry& entry : *cases.if_map()) {
    for (const Value& notification : *entry.value.if_map()->find("notifications")->if_list()) {
      const Value value = dag_json::decode(*notification.if_string()).value();
      EXPECT_EQ(dag_cbor::cid_of(*value.if_map()->find("receipt")),
                *value.if_map()->find("receipt_cid")->if_link())
          << entry.key;
    }
  }
}

}  // namespace
}  // namespace every::ipld
