#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "exchange.h"
#include "task_set.h"

#include "every/core/guarded.h"
#include "every/gateway/body_stream.h"
#include "every/runtime/node.h"

namespace every::gateway {

/// The events of a run as `text/event-stream`: each task's outcome once, guests' lines, the end; of a run that is under way, or over.
///
/// What happens waits in a bounded queue for the reader. When the queue is full what comes is dropped and asked for again once the reader
/// has caught up: the run knows its outcomes, and `seen_` which of them were told. source: docs/formats/http.md
class RunEvents final : public BodyStream, public std::enable_shared_from_this<RunEvents> {
 public:
  /// in: seen   tasks whose outcome the reader knows already
  RunEvents(const ServiceParts& parts, std::string run, TaskSet seen);

  void next(Got got) override;
  [[nodiscard]] std::string_view heartbeat() const override { return ": \n\n"; }

  /// Id of the last event; a reader that has seen it has seen all.
  static constexpr std::string_view kEndId = "end";

 private:
  struct TaskEvent {
    runtime::TaskAnswer task;
    runtime::RunEvent::Told told;
  };
  struct LineEvent {
    runtime::GuestLine line;
    std::size_t number;  ///< of its task
  };
  struct EndEvent {
    std::shared_ptr<const runtime::RunAnswer> run;
  };
  struct StandingEvent {
    runtime::RunEvent::Kind kind;
    std::shared_ptr<const runtime::RunAnswer> run;
  };
  using Event = std::variant<TaskEvent, LineEvent, StandingEvent, EndEvent>;

  struct State {
    std::deque<Event> events;
    Got waiting;                     ///< the reader, when it waits
    bool working = false;            ///< somebody renders for it
    bool behind = true;              ///< events are missing: the run must be asked
    bool over = false;               ///< nothing comes any more
    std::shared_ptr<void> watching;  ///< keeps the observer on the run
  };

  void observe(const runtime::RunEvent& event);
  void add(Event event);
  /// Has the pool render when the reader waits and there is something.
  void wake();
  // On the pool, one thread at a time.
  void work();
  void ask_run();
  void replay(const std::shared_ptr<const runtime::RunAnswer>& run);
  void append(std::string& out, const Event& event);
  void append_task(std::string& out, const TaskEvent& event);
  void append_line(std::string& out, const LineEvent& event);
  void append_end(std::string& out, const runtime::RunAnswer& run);
  void append_kept_lines(std::string& out, std::uint32_t task);

  const ServiceParts& parts_;
  const std::string run_;
  core::Guarded<State> state_;
  // Of who works.
  TaskSet seen_;
  std::map<std::uint32_t, std::size_t> lines_;  // by task, how many were told
  std::optional<std::map<std::uint32_t, std::vector<runtime::GuestLine>>> kept_;
  bool begun_ = false;
};

}  // namespace every::gateway
