// Results that are not to be used again.

#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "sharing_impl.h"

namespace every::runtime {
namespace {

using core::ErrorCode;
using store::ReceiptRecord;

constexpr std::size_t kPage = 1024;

/// A receipt, without its block.
struct Target {
  ipld::Cid receipt;
  ipld::Cid instruction;
};

class Forgetter {
 public:
  explicit Forgetter(const SharingImpl::Parts& parts)
      : parts_(parts), invocations_(parts.invocations()) {}

  core::Result<ForgetReport> run(const ipld::Cid& what, Sharing::Dependants dependants) {
    EVERY_TRY(find(what));
    if (targets_.empty() && report_.already == 0)
      return core::fail(core::Error{ErrorCode::kNotFound,
                                    what.render() +
                                        " is neither the receipt of a result known here, nor an "
                                        "instruction or component with any",
                                    {{"cid", what.render()}}});
    if (dependants == Sharing::Dependants::kForgetToo) EVERY_TRY(add_dependants());
    EVERY_TRY(commit());
    return report_;
  }

 private:
  core::Status find(const ipld::Cid& what) {
    EVERY_TRY_ASSIGN(const auto receipt, parts_.store.find_receipt(what));
    if (receipt) {
      add(*receipt);
      return {};
    }
    EVERY_TRY_ASSIGN(const auto results, parts_.store.receipts_of(what));
    for (const ReceiptRecord& result : results) add(result);
    if (!results.empty()) return {};
    return for_each([&](const ReceiptRecord& record, const invocation::Task& task) {
      const auto component = task.run.component();
      if (component && *component == what) add(record);
    });
  }

  void add(const ReceiptRecord& record) {
    if (!seen_.insert(record.cid).second) return;
    instructions_.push_back(record.instruction);
    if (record.standing == store::Standing::kForgotten) {
      ++report_.already;
    } else {
      targets_.push_back({record.cid, record.instruction});
    }
  }

  /// Every receipt whose invocation is here, forgotten ones too.
  core::Status for_each(
      const std::function<void(const ReceiptRecord&, const invocation::Task&)>& visit) {
    std::int64_t after = 0;
    for (;;) {
      EVERY_TRY(parts_.go_on());
      EVERY_TRY_ASSIGN(const auto page, parts_.store.list_receipts(after, kPage));
      for (const store::ListedReceipt& row : page) {
        after = row.id;
        if (!row.record) continue;
        if (const auto invocation = invocations_.find(*row.record))
          visit(*row.record, invocation->task);
      }
      if (page.size() < kPage) return {};
    }
  }

  // Whatever awaits what is forgotten, and so on.
  core::Status add_dependants() {
    struct Dependant {
      Target target;
      store::Standing standing;
    };
    std::unordered_map<ipld::Cid, std::vector<Dependant>> by_awaited;
    EVERY_TRY(for_each([&](const ReceiptRecord& record, const invocation::Task& task) {
      for (const auto& await : invocation::find_awaits(task.run.input))
        by_awaited[await.instruction].push_back(
            {{record.cid, record.instruction}, record.standing});
    }));
    for (std::size_t i = 0; i < instructions_.size(); ++i) {
      const auto found = by_awaited.find(instructions_[i]);
      if (found == by_awaited.end()) continue;
      for (const Dependant& dependant : found->second) {
        if (!seen_.insert(dependant.target.receipt).second) continue;
        instructions_.push_back(dependant.target.instruction);
        if (dependant.standing == store::Standing::kForgotten) {
          ++report_.already;
        } else {
          ++report_.dependants;
          targets_.push_back(dependant.target);
        }
      }
      by_awaited.erase(found);
    }
    return {};
  }

  core::Status commit() {
    // All or none of them.
    store::Batch batch;
    const core::WallNanos now = parts_.clock.wall();
    for (const Target& target : targets_)
      batch.standings.push_back({target.receipt, store::Standing::kForgotten, now});
    EVERY_TRY(parts_.store.commit_and_wait(std::move(batch)));
    for (const Target& target : targets_) parts_.scheduler.forget(target.instruction);
    report_.receipts = targets_.size();
    return {};
  }

  const SharingImpl::Parts& parts_;
  Invocations invocations_;
  std::vector<Target> targets_;
  std::unordered_set<ipld::Cid> seen_;
  std::vector<ipld::Cid> instructions_;  // of all that were found, whose dependants are looked for
  ForgetReport report_;
};

}  // namespace

core::Result<ForgetReport> SharingImpl::forget(const ipld::Cid& what, Dependants dependants) {
  EVERY_TRY_ASSIGN(const ForgetReport report, Forgetter(parts_).run(what, dependants));
  parts_.logger.warn("store.forget", "store", "results were forgotten",
                     {{"cid", what.render()},
                      {"receipts", std::to_string(report.receipts)},
                      {"dependants", std::to_string(report.dependants)}});
  return report;
}

}  // namespace every::runtime
