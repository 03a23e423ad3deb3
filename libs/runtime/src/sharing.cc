#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "sharing_impl.h"

#include "every/invocation/attestation.h"

namespace every::runtime {

using core::ErrorCode;

SharingImpl::SharingImpl(const NodeOptions& options, const NodeParts& parts,
                         std::shared_ptr<Scheduler> scheduler, core::Metrics& metrics)
    : options_(options),
      scheduler_(std::move(scheduler)),
      parts_{options_,
             *parts.executor,
             *parts.store,
             *parts.blocks,
             *parts.logger,
             *parts.clock,
             parts.normalize_url,
             scheduler_->trust(),
             *scheduler_,
             RunMetrics(metrics).alarms,
             stopping_},
      pool_("every-sharing", 2) {}

void SharingImpl::stop() {
  cancel();
  pool_.stop();
}

core::Status SharingImpl::load_quarantine() {
  EVERY_TRY_ASSIGN(auto records, parts_.store.quarantined());
  parts_.scheduler.set_quarantine(
      std::move(records),
      [parts = &parts_](const store::ReceiptRecord& record) -> std::optional<ipld::Cid> {
        const auto invocation = parts->invocations().find(record);
        if (!invocation) return std::nullopt;
        const auto component = invocation->task.run.component();
        return component ? std::optional(*component) : std::nullopt;
      });
  return {};
}

core::Status SharingImpl::Parts::go_on() const {
  if (!stopping) return {};
  return core::fail(ErrorCode::kUnavailable, "the node is stopping; try again when it is back");
}

void SharingImpl::Parts::alarm(const std::string& what, core::Logger::Fields fields) const {
  alarms.add();
  logger.error("worker.integrity", "worker.run", "integrity alarm: " + what, std::move(fields));
}

core::Result<store::RunRecord> SharingImpl::Parts::get_run(const std::string& id) const {
  const auto under_way = [&] {
    return core::fail(ErrorCode::kConflict,
                      "run " + id + " is still under way; try again when it is over");
  };
  // A run whose results were known is answered before its record is written.
  constexpr std::chrono::milliseconds kStep{2};
  constexpr int kSteps = 2500;
  for (int step = 0; step < kSteps; ++step) {
    EVERY_TRY(go_on());
    const auto active = scheduler.find(id);
    if (active && goes_on(scheduler.snapshot(*active).state)) return under_way();
    EVERY_TRY_ASSIGN(auto record, store.find_run(id));
    if (record && !goes_on(from_status(record->status))) return std::move(*record);
    if (!active && record) return under_way();
    if (!active)
      return core::fail(ErrorCode::kNotFound,
                        "'" + id +
                            "' is neither a CID nor a run known here; `every runs` lists the "
                            "runs");
    std::this_thread::sleep_for(kStep);
  }
  return under_way();
}

core::Result<std::vector<store::ReceiptRecord>> SharingImpl::Parts::receipts_of_run(
    const std::string& run, std::uint64_t& failures) const {
  EVERY_TRY_ASSIGN(const auto rows, store.tasks_of(run));
  std::vector<store::ReceiptRecord> receipts;
  std::unordered_set<ipld::Cid> seen;
  for (const store::TaskRecord& row : rows) {
    // What a failure's value reached has a receipt, too, of its run alone.
    std::optional<store::ReceiptRecord> record;
    if (row.status == store::TaskStatus::kOk && row.receipt) {
      if (!seen.insert(*row.receipt).second) continue;
      EVERY_TRY_ASSIGN(record, store.find_receipt(*row.receipt));
    }
    if (record) {
      receipts.push_back(std::move(*record));
    } else {
      ++failures;
    }
  }
  return receipts;
}

core::Result<std::optional<store::ReceiptRecord>> SharingImpl::Parts::find_hit(
    const ipld::Cid& instruction) const {
  EVERY_TRY_ASSIGN(auto records, store.receipts_of(instruction));
  for (store::ReceiptRecord& record : records) {
    if (trust.judge(record) == Origin::Use::kHit) return std::move(record);
  }
  return std::nullopt;
}

core::Status SharingImpl::release(const ipld::Cid& component) {
  EVERY_TRY_ASSIGN(const auto held, quarantined());
  const bool there = std::ranges::any_of(
      held, [&](const Quarantined& entry) { return entry.component == component; });
  if (!there)
    return core::fail(ErrorCode::kNotFound,
                      "component " + component.render() +
                          " is not in quarantine; `every verify --quarantined` lists those that "
                          "are");
  store::Batch batch;
  batch.released.push_back(component);
  EVERY_TRY(parts_.store.commit_and_wait(std::move(batch)));
  parts_.logger.warn("worker.quarantine", "worker.run", "a component was let out of quarantine",
                     {{"component", component.render()}});
  return load_quarantine();
}

core::Result<std::vector<Quarantined>> SharingImpl::quarantined() {
  EVERY_TRY_ASSIGN(auto records, parts_.store.quarantined());
  std::vector<Quarantined> out;
  for (auto& record : records) {
    out.push_back({std::move(record.component), std::move(record.instruction),
                   std::move(record.kept), std::move(record.other), record.since});
  }
  return out;
}

core::Result<Origin> SharingImpl::origin_of(const ipld::Cid& receipt) {
  EVERY_TRY_ASSIGN(const auto record, parts_.store.find_receipt(receipt));
  if (!record)
    return core::fail(ErrorCode::kNotFound,
                      "receipt " + receipt.render() + " is not among the results known here");
  Origin origin{.receipt = receipt, .instruction = record->instruction};
  if (record->provenance == store::Provenance::kImported) origin.kind = Origin::Kind::kImported;
  origin.use = parts_.trust.judge(*record);
  origin.profile = record->profile;
  origin.engine = record->engine;
  origin.created = record->created;
  EVERY_TRY_ASSIGN(const auto attestations, parts_.store.attestations_of(receipt));
  for (const auto& kept : attestations) {
    const auto attestation = invocation::Attestation::decode(kept.block, kept.cid);
    if (attestation) origin.attested_by.push_back(attestation->issuer().did());
  }
  return origin;
}

}  // namespace every::runtime
