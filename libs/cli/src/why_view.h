#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "every/core/clock.h"

namespace every::cli {

/// Why a task ran or did not, as `GET /-/runs/:id/tasks/:task/why` says it, for a person: the answer, then what it rests on. in: now   for how long ago
[[nodiscard]] std::string render_why(const boost::json::object& why, core::WallNanos now);

/// The tasks of a run, as `GET /-/runs/:id/why` says it: a line each, those that ran first; of many the first of each kind. in: width   of a line
[[nodiscard]] std::string render_whys(const boost::json::object& whys, std::size_t width);

}  // namespace every::cli
