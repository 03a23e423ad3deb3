// Components that gave two results for one instruction: they do not run, and what they gave is not used.

#include <algorithm>
#include <utility>

#include "scheduler.h"

namespace every::runtime {

void Scheduler::set_quarantine(std::vector<store::QuarantineRecord> records,
                               ComponentOf component_of) {
  any_quarantined_ = !records.empty();
  *quarantine_.lock() = {std::move(records), std::move(component_of)};
}

core::Status Scheduler::check_quarantine(const std::optional<ipld::Cid>& component) {
  if (!component) return {};
  auto held = quarantine_.lock();
  const auto found =
      std::ranges::find(held->records, *component, &store::QuarantineRecord::component);
  if (found == held->records.end()) return {};
  const bool has_two = found->kept != found->other;
  return core::fail(core::Error{
      core::ErrorCode::kIntegrity,
      "component " + component->render() + " is in quarantine since " +
          core::render_timestamp(found->since) + ": an instruction that gave " +
          found->kept.render() + (has_two ? " gave " + found->other.render() : " failed") +
          " when it was executed again (`every receipt` shows them). `every forget COMPONENT` "
          "forgets its results, `every verify --release COMPONENT` lets it run again",
      {{"component", component->render()}, {"instruction", found->instruction.render()}}});
}

core::Status Scheduler::check_quarantine(const invocation::Instruction& instruction) {
  if (!any_quarantined_) return {};
  const auto component = instruction.component();
  return component ? check_quarantine(std::optional(*component)) : core::Status();
}

core::Status Scheduler::check_quarantine(const store::ReceiptRecord& record) {
  if (!any_quarantined_) return {};
  const ComponentOf component_of = quarantine_.lock()->component_of;
  return check_quarantine(component_of(record));
}

}  // namespace every::runtime
