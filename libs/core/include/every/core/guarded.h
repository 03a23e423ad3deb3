#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

namespace every::core {

/// A value that can be reached only while its mutex is held.
///
/// `auto held = guarded.lock(); held->push_back(1);` The lock lasts as long as `held`. Never keep a reference to the value
/// beyond it. thread: any.
template <typename T>
class Guarded {
 public:
  Guarded() = default;
  template <typename... Args>
  explicit Guarded(std::in_place_t, Args&&... args) : value_(std::forward<Args>(args)...) {}
  explicit Guarded(T value) : value_(std::move(value)) {}

  class Held {
   public:
    T* operator->() { return value_; }
    T& operator*() { return *value_; }
    /// Waits on `condition` until `predicate(value)` holds.
    template <typename Predicate>
    void wait(std::condition_variable& condition, Predicate predicate) {
      condition.wait(lock_, [&] { return predicate(*value_); });
    }
    /// As wait, but not past `until`; false when the time passed and the predicate does not hold.
    template <typename TimePoint, typename Predicate>
    [[nodiscard]] bool wait_until(std::condition_variable& condition, const TimePoint& until,
                                  Predicate predicate) {
      return condition.wait_until(lock_, until, [&] { return predicate(*value_); });
    }

   private:
    friend class Guarded;
    Held(std::mutex& mutex, T& value) : lock_(mutex), value_(&value) {}
    std::unique_lock<std::mutex> lock_;
    T* value_;
  };

  [[nodiscard]] Held lock() { return Held(mutex_, value_); }

 private:
  std::mutex mutex_;
  T value_{};
};

}  // namespace every::core
