#include "log_choices.h"

namespace every::cli {

core::Result<LogSetup> choose_log(const NodeChoices& choices, LogTarget target,
                                  const Environment& environment, const Console& console) {
  LogSetup setup{target, choices.log_format, {}};
  core::LogFilter& filter = setup.filter;
  if (target == LogTarget::kStderr) {
    // The answer says how a run ended, and what a guest that failed had written.
    filter.threshold = core::LogLevel::kWarn;
    filter.guests = core::LogLevel::kOff;
  }
  bool chosen = false;
  if (choices.log_level) {
    const auto ignored = core::apply_log_directives(*choices.log_level, filter);
    if (!ignored.empty())
      return core::fail(core::ErrorCode::kInvalidArgument, "--log-level: " + ignored.front());
    chosen = true;
  }
  for (const char* name : {"EVERY_LOG", "RUST_LOG"}) {
    const auto text = environment(name);
    if (chosen || !text) continue;
    for (const std::string& ignored : core::apply_log_directives(*text, filter))
      console.warn(std::string(name) + ": " + ignored);
    chosen = true;
  }
  if (choices.guest_log_level) filter.guests = *choices.guest_log_level;
  if (target == LogTarget::kStderr && !chosen) {
    for (const char* told : {"worker.run.task.err", "worker.end_workflow"})
      filter.rules.push_back({told, core::LogLevel::kOff});
  }
  return setup;
}

}  // namespace every::cli
