// Results and content on their way out.

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "sharing_impl.h"

#include "every/invocation/attestation.h"
#include "every/ipld/car.h"
#include "every/ipld/dag_cbor.h"
#include "every/ipld/links.h"
#include "every/ipld/walk.h"
#include "every/wasm/executor.h"

namespace every::runtime {
namespace {

using core::ErrorCode;
using invocation::Attestation;
using store::ReceiptRecord;

/// The links of a value that are no awaits: content.
void collect_content(const ipld::Value& value, std::vector<ipld::Cid>& out) {
  if (invocation::Await::parse(value)) return;
  if (const auto* link = value.if_link()) out.push_back(*link);
  if (const auto* list = value.if_list()) {
    for (const ipld::Value& item : *list) collect_content(item, out);
  } else if (const auto* map = value.if_map()) {
    for (const ipld::MapEntry& entry : *map) collect_content(entry.value, out);
  }
}

class Exporter {
 public:
  Exporter(const SharingImpl::Parts& parts, const ExportRequest& request,
           const Sharing::ByteSink& sink)
      : parts_(parts), request_(request), sink_(sink), invocations_(parts.invocations()) {}

  core::Result<ExportReport> run() {
    for (const std::string& word : request_.what) EVERY_TRY(resolve(word));
    if (wanted_.empty())
      return core::fail(ErrorCode::kInvalidArgument,
                        "say what to export: receipts, runs, components or other content");
    for (const Wanted& wanted : wanted_) {
      if (std::ranges::find(report_.roots, wanted.root) == report_.roots.end())
        report_.roots.push_back(wanted.root);
    }
    EVERY_TRY(give(ipld::car::encode_header(report_.roots)));
    for (const Wanted& wanted : wanted_) {
      if (wanted.block) EVERY_TRY(write(wanted.root, *wanted.block));
      if (wanted.kind == Wanted::Kind::kContent) EVERY_TRY(write_dag(wanted.root));
      for (const ReceiptRecord& receipt : wanted.receipts) EVERY_TRY(write_receipt(receipt));
    }
    EVERY_TRY(keep_attestations());
    return std::move(report_);
  }

 private:
  /// One of the things asked for.
  struct Wanted {
    enum class Kind : std::uint8_t { kContent, kReceipts } kind = Kind::kContent;
    ipld::Cid root;
    std::optional<core::Bytes> block;  ///< of the root, when it is not among the blocks
    std::vector<ReceiptRecord> receipts;
  };

  core::Status resolve(const std::string& word) {
    const auto cid = ipld::Cid::parse_reference(word);
    if (!cid) return resolve_run(word);
    EVERY_TRY_ASSIGN(auto receipt, parts_.store.find_receipt(*cid));
    if (receipt) return want_receipt(std::move(*receipt));
    EVERY_TRY_ASSIGN(const auto failure, parts_.store.find_receipt_block(*cid));
    if (failure)
      return core::fail(core::Error{ErrorCode::kInvalidArgument,
                                    "receipt " + word +
                                        " belongs to one run alone (a failure, or what one "
                                        "reached) and is not exported",
                                    {{"cid", word}}});
    EVERY_TRY_ASSIGN(auto of_instruction, parts_.find_hit(*cid));
    if (of_instruction) return want_receipt(std::move(*of_instruction));
    EVERY_TRY_ASSIGN(const auto block, parts_.blocks.find(*cid));
    if (!block)
      return core::fail(core::Error{ErrorCode::kNotFound,
                                    word + " is neither a receipt nor content known here",
                                    {{"cid", word}}});
    wanted_.push_back({Wanted::Kind::kContent, *cid, {}, {}});
    return {};
  }

  core::Status want_receipt(ReceiptRecord receipt) {
    if (receipt.standing == store::Standing::kForgotten)
      return core::fail(core::Error{
          ErrorCode::kConflict,
          "receipt " + receipt.cid.render() + " was forgotten here and is not passed on",
          {{"cid", receipt.cid.render()}}});
    Wanted wanted{Wanted::Kind::kReceipts, receipt.cid, {}, {}};
    wanted.receipts.push_back(std::move(receipt));
    wanted_.push_back(std::move(wanted));
    return {};
  }

  core::Status resolve_run(const std::string& word) {
    EVERY_TRY_ASSIGN(store::RunRecord run, parts_.get_run(word));
    Wanted wanted{Wanted::Kind::kReceipts, run.workflow, std::nullopt, {}};
    // One that came over from the original is known by its name alone.
    if (!run.workflow_block.empty()) wanted.block = std::move(run.workflow_block);
    EVERY_TRY_ASSIGN(auto receipts, parts_.receipts_of_run(word, report_.failures));
    for (ReceiptRecord& receipt : receipts) {
      if (receipt.standing == store::Standing::kForgotten) {
        ++report_.forgotten;
      } else {
        wanted.receipts.push_back(std::move(receipt));
      }
    }
    wanted_.push_back(std::move(wanted));
    return {};
  }

  core::Status give(core::BytesView bytes) {
    EVERY_TRY(parts_.go_on());
    report_.bytes += bytes.size();
    return sink_(bytes);
  }

  core::Status write(const ipld::Cid& cid, core::BytesView block) {
    if (!written_.insert(cid).second) return {};
    ++report_.blocks;
    EVERY_TRY(give(ipld::car::encode_block_header(cid, block.size())));
    return give(block);
  }

