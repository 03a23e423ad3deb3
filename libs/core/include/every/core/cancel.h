#pragma once

#include <functional>
#include <memory>

namespace every::core {

/// One half of a cancellation: whoever holds the source may cancel, whoever holds a token may ask or be told.
///
/// A token of no source (default-made) is never cancelled. Callbacks run once, on the cancelling thread, or at once on
/// the registering thread when it was already cancelled; they must not block. thread: any.
class CancelToken {
 public:
  CancelToken() = default;
  [[nodiscard]] bool cancelled() const;

  /// Removes its callback when destroyed; on return from the destructor the callback is not running.
  class Registration {
   public:
    Registration() = default;
    Registration(Registration&& other) noexcept;
    Registration& operator=(Registration&& other) noexcept;
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
    ~Registration();

   private:
    friend class CancelToken;
    friend class CancelSource;
    struct Entry;
    std::shared_ptr<Entry> entry_;
  };
  /// Calls `callback` when cancelled, until the registration goes.
  [[nodiscard]] Registration on_cancel(std::function<void()> callback) const;

 private:
  friend class CancelSource;
  struct State;
  explicit CancelToken(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

/// The half that cancels. Destroying it cancels nothing. thread: any.
class CancelSource {
 public:
  CancelSource();
  [[nodiscard]] CancelToken token() const { return CancelToken(state_); }
  /// Cancels once; later calls do nothing.
  void cancel() const;

 private:
  std::shared_ptr<CancelToken::State> state_;
};

}  // namespace every::core
