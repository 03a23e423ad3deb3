#include "rpc_subscription.h"

#include <utility>

#include "rpc_message.h"

namespace every::gateway::rpc {
namespace {

/// What a waiting outcome costs beside its block.
constexpr std::size_t kItemBytes = 1024;
/// So many messages are rendered before others get a turn on the pool.
constexpr int kTurn = 32;

std::size_t cost_of(const runtime::TaskAnswer& task) {
  return kItemBytes + (task.receipt_block ? task.receipt_block->size() : 0);
}

}  // namespace

RunSubscription::~RunSubscription() {
  cancel();
}

void RunSubscription::on_event(const runtime::RunEvent& event) {
  Item item;
  if (event.kind == runtime::RunEvent::Kind::kTask && event.task != nullptr) {
    item.task = *event.task;
    // The block says it all; the value would only be held twice.
    if (item.task->receipt_block) item.task->value.reset();
    item.bytes = cost_of(*event.task);
  } else if (event.kind == runtime::RunEvent::Kind::kEnd) {
    item.end = event.run;
    item.bytes = kItemBytes;
  } else {
    return;
  }
  const auto bytes = static_cast<std::ptrdiff_t>(item.bytes);
  {
    auto state = state_.lock();
    if (state->cancelled) return;
    state->items.push_back(std::move(item));
  }
  if (const auto sink = sink_.lock()) sink->hold(bytes);
  schedule();
}

void RunSubscription::open() {
  state_.lock()->open = true;
  schedule();
}

void RunSubscription::cancel() {
  std::deque<Item> dropped;
  {
    auto state = state_.lock();
    state->cancelled = true;
    dropped.swap(state->items);
  }
  std::ptrdiff_t bytes = 0;
  for (const Item& item : dropped) bytes += static_cast<std::ptrdiff_t>(item.bytes);
  if (bytes == 0) return;
  if (const auto sink = sink_.lock()) sink->hold(-bytes);
}

// One pump at a time, which goes on until nothing is left, the connection is full or its turn is over.
void RunSubscription::schedule() {
  {
    auto state = state_.lock();
    if (!state->open || state->pumping || state->items.empty()) return;
    state->pumping = true;
  }
  if (const auto sink = sink_.lock()) sink->post([self = shared_from_this()] { self->pump(); });
}

void RunSubscription::pump() {
  const auto sink = sink_.lock();
  if (!sink) return;
  for (int i = 0; i < kTurn; ++i) {
    if (sink->full()) {
      return sink->wait_for_room([self = shared_from_this()] {
        if (const auto to = self->sink_.lock()) to->post([self] { self->pump(); });
      });
    }
    Item item;
    {
      auto state = state_.lock();
      if (state->items.empty()) {
        state->pumping = false;
        return;
      }
      item = std::move(state->items.front());
      state->items.pop_front();
    }
    tell(*sink, item);
    sink->hold(-static_cast<std::ptrdiff_t>(item.bytes));
  }
  sink->post([self = shared_from_this()] { self->pump(); });
}

void RunSubscription::tell(NotificationSink& sink, const Item& item) {
  if (item.end) {
    sink.send(render_run_ended(id_, *item.end));
    return sink.ended(id_);
  }
  auto payload = render_task_notification(label_, *item.task);
  if (!payload) {
    // A block that was hashed a moment ago does not decode: told as a failure, so that whoever counts is not left waiting.
    runtime::TaskAnswer broken = *item.task;
    broken.state = runtime::TaskState::kFailed;
    broken.receipt.reset();
    broken.error = std::move(payload).error();
    payload = render_task_notification(label_, broken);
    if (!payload) return;
  }
  sink.send(render_notification("subscribe_run_workflow", id_, *payload));
  sink.count_notification();
}

}  // namespace every::gateway::rpc
