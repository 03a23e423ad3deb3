#pragma once

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "every/ipld/cid.h"

namespace every::blocks {

/// What was asked for or put while a collection is under way. thread: any.
class Touches {
 public:
  /// Before a block is looked for or put. While a piece of the collection is being dropped, waits for its end.
  void note(const ipld::Cid& cid) {
    if (!collecting_.load()) return;
    const std::lock_guard lock(mutex_);
    cids_.push_back(cid);
  }
  /// out: whether it had begun already
  [[nodiscard]] bool begin() { return collecting_.exchange(true); }
  void end() {
    collecting_ = false;
    const std::lock_guard lock(mutex_);
    cids_.clear();
  }
  /// Held while what was touched is looked at and the rest is dropped.
  [[nodiscard]] std::unique_lock<std::mutex> hold() { return std::unique_lock(mutex_); }
  /// While it is held.
  [[nodiscard]] std::vector<ipld::Cid> take() { return std::exchange(cids_, {}); }

 private:
  std::atomic<bool> collecting_ = false;
  std::mutex mutex_;
  std::vector<ipld::Cid> cids_;
};

}  // namespace every::blocks