  /// A block of content; a receipt may be content of another.
  core::Result<core::Bytes> read_block(const ipld::Cid& cid) {
    EVERY_TRY_ASSIGN(auto block, parts_.blocks.find(cid));
    if (!block && cid.codec() == ipld::Codec::kDagCbor) {
      EVERY_TRY_ASSIGN(const auto receipt, parts_.store.find_receipt(cid));
      if (receipt) block = receipt->block;
    }
    if (block) return std::move(*block);
    if (request_.missing == ExportRequest::Missing::kLeaveOut) {
      if (missing_.insert(cid).second) report_.missing.push_back(cid);
    }
    return core::fail(core::Error{ErrorCode::kNotFound,
                                  "block " + cid.render() +
                                      ", which is linked to, is not here: add it, or export what "
                                      "there is with --partial",
                                  {{"cid", cid.render()}}});
  }

  core::Status write_dag(const ipld::Cid& root) {
    if (!walked_.insert(root).second) return {};
    ipld::DagWalk walk(
        {root}, [this](const ipld::Cid& cid) { return read_block(cid); },
        request_.missing == ExportRequest::Missing::kFail ? ipld::MissingBlocks::kFail
                                                          : ipld::MissingBlocks::kSkip);
    for (;;) {
      EVERY_TRY_ASSIGN(const auto block, walk.next());
      if (!block) return {};
      EVERY_TRY(write(block->cid, block->bytes));
    }
  }

  /// A receipt on its way: first what it rests on.
  struct Frame {
    ReceiptRecord receipt;
    std::optional<Invocation> invocation;
  };

  core::Status write_receipt(const ReceiptRecord& receipt) {
    std::vector<Frame> stack;
    stack.push_back({receipt, std::nullopt});
    while (!stack.empty()) {
      if (done_.contains(stack.back().receipt.cid)) {
        stack.pop_back();
        continue;
      }
      if (stack.back().invocation) {
        EVERY_TRY(write_proven(stack.back()));
        done_.insert(stack.back().receipt.cid);
        stack.pop_back();
        continue;
      }
      EVERY_TRY_ASSIGN(stack.back().invocation, invocations_.find(stack.back().receipt));
      const auto awaits = invocation::find_awaits(stack.back().invocation->task.run.input);
      for (auto await = awaits.rbegin(); await != awaits.rend(); ++await) {
        EVERY_TRY_ASSIGN(auto awaited, parts_.find_hit(await->instruction));
        if (awaited && !done_.contains(awaited->cid))
          stack.push_back({std::move(*awaited), std::nullopt});
      }
    }
    return {};
  }

  core::Status write_proven(const Frame& frame) {
    const ReceiptRecord& receipt = frame.receipt;
    const invocation::Task& task = frame.invocation->task;
    EVERY_TRY(write(receipt.ran, frame.invocation->block));
    if (const auto component = task.run.component()) EVERY_TRY(write_dag(*component));
    std::vector<ipld::Cid> content;
    collect_content(task.run.input, content);
    EVERY_TRY_ASSIGN(const auto decoded, invocation::Receipt::decode(receipt.block, receipt.cid));
    collect_content(decoded.out.value, content);
    for (const ipld::Cid& link : content) EVERY_TRY(write_dag(link));
    EVERY_TRY(write(receipt.cid, receipt.block));
    ++report_.receipts;
    return write_attestations(receipt);
  }

  core::Status write_attestations(const ReceiptRecord& receipt) {
    EVERY_TRY_ASSIGN(auto attestations, parts_.store.attestations_of(receipt.cid));
    if (receipt.provenance == store::Provenance::kLocal ||
        receipt.standing == store::Standing::kVerified)
      EVERY_TRY(attest(receipt, attestations));
    std::ranges::sort(attestations, {}, &store::AttestationRecord::cid);
    for (const store::AttestationRecord& attestation : attestations)
      EVERY_TRY(write(attestation.cid, attestation.block));
    return {};
  }

  /// Adds this node's own word, made once.
  core::Status attest(const ReceiptRecord& receipt,
                      std::vector<store::AttestationRecord>& attestations) {
    if (!key_) {
      EVERY_TRY_ASSIGN(key_, parts_.trust.own_key());
    }
    const bool local = receipt.provenance == store::Provenance::kLocal;
    const std::uint32_t profile = local ? receipt.profile : wasm::kDeterminismProfile;
    for (const store::AttestationRecord& kept : attestations) {
      const auto attestation = Attestation::decode(kept.block, kept.cid);
      if (attestation && attestation->issuer() == key_->public_key() &&
          attestation->profile() == profile)
        return {};
    }
    const core::Bytes block = Attestation::make(*key_, receipt.cid, profile,
                                                local ? receipt.engine : parts_.options.engine)
                                  .encode();
    const store::AttestationRecord made{receipt.cid, ipld::Cid::of_dag_cbor(block), block};
    attestations.push_back(made);
    made_.push_back(made);
    ++report_.attested;
    constexpr std::size_t kAtATime = 1024;
    return made_.size() < kAtATime ? core::Status() : keep_attestations();
  }

  core::Status keep_attestations() {
    if (made_.empty()) return {};
    store::Batch batch;
    batch.attestations = std::exchange(made_, {});
    return parts_.store.commit_and_wait(std::move(batch));
  }

  const SharingImpl::Parts& parts_;
  const ExportRequest& request_;
  const Sharing::ByteSink& sink_;
  Invocations invocations_;
  std::vector<Wanted> wanted_;
  std::unordered_set<ipld::Cid> written_;  // blocks
  std::unordered_set<ipld::Cid> walked_;   // roots of content
  std::unordered_set<ipld::Cid> done_;     // receipts
  std::unordered_set<ipld::Cid> missing_;
  std::optional<ipld::SigningKey> key_;
  std::vector<store::AttestationRecord> made_;
  ExportReport report_;
};

}  // namespace

core::Result<ExportReport> SharingImpl::export_car(const ExportRequest& request,
                                                   const ByteSink& sink) {
  return Exporter(parts_, request, sink).run();
}

}  // namespace every::runtime
