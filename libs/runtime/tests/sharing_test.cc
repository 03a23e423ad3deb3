// Results that go from one node to another, and how far they are believed there.
#include <algorithm>

#include "sharing_support.h"

namespace every::runtime {
namespace {

using namespace testing;
using core::ErrorCode;

const std::string kChain =
    Machine::tasks({Machine::task("a", "add", "[3.1, 5.2]"),
                    Machine::task("b", "subtract", "[" + Machine::output("a") + ", 4.4]")});

/// A run of the chain at `from`, as a file.
core::Bytes chain_of(Machine& from) {
  return from.export_all({from.run(kChain)->id});
}

bool all_replayed(const RunAnswer& answer) {
  return std::ranges::all_of(answer.tasks, &TaskAnswer::replayed);
}

TEST(SharingTest, AnotherNodeReplaysWhatATrustedKeyAttests) {
  Machine ann(1);
  Machine bob(2, {1});
  const ImportReport report = bob.import(chain_of(ann));
  EXPECT_EQ(report.receipts, 2u);
  EXPECT_EQ(report.usable, 2u);
  EXPECT_EQ(report.untrusted, 0u);
  const auto answer = bob.run(kChain);
  EXPECT_EQ(answer->state, RunState::kCompleted);
  EXPECT_TRUE(all_replayed(*answer));
  EXPECT_EQ(bob.executor_->counts().executed, 0u);
}

TEST(SharingTest, WithoutATrustedKeyItIsReadableAndRunsAgain) {
  Machine ann(1);
  Machine bob(2, {3});
  const auto original = ann.run(kChain);
  const ImportReport report = bob.import(ann.export_all({original->id}));
  EXPECT_EQ(report.untrusted, 2u);
  EXPECT_EQ(report.usable, 0u);
  ASSERT_EQ(report.strangers.size(), 1u);
  EXPECT_EQ(report.strangers[0].first, key_of(1).public_key().did());
  EXPECT_EQ(report.strangers[0].second, 2u);
  EXPECT_TRUE(bob.node_->get_receipt(*original->tasks[0].receipt));
  const auto origin = bob.sharing().origin_of(*original->tasks[0].receipt);
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->kind, Origin::Kind::kImported);
  EXPECT_EQ(origin->use, Origin::Use::kUntrusted);
  EXPECT_EQ(origin->engine, "fake 1");
  EXPECT_EQ(origin->profile, 1u);
  const auto answer = bob.run(kChain);
  EXPECT_FALSE(answer->tasks[0].replayed);
  EXPECT_EQ(bob.executor_->counts().executed, 2u);
}

TEST(SharingTest, AtSomebodysWordItIsUsed) {
  Machine ann(1);
  Machine bob(2);
  EXPECT_EQ(bob.import(chain_of(ann), TakeOn::kMyWord).usable, 2u);
  EXPECT_TRUE(all_replayed(*bob.run(kChain)));
}

TEST(SharingTest, ANodesOwnWordCountsWhereverItsHomeWas) {
  Machine before(1);
  Machine after(1);
  EXPECT_EQ(after.import(chain_of(before)).usable, 2u);
}

TEST(SharingTest, TheWordOfATrustedKeyCountsHoweverManyVouchBesideIt) {
  Machine ann(1);
  Machine bob(2, {1});
  Machine cid(3, {2});
  ASSERT_EQ(bob.import(chain_of(ann)).usable, 2u);
  EXPECT_EQ(cid.import(bob.export_all({bob.run(kChain)->id})).usable, 0u)
      << "Bob passes on what Ann says, and has not executed it";
  for (const auto& finding : bob.verify({bob.run(kChain)->id}).findings)
    EXPECT_EQ(finding.outcome, Verified::Outcome::kSame);
  const auto file = bob.export_all({bob.run(kChain)->id});
  EXPECT_EQ(std::ranges::count_if(blocks_of(file), is_attestation), 4);
  EXPECT_EQ(cid.import(file).usable, 2u);
}

TEST(SharingTest, TheSameRequestGivesTheSameBytes) {
  Machine ann(1);
  const std::string run = ann.run(kChain)->id;
  const auto first = ann.export_all({run});
  EXPECT_EQ(ann.exported.attested, 2u);
  EXPECT_EQ(ann.export_all({run}), first);
  EXPECT_EQ(ann.exported.attested, 0u) << "attested once";
}

TEST(SharingTest, TheRootsAreWhatWasAskedFor) {
  Machine ann(1);
  const auto answer = ann.run(kChain);
  const auto roots_of = [](const core::Bytes& file) {
    return ipld::car::Reader::open(ipld::car::source_of(file))->roots();
  };
  EXPECT_EQ(roots_of(ann.export_all({answer->id})), std::vector{answer->workflow});
  const ipld::Cid receipt = *answer->tasks[1].receipt;
  EXPECT_EQ(roots_of(ann.export_all({receipt.render()})), std::vector{receipt});
  EXPECT_EQ(roots_of(ann.export_all({answer->tasks[1].instruction.render()})),
            std::vector{receipt});
  const ipld::Cid component = wasm::testing::FakeExecutor::standard_component();
  EXPECT_EQ(roots_of(ann.export_all({component.render(), receipt.render()})),
            (std::vector{component, receipt}));
}

TEST(SharingTest, AReceiptTakesAlongWhatItRestsOn) {
  Machine ann(1);
  Machine bob(2, {1});
  const auto answer = ann.run(kChain);
  EXPECT_EQ(bob.import(ann.export_all({answer->tasks[1].receipt->render()})).usable, 2u);
  EXPECT_TRUE(all_replayed(*bob.run(kChain)));
}

TEST(SharingTest, ContentThatIsLinkedToComesAlong) {
  Machine ann(1);
  Machine bob(2, {1});
  const auto content = core::as_bytes(std::string_view("some content"));
  const ipld::Cid cid = *blocks::add_file(*ann.blocks_, content);
  const std::string echo =
      Machine::tasks({Machine::task("e", "echo-bytes", R"([{"/":")" + cid.render() + R"("}])")});
  const auto answer = ann.run(echo);
  ASSERT_EQ(answer->state, RunState::kCompleted) << answer->error->message;
  bob.import(ann.export_all({answer->id}));
  EXPECT_TRUE(bob.blocks_->has(cid).value());
  EXPECT_TRUE(all_replayed(*bob.run(echo)));
}

TEST(SharingTest, WhatIsNotHereIsAnErrorOrLeftOutByName) {
  Machine ann(1);
  Machine bob(2, {1});
  ann.serve_dice();
  bob.serve_dice();
  const ipld::Cid absent = ipld::Cid::of_dag_cbor(*ipld::dag_cbor::encode(ipld::Value("absent")));
  ann.value = ipld::Value(absent);
  const std::string run = ann.roll()->id;
  const auto refused = ann.try_export({.what = {run}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  EXPECT_NE(refused.error().message.find(absent.render()), std::string::npos);
  const auto file = ann.try_export({.what = {run}, .missing = ExportRequest::Missing::kLeaveOut});
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(ann.exported.missing, std::vector{absent});
  // A hit needs what it links to.
  EXPECT_EQ(bob.import(*file).usable, 1u);
  EXPECT_FALSE(bob.roll()->tasks[0].replayed);
}

TEST(SharingTest, WhatIsUnknownCannotBeExported) {
  Machine ann(1);
  for (const std::string& word : std::vector<std::string>{"nonsense", Machine::dice().render()}) {
    const auto refused = ann.try_export({.what = {word}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  }
  EXPECT_EQ(ann.try_export({.what = {}}).error().code, ErrorCode::kInvalidArgument);
}

TEST(SharingTest, AFailureStaysWithItsRun) {
  Machine ann(1);
  Machine bob(2, {1});
  const std::string failing =
      Machine::tasks({Machine::task("a", "add", "[1, 2]"), Machine::task("t", "trap", "[]")});
  const auto answer = ann.run(failing);
  const auto refused = ann.try_export({.what = {answer->tasks[1].receipt->render()}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  const auto file = ann.export_all({answer->id});
  EXPECT_EQ(ann.exported.failures, 1u);
  EXPECT_EQ(bob.import(file).receipts, 1u);

  // Somebody passes one on all the same.
  auto blocks = blocks_of(file);
  const auto failure = *answer->tasks[1].receipt;
  blocks.push_back({failure, *ann.node_->get_receipt(failure)});
  blocks.push_back(
      block_of(invocation::Attestation::make(key_of(1), failure, 1, "fake 1").render()));
  Machine cid(3, {1});
  const ImportReport report = cid.import(file_of(blocks));
  EXPECT_EQ(report.failures, 1u);
  EXPECT_EQ(report.receipts, 1u);
  EXPECT_EQ(cid.run(failing)->tasks[1].replayed, false);
  EXPECT_EQ(cid.executor_->executions("trap"), 1u);
}

/// Files that lie, and what is left of them.
class LyingFileTest : public ::testing::Test {
 protected:
  LyingFileTest() { blocks_ = blocks_of(chain_of(ann_)); }
  /// The first block of a kind.
  ipld::car::Block& first(bool (*is)(const ipld::car::Block&)) {
    return *std::ranges::find_if(blocks_, is);
  }
  void expect_nothing_kept() {
    for (const auto& block : blocks_) {
      if (block.cid == wasm::testing::FakeExecutor::standard_component()) continue;
      EXPECT_FALSE(bob_.blocks_->has(block.cid).value());
      EXPECT_FALSE(bob_.store_->find_receipt(block.cid).value());
    }
    EXPECT_FALSE(bob_.run(kChain)->tasks[0].replayed);
  }
  Machine ann_{1};
  Machine bob_{2, {1}};
  std::vector<ipld::car::Block> blocks_;
};

TEST_F(LyingFileTest, AForgedAttestationIsRefusedWithTheWholeFile) {
  ipld::Map forged = *ipld::dag_cbor::decode(first(is_attestation).bytes)->if_map();
  forged.set("sig", ipld::Value(core::Bytes(64, 7)));
  first(is_attestation) = block_of(ipld::Value(forged));
  const auto refused = bob_.try_import(file_of(blocks_));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIntegrity);
  EXPECT_NE(refused.error().message.find("forged"), std::string::npos);
  expect_nothing_kept();
}

TEST_F(LyingFileTest, AnAttestationOfAnotherReceiptVouchesForNothing) {
  const auto other = block_of(ipld::Value("another"));
  first(is_attestation) =
      block_of(invocation::Attestation::make(key_of(1), other.cid, 1, "fake 1").render());
  const ImportReport report = bob_.import(file_of(blocks_));
  EXPECT_EQ(report.usable, 1u);
  EXPECT_EQ(report.untrusted, 1u);
}

TEST_F(LyingFileTest, AReceiptWithAnotherResultHasNoAttestation) {
  ipld::Map changed = *ipld::dag_cbor::decode(first(is_receipt).bytes)->if_map();
  changed.set("out", ipld::Value(ipld::List{ipld::Value("ok"), ipld::Value(1000.0)}));
  first(is_receipt) = block_of(ipld::Value(changed));
  EXPECT_EQ(bob_.import(file_of(blocks_)).untrusted, 1u);
  EXPECT_EQ(*bob_.run(kChain)->tasks[0].value, ipld::Value(3.1 + 5.2));
}

TEST_F(LyingFileTest, AReceiptWithoutItsInvocationAnswersNothing) {
  std::erase_if(blocks_, [](const ipld::car::Block& block) {
    const auto value = ipld::dag_cbor::decode(block.bytes);
    return value && value->if_map() != nullptr && value->if_map()->find("task") != nullptr;
  });
  const ImportReport report = bob_.import(file_of(blocks_));
  EXPECT_EQ(report.receipts, 0u);
  EXPECT_EQ(report.unproven, 2u);
  EXPECT_TRUE(bob_.node_->get_receipt(first(is_receipt).cid)) << "it is readable";
  EXPECT_FALSE(bob_.run(kChain)->tasks[0].replayed);
}

TEST_F(LyingFileTest, AReceiptThatNamesAnotherFunctionThanItsInvocationAnswersNothing) {
  ipld::Map changed = *ipld::dag_cbor::decode(first(is_receipt).bytes)->if_map();
  changed.set("meta", ipld::Value(ipld::Map{{"op", "multiply"}}));
  const auto lie = block_of(ipld::Value(changed));
  first(is_receipt) = lie;
  blocks_.push_back(
      block_of(invocation::Attestation::make(key_of(1), lie.cid, 1, "fake 1").render()));
  const ImportReport report = bob_.import(file_of(blocks_));
  EXPECT_EQ(report.unproven, 1u);
  EXPECT_EQ(report.usable, 1u);
}

TEST_F(LyingFileTest, AResultOfAnotherSandboxIsReadableAndNoHit) {
  for (const TakeOn take_on : {TakeOn::kAttestations, TakeOn::kMyWord}) {
    Machine cid(3, {1});
    auto blocks = blocks_;
    for (auto& block : blocks) {
      if (!is_attestation(block)) continue;
      const auto word = *invocation::Attestation::decode(block.bytes, block.cid);
      block =
          block_of(invocation::Attestation::make(key_of(1), word.receipt(), 2, "fake 2").render());
    }
    const ImportReport report = cid.import(file_of(blocks), take_on);
    EXPECT_EQ(report.other_profile, 2u);
    EXPECT_EQ(report.usable, 0u);
    EXPECT_FALSE(cid.run(kChain)->tasks[0].replayed);
  }
}

TEST_F(LyingFileTest, AttestationsMayComeFirst) {
  std::ranges::stable_partition(blocks_, is_attestation);
  EXPECT_EQ(bob_.import(file_of(blocks_)).usable, 2u);
  EXPECT_TRUE(all_replayed(*bob_.run(kChain)));
}

TEST_F(LyingFileTest, BlocksMayComeTwice) {
  const auto once = blocks_;
  blocks_.insert(blocks_.end(), once.begin(), once.end());
  const ImportReport report = bob_.import(file_of(blocks_));
  EXPECT_EQ(report.usable, 2u);
  EXPECT_EQ(report.blocks, 2 * once.size());
}

TEST_F(LyingFileTest, AFileThatIsCutOffAnywhereLeavesNothing) {
  const auto file = file_of(blocks_);
  // Between two blocks the end is no accident that can be seen.
  std::vector<std::size_t> ends{ipld::car::encode_header({}).size()};
  for (const auto& block : blocks_)
    ends.push_back(ends.back() +
                   ipld::car::encode_block_header(block.cid, block.bytes.size()).size() +
                   block.bytes.size());
  EXPECT_EQ(ends.back(), file.size());
  for (std::size_t size = 0; size < file.size(); size += 7) {
    if (std::ranges::find(ends, size) != ends.end()) continue;
    const auto refused =
        bob_.try_import(core::Bytes(file.begin(), file.begin() + static_cast<long>(size)));
    ASSERT_FALSE(refused) << size;
    EXPECT_EQ(refused.error().code, ErrorCode::kMalformed) << refused.error().message;
  }
  expect_nothing_kept();
}

TEST_F(LyingFileTest, AFlippedBitLeavesNothing) {
  const auto file = file_of(blocks_);
  for (std::size_t at = ipld::car::encode_header({}).size(); at < file.size(); at += 11) {
    auto flipped = file;
    flipped[at] ^= 4;
    ASSERT_FALSE(bob_.try_import(flipped)) << at;
  }
  expect_nothing_kept();
}

TEST(SharingTest, WhatIsKnownHereStaysInUseWhenAnotherResultComes) {
  Machine ann(1);
  Machine bob(2, {1});
  ann.serve_dice();
  bob.serve_dice();
  bob.value = 5;
  ASSERT_EQ(*bob.roll()->tasks[0].value, ipld::Value(5));
  const ImportReport report = bob.import(ann.export_all({ann.receipt_of_roll()}));
  EXPECT_EQ(report.conflicts, 1u);
  const auto answer = bob.roll();
  EXPECT_TRUE(answer->tasks[0].replayed);
  EXPECT_EQ(*answer->tasks[0].value, ipld::Value(5));
  const auto messages = bob.log_.messages();
  EXPECT_TRUE(std::ranges::any_of(messages, [](const std::string& message) {
    return message.find("integrity alarm") != std::string::npos;
  }));
}

}  // namespace
}  // namespace every::runtime
