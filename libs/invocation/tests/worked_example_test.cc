#include "support.h"
#include <gtest/gtest.h>

#include "every/core/text.h"
#include "every/invocation/invocation.h"
#include "every/ipld/dag_cbor.h"

/// The worked examples of docs/formats/invocation.md: CIDs the original's own tests assert, and those of the gateway's first workflows.
namespace every::invocation {
namespace {

using test::cid;
using test::json;

constexpr const char* kComponent =
    "ipfs://bafybeibk42jwhq7w2zcpe6q3wgtleugp3ymfs3pa5gerjmnakqihhqx4zq";
constexpr const char* kFirst = "bafyrmihmxmsbt4n3g6dzmj7rho34mzfbaoqqbsfcq7etsogslqftbyj7du";
// The fuel of the original's clients went through JavaScript: a float.
constexpr const char* kFuelMeta =
    R"({"fuel":18446744073709552000,"memory":4294967296,"time":100000})";
constexpr const char* kDefaultMeta =
    R"({"fuel":18446744073709551615,"memory":4294967296,"time":100000})";
constexpr const char* kClientMeta = R"({"memory":4294967296,"time":100000})";

Task task(const char* func, ipld::List args, const char* meta, Nonce nonce = {},
          const char* rsc = kComponent) {
  Task out;
  out.run.rsc = rsc;
  out.run.op = "wasm/run";
  out.run.input = ipld::Map{{"args", std::move(args)}, {"func", func}};
  out.run.nnc = std::move(nonce);
  out.meta = json(meta);
  return out;
}

ipld::Value awaiting(const Task& other) {
  return Await{Branch::kOk, other.run.cid().value()}.render();
}
std::string text(const core::Result<ipld::Cid>& result) {
  return result.value().render();
}
std::string workflow_cid(std::vector<Task> tasks) {
  return text(Workflow{std::move(tasks)}.cid());
}
std::string task_cid(const Task& one) {
  return text(ipld::dag_cbor::cid_of(one.render()));
}
std::string receipt_cid(const Task& one, const ipld::Value& value) {
  const core::Bytes encoded = ipld::dag_cbor::encode(value).value();
  return splice_receipt(Outcome::Tag::kOk, encoded, one.invocation_cid().value(),
                        one.run.func().value())
      .cid.render();
}

TEST(WorkedExampleTest, AddOneHasTheBytesOfTheOriginal) {
  const core::Bytes bytes =
      ipld::dag_cbor::encode(task("add_one", {1}, kFuelMeta).run.render()).value();
  EXPECT_EQ(bytes.size(), 117U);
  EXPECT_EQ(core::to_hex(bytes), "a4626f70687761736d2f72756e636e6e63606372736378" +
                                     std::string("42") + core::to_hex(core::as_bytes(kComponent)) +
                                     "65696e707574a264617267738101" + "6466756e63676164645f6f6e65");
}

TEST(WorkedExampleTest, AddOneHasTheCidsOfTheOriginal) {
  const Task first = task("add_one", {1}, kFuelMeta);
  const Task second = task("add_one", {awaiting(first)}, kFuelMeta);
  EXPECT_EQ(text(first.run.cid()), kFirst);
  EXPECT_EQ(task_cid(first), "bafyrmice4v35pfvrwy4mp5ewmweglgor33gbhz6hokxsppizyzv5scw6mq");
  EXPECT_EQ(text(first.invocation_cid()),
            "bafyrmia2frkwkus2sy7qjmok5lm7mnlbnoyfqa5mqm27op6qkgo7reryqa");
  EXPECT_EQ(receipt_cid(first, 2), "bafyrmih5ujsrxcwwbeeqowgy434da36ie3cbar3wr5yv2vnrmzmxdylicm");
  EXPECT_EQ(text(second.run.cid()), "bafyrmigtptkfraoegchxtzn74hskd5vojaxhlqmqldlx5blvpngefa4kai");
  EXPECT_EQ(text(second.invocation_cid()),
            "bafyrmih5bxv5hjgahs7s5lhscemhmg4wjxrubi5y65dwohf3nqoriaw2bq");
  EXPECT_EQ(receipt_cid(second, 3), "bafyrmih3dawhjtwgvp6g5mio5msfe6jpoegvjjk5gykdczdzuedvt63cre");
  EXPECT_EQ(workflow_cid({first, second}),
            "bafyrmialnbzgwscjrq7sa3kdnw2roqdrdzp7xh2tvmo37qmgvarwrhcgre");
}

TEST(WorkedExampleTest, AddOneWithNoncesHasTheCidOfTheOriginal) {
  const Task first = task("add_one", {1}, kFuelMeta, Nonce::parse("1sod60ml6g26mfhsrsa0").value());
  const Task second = task("add_one", {awaiting(first)}, kFuelMeta,
                           Nonce::parse(json(R"({"/":{"bytes":"oVI8XiFiec+c2XHS"}})")).value());
  const Task third = task("add_one", {awaiting(second)}, kFuelMeta);
  EXPECT_EQ(workflow_cid({first, second, third}),
            "bafyrmibajjtwrcqrntnvp5fgkim6mbbsh6ykkdy3eijq2ycdjhlisxxx3i");
}

TEST(WorkedExampleTest, WholeFuelChangesTheTaskButNotTheInstruction) {
  const Task one = task("add_one", {1}, kDefaultMeta);
  EXPECT_EQ(text(one.run.cid()), kFirst);
  EXPECT_EQ(task_cid(one), "bafyrmibnbzmcgqp5srq4okkqso3jlzwr6hxnwybfthorpacyxqcrz6q3iq");
  EXPECT_EQ(text(one.invocation_cid()),
            "bafyrmiecajtdoh262aummxnawmttom5edaglc2ql7mmau7lbkf2buha77i");
  EXPECT_EQ(workflow_cid({one}), "bafyrmiak4jhxe6ttiekxp3m65vxrhaqajqtt7caipi3mlk6khpsnzx2qfy");
}

TEST(WorkedExampleTest, ClientMetaHasTheCidsOfTheOriginal) {
  const Task one = task("add_one", {1}, kClientMeta);
  EXPECT_EQ(task_cid(one), "bafyrmifenq3bsajujknsdz72qancn4alvgqhdilzrfpk65iwwc53rcfvwi");
  EXPECT_EQ(text(one.invocation_cid()),
            "bafyrmidbvu7ulfm5igzutvy7guoizrf47q2ulcwtt7hwb35tnsycrn3ak4");
  EXPECT_EQ(workflow_cid({one}), "bafyrmifn2qp6xgjpg7feokfy4fyzctahsjnwpi4kjur45mqaoeeh2a4yga");
  EXPECT_EQ(receipt_cid(one, 2), "bafyrmihuuugep7wkjzbip526ftjxx5zlmfqalpjbwxg73kzemegr4knphi");
}

TEST(WorkedExampleTest, TheImagePipelineHasTheCidsOfTheOriginal) {
  const Task crop =
      task("crop",
           {cid("bafybeiejevluvtoevgk66plh5t6xiy3ikyuuxg3vgofuvpeckb6eadresm"), 150, 350, 500, 500},
           kClientMeta);
  const Task rotate = task("rotate90", {awaiting(crop)}, kClientMeta);
  const Task gray = task("grayscale", {awaiting(rotate)}, kClientMeta);
  EXPECT_EQ(text(crop.run.cid()), "bafyrmib46dl7oaksq4fo4oyvcqewe7ojybgchufmrpjovqto3wovsq5jjq");
  EXPECT_EQ(text(rotate.run.cid()), "bafyrmiekrfvz5lglddmnkm2l2tia43tagziokpamjipleen7spxizchxbu");
  EXPECT_EQ(text(gray.run.cid()), "bafyrmid33aguqgsuw3ktp7wcgrzst56hdu3gvcextx2k4mygv7lmsioxzu");
  EXPECT_EQ(workflow_cid({crop, rotate, gray}),
            "bafyrmiatb7idqtty56hy3hrfa6ur6qkspyrhaf6n6ynmqsntjvym47mbrq");
}

constexpr const char* kMath = "ipfs://bafkreig3krpwdgv2zb4f4kul5bf3vp2r3squnvkce2eb4zvfszd7bed6ny";
constexpr const char* kSubtract =
    "ipfs://bafkreihs5iutvmltljxiz3237ubaihpwfyhqzh2zvcdcuzcb7zyjggexle";

TEST(WorkedExampleTest, ArithmeticInstructionsHaveTheCidsOfTheOriginal) {
  const Task add = task("add", {3.1, 5.2}, kClientMeta, {}, kMath);
  EXPECT_EQ(ipld::dag_cbor::encode(add.run.render()).value().size(), 130U);
  EXPECT_EQ(text(add.run.cid()), "bafyrmichclyfhdx23umdf6lttv2kgbs2mnyywolgqm2ehyohgctrbwpj2y");
  const Task divide = task("divide", {3.1, 0}, kClientMeta, {}, kMath);
  EXPECT_EQ(ipld::dag_cbor::encode(divide.run.render()).value().size(), 125U);
  EXPECT_EQ(text(divide.run.cid()), "bafyrmicsgqoyteqkzg2zxh2oocihkpce7oaln7hmp23lsndeatsvodglfa");
  const Task whole = task("add", {1, 2}, kClientMeta, {}, kMath);
  EXPECT_EQ(text(whole.run.cid()), "bafyrmigf4vg7cipyqwmk2rrtagjomkxc5ig734q5alxzax2l53vmbqusbm");
  const Task next = task("add", {awaiting(whole), 1}, kClientMeta, {}, kMath);
  EXPECT_EQ(ipld::dag_cbor::encode(next.run.render()).value().size(), 164U);
  EXPECT_EQ(text(next.run.cid()), "bafyrmihjesbdgbh5ta4teybyj6jfsfxxnumajguookafzn2smd37da4fc4");
  const Task subtract = task("subtract", {awaiting(add), 4.4}, kClientMeta, {}, kSubtract);
  EXPECT_EQ(text(subtract.run.cid()),
            "bafyrmih46klxdzb6lm7j2bibtksmriadum6meeqv4nh6pckfpshojh5z7m");
}

TEST(WorkedExampleTest, ArithmeticWorkflowsHaveTheCidsOfTheOriginal) {
  const Task add = task("add", {3.1, 5.2}, kClientMeta, {}, kMath);
  const Task divide = task("divide", {3.1, 0}, kClientMeta, {}, kMath);
  EXPECT_EQ(workflow_cid({add}), "bafyrmic66dv7qhmr4kemduxugjbrjsykv575iijyvyelykjj5ckhbvkypa");
  EXPECT_EQ(receipt_cid(add, 8.3), "bafyrmiggjz2kvx5kzniantk5cx2hrabtfyztszhwf426pe5s33ky5kzvzm");
  EXPECT_EQ(workflow_cid({divide}), "bafyrmieb2hmyitet6gluxraesonh6o6rlukmmnf4mdcmdbmq6ogo3nkvuy");
}

TEST(WorkedExampleTest, TheArithmeticChainHasTheCidOfTheOriginal) {
  const Task add = task("add", {3.1, 5.2}, kClientMeta, {}, kMath);
  const Task subtract = task("subtract", {awaiting(add), 4.4}, kClientMeta, {}, kSubtract);
  const Task divide = task("divide", {awaiting(subtract), 1.5}, kClientMeta, {}, kMath);
  EXPECT_EQ(workflow_cid({add, subtract, divide}),
            "bafyrmigjowci6r7iuxntijsoy5gb4n26dg6w2c7diiwrqk5mhe2wvlegvq");
}

}  // namespace
}  // namespace every::invocation
