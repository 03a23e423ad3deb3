#include "every/core/cancel.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace every::core {

// The entry's mutex is held while its callback runs, so that removing it waits for a run under way. It is recursive so
// that a callback may drop its own registration.
struct CancelToken::Registration::Entry {
  std::recursive_mutex mutex;
  std::function<void()> callback;

  void run() {
    const std::lock_guard lock(mutex);
    if (callback) std::exchange(callback, nullptr)();
  }
};

struct CancelToken::State {
  std::mutex mutex;
  bool cancelled = false;
  std::vector<std::weak_ptr<Registration::Entry>> entries;
};

CancelToken::Registration::Registration(Registration&& other) noexcept
    : entry_(std::move(other.entry_)) {}

CancelToken::Registration& CancelToken::Registration::operator=(Registration&& other) noexcept {
  std::swap(entry_, other.entry_);
  return *this;
}

CancelToken::Registration::~Registration() {
  if (!entry_) return;
  const std::lock_guard lock(entry_->mutex);
  entry_->callback = nullptr;
}

bool CancelToken::cancelled() const {
  if (!state_) return false;
  const std::lock_guard lock(state_->mutex);
  return state_->cancelled;
}

CancelToken::Registration CancelToken::on_cancel(std::function<void()> callback) const {
  Registration registration;
  if (!state_) return registration;
  registration.entry_ = std::make_shared<Registration::Entry>();
  registration.entry_->callback = std::move(callback);
  bool at_once = false;
  {
    const std::lock_guard lock(state_->mutex);
    at_once = state_->cancelled;
    if (!at_once) {
      std::erase_if(state_->entries, [](const auto& entry) { return entry.expired(); });
      state_->entries.push_back(registration.entry_);
    }
  }
  if (at_once) registration.entry_->run();
  return registration;
}

CancelSource::CancelSource() : state_(std::make_shared<CancelToken::State>()) {}

void CancelSource::cancel() const {
  std::vector<std::weak_ptr<CancelToken::Registration::Entry>> entries;
  {
    const std::lock_guard lock(state_->mutex);
    if (std::exchange(state_->cancelled, true)) return;
    entries.swap(state_->entries);
  }
  for (const auto& weak : entries) {
    if (const auto entry = weak.lock()) entry->run();
  }
}

}  // namespace every::core
