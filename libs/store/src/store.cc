#include "every/store/store.h"

#include <future>
#include <utility>

namespace every::store {

std::string_view render_status(RunStatus status) {
  switch (status) {
    case RunStatus::kRunning:
      return "running";
    case RunStatus::kCompleted:
      return "completed";
    case RunStatus::kFailed:
      return "failed";
    case RunStatus::kCancelled:
      return "cancelled";
    case RunStatus::kQuarantined:
      return "quarantined";
    case RunStatus::kPaused:
      return "paused";
  }
  return "unknown";
}

std::string_view render_status(TaskStatus status) {
  switch (status) {
    case TaskStatus::kOk:
      return "ok";
    case TaskStatus::kFailed:
      return "failed";
    case TaskStatus::kSkipped:
      return "skipped";
    case TaskStatus::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

core::Status Store::commit_and_wait(Batch batch) {
  std::promise<core::Status> done;
  auto status = done.get_future();
  commit(std::move(batch), [&done](core::Status result) { done.set_value(std::move(result)); });
  return status.get();
}

}  // namespace every::store
