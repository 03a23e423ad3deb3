#pragma once

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "every/invocation/attestation.h"
#include "every/ipld/car.h"
#include "every/ipld/dag_cbor.h"
#include "every/runtime/sharing.h"
#include "every/runtime/testing/node_fixture.h"

/// Nodes with keys, and the files that go between them.
namespace every::runtime::testing {

inline ipld::SigningKey key_of(std::uint8_t number) {
  return *ipld::SigningKey::from_secret(ipld::KeyType::kEd25519, core::Bytes(32, number));
}

/// A node of its own, with the key of that number.
class Machine final : public NodeFixture {
 public:
  explicit Machine(std::uint8_t key, std::vector<std::uint8_t> trusts = {}) {
    NodeOptions options;
    options.engine = "fake 1";
    options.signing_key = [key]() -> core::Result<ipld::SigningKey> { return key_of(key); };
    for (const std::uint8_t other : trusts)
      options.trusted_keys.push_back(key_of(other).public_key());
    open(wasm::testing::FakeMode::kThreaded, {.durability = store::Durability::kMemory},
         std::move(options));
  }
  void TestBody() override {}

  /// Serves a function `roll()` that gives whatever `value` is when it runs.
  void serve_dice() {
    executor_->add_component(dice_bytes(),
                             {wasm::testing::make_function(
                                 "roll", {}, wit::make_primitive(wit::Kind::kS64),
                                 [this](const ipld::List&) -> core::Result<ipld::Value> {
                                   if (fails)
                                     return core::fail(core::ErrorCode::kGuestTrap, "it broke");
                                   return value;
                                 })});
    const auto loaded = node_->load("dice", "dice.wasm", dice_bytes());
    ASSERT_TRUE(loaded) << loaded.error().message;
  }
  static core::BytesView dice_bytes() { return core::as_bytes(std::string_view("dice")); }
  static ipld::Cid dice() { return *blocks::cid_of_file(dice_bytes()); }

  std::shared_ptr<const RunAnswer> roll(Reuse reuse = Reuse::kMemo) {
    return run(tasks({task("r", "roll", "[]")}), reuse);
  }
  [[nodiscard]] std::string receipt_of_roll() { return roll()->tasks[0].receipt->render(); }

  [[nodiscard]] Sharing& sharing() { return *node_->sharing(); }
  [[nodiscard]] core::Result<core::Bytes> try_export(ExportRequest request) {
    core::Bytes file;
    auto report = sharing().export_car(request, [&](core::BytesView bytes) -> core::Status {
      file.insert(file.end(), bytes.begin(), bytes.end());
      return {};
    });
    if (!report) return std::unexpected(report.error());
    exported = std::move(*report);
    return file;
  }
  [[nodiscard]] core::Bytes export_all(std::vector<std::string> what) {
    auto file = try_export({.what = std::move(what)});
    EXPECT_TRUE(file) << file.error().message;
    return file ? *file : core::Bytes();
  }
  [[nodiscard]] core::Result<ImportReport> try_import(const core::Bytes& file,
                                                      TakeOn take_on = TakeOn::kAttestations) {
    return sharing().import_car(
        [&]() -> core::Result<ipld::car::Source> { return ipld::car::source_of(file); }, take_on);
  }
  ImportReport import(const core::Bytes& file, TakeOn take_on = TakeOn::kAttestations) {
    auto report = try_import(file, take_on);
    EXPECT_TRUE(report) << report.error().message;
    return report ? *report : ImportReport();
  }
  [[nodiscard]] VerifyReport verify(std::vector<std::string> what) {
    auto report = sharing().verify({.what = std::move(what)});
    EXPECT_TRUE(report) << report.error().message;
    return report ? *report : VerifyReport();
  }

  using NodeFixture::blocks_;
  using NodeFixture::executor_;
  using NodeFixture::log_;
  using NodeFixture::node_;
  using NodeFixture::output;
  using NodeFixture::run;
  using NodeFixture::store_;
  using NodeFixture::task;
  using NodeFixture::tasks;
  ipld::Value value = 6;
  std::atomic<bool> fails = false;
  ExportReport exported;
};

/// The blocks of a file, in order.
inline std::vector<ipld::car::Block> blocks_of(const core::Bytes& file) {
  auto reader = *ipld::car::Reader::open(ipld::car::source_of(file));
  std::vector<ipld::car::Block> blocks;
  while (auto block = *reader.next()) blocks.push_back(std::move(*block));
  return blocks;
}

/// A file of blocks, with no roots.
inline core::Bytes file_of(const std::vector<ipld::car::Block>& blocks) {
  core::Bytes file = ipld::car::encode_header({});
  for (const auto& block : blocks) ipld::car::append_block(file, block.cid, block.bytes);
  return file;
}

inline ipld::car::Block block_of(const ipld::Value& value) {
  auto bytes = *ipld::dag_cbor::encode(value);
  return {ipld::Cid::of_dag_cbor(bytes), std::move(bytes)};
}

/// Whether a block is an attestation, or a receipt.
inline bool is_attestation(const ipld::car::Block& block) {
  if (block.cid.codec() != ipld::Codec::kDagCbor) return false;
  const auto value = ipld::dag_cbor::decode(block.bytes);
  return value && invocation::Attestation::looks_like_one(*value);
}
inline bool is_receipt(const ipld::car::Block& block) {
  return block.cid.codec() == ipld::Codec::kDagCbor &&
         invocation::Receipt::decode(block.bytes, block.cid).has_value();
}

}  // namespace every::runtime::testing
