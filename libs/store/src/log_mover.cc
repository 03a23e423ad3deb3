#include "log_mover.h"

#include <tuple>
#include <utility>

#include <pthread.h>

namespace every::store {

LogMover::LogMover(std::unique_ptr<sql::Connection> connection, std::int64_t pages)
    : connection_(std::move(connection)), pages_(pages), thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "store-log");
}

LogMover::~LogMover() {
  work_.lock()->stopping = true;
  changed_.notify_all();
  thread_.join();
}

LogMover::State LogMover::take_state() {
  auto work = work_.lock();
  const State state = work->state;
  if (state == State::kMoved) work->state = State::kIdle;
  return state;
}

void LogMover::begin() {
  work_.lock()->state = State::kMoving;
  changed_.notify_all();
}

void LogMover::wait() {
  auto work = work_.lock();
  work.wait(changed_, [](const Work& now) { return now.state != State::kMoving; });
}

void LogMover::run() {
  for (;;) {
    {
      auto work = work_.lock();
      work.wait(changed_,
                [](const Work& now) { return now.stopping || now.state == State::kMoving; });
      if (work->state != State::kMoving) return;
    }
    std::ignore = connection_->checkpoint(sql::Connection::Checkpoint::kPassive);
    work_.lock()->state = State::kMoved;
    changed_.notify_all();
  }
}

}  // namespace every::store
