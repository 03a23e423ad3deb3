#include "invocations.h"

#include <algorithm>
#include <array>
#include <utility>

#include "every/ipld/dag_cbor.h"

namespace every::runtime {

using core::ErrorCode;

bool looks_like_invocation(core::BytesView block) {
  constexpr std::array<std::uint8_t, 6> kBegin{0xa1, 0x64, 't', 'a', 's', 'k'};
  return block.size() > kBegin.size() && std::ranges::equal(block.first(kBegin.size()), kBegin);
}

core::Result<invocation::Task> parse_invocation(core::BytesView block, const ipld::Cid& cid,
                                                const invocation::NormalizeUrl& normalize_url) {
  EVERY_TRY_ASSIGN(const ipld::Value value, ipld::dag_cbor::decode(block));
  const ipld::Map* map = value.if_map();
  const ipld::Value* inner = map != nullptr && map->size() == 1 ? map->find("task") : nullptr;
  if (inner == nullptr)
    return core::fail(ErrorCode::kMalformed, "block " + cid.render() + " is no invocation");
  EVERY_TRY_ASSIGN(invocation::Task task, invocation::Task::parse(*inner, normalize_url));
  // What is read is normalised: only a block that is in that form already says what was hashed.
  EVERY_TRY_ASSIGN(const ipld::Cid hashed, task.invocation_cid());
  if (hashed != cid)
    return core::fail(ErrorCode::kMalformed, "invocation " + cid.render() +
                                                 " is not in the form that is hashed, so that it "
                                                 "proves nothing");
  return task;
}

core::Result<Invocation> Invocations::find(const store::ReceiptRecord& receipt) {
  EVERY_TRY_ASSIGN(const bool is_block, blocks_.has(receipt.ran));
  if (is_block) {
    EVERY_TRY_ASSIGN(auto block, blocks_.find(receipt.ran));
    if (block) {
      EVERY_TRY_ASSIGN(invocation::Task task,
                       parse_invocation(*block, receipt.ran, normalize_url_));
      return Invocation{std::move(task), std::move(*block)};
    }
  }
  return find_in_run(receipt);
}

core::Result<Invocation> Invocations::find_in_run(const store::ReceiptRecord& receipt) {
  const auto gone = [&] {
    return core::fail(core::Error{ErrorCode::kNotFound,
                                  "the invocation " + receipt.ran.render() + " that receipt " +
                                      receipt.cid.render() +
                                      " answers is not here, so that nothing says what was run",
                                  {{"receipt", receipt.cid.render()}}});
  };
  if (receipt.run.empty()) return gone();
  if (run_ != receipt.run) {
    EVERY_TRY_ASSIGN(const auto record, store_.find_run(receipt.run));
    if (!record) return gone();
    EVERY_TRY_ASSIGN(const ipld::Value value, ipld::dag_cbor::decode(record->workflow_block));
    EVERY_TRY_ASSIGN(workflow_, invocation::Workflow::parse(value, normalize_url_));
    run_ = receipt.run;
  }
  if (receipt.task >= workflow_.tasks.size()) return gone();
  const invocation::Task& task = workflow_.tasks[receipt.task];
  EVERY_TRY_ASSIGN(core::Bytes block,
                   ipld::dag_cbor::encode(ipld::Value(ipld::Map{{"task", task.render()}})));
  EVERY_TRY_ASSIGN(const bool same, receipt.ran.matches(block));
  if (!same) return gone();
  return Invocation{task, std::move(block)};
}

}  // namespace every::runtime
