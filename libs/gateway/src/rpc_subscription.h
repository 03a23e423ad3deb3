#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "rpc_notification.h"

#include "every/core/guarded.h"
#include "every/runtime/run.h"

namespace every::gateway::rpc {

/// Where the notifications of a run go.
class NotificationSink {
 public:
  virtual ~NotificationSink() = default;
  /// Runs a job on the service's pool, or never when it has stopped.
  virtual void post(std::move_only_function<void()> job) = 0;
  virtual void send(std::string message) = 0;
  /// Whether the connection has enough to send; then `resume` of the waiting is called once it has less.
  [[nodiscard]] virtual bool full() const = 0;
  /// So many bytes more (or less) are held for the connection.
  virtual void hold(std::ptrdiff_t bytes) = 0;
  virtual void count_notification() = 0;
  virtual void wait_for_room(std::function<void()> resume) = 0;
  /// The run has told all it will.
  virtual void ended(const std::string& subscription) = 0;
};

/// The notifications of one run to one connection: in the order they came, one a task, then the end. What comes before open() waits.
///
/// Telling is cheap; rendering happens on the pool, one message at a time, and pauses while the connection has enough to send. thread: any.
class RunSubscription : public std::enable_shared_from_this<RunSubscription> {
 public:
  RunSubscription(std::string id, RunLabel label, std::weak_ptr<NotificationSink> sink)
      : id_(std::move(id)), label_(std::move(label)), sink_(std::move(sink)) {}
  ~RunSubscription();
  RunSubscription(const RunSubscription&) = delete;
  RunSubscription& operator=(const RunSubscription&) = delete;

  [[nodiscard]] const std::string& id() const { return id_; }
  /// The run's observer.
  void on_event(const runtime::RunEvent& event);
  /// The client knows the subscription: what waits goes out.
  void open();
  /// Nothing more goes out.
  void cancel();

 private:
  struct Item {
    std::optional<runtime::TaskAnswer> task;
    std::shared_ptr<const runtime::RunAnswer> end;
    std::size_t bytes = 0;
  };
  struct State {
    std::deque<Item> items;
    bool open = false;
    bool cancelled = false;
    bool pumping = false;
  };
  void schedule();
  void pump();
  void tell(NotificationSink& sink, const Item& item);

  const std::string id_;
  const RunLabel label_;
  const std::weak_ptr<NotificationSink> sink_;
  core::Guarded<State> state_;
};

}  // namespace every::gateway::rpc
