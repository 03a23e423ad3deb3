#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "timeline.h"
#include <boost/json/object.hpp>

#include "every/core/error.h"

namespace every::cli {

/// Rows as a table: columns as wide as their widest cell, two blanks apart; the first row is the heading. The last column is not padded.
[[nodiscard]] std::string render_table(const std::vector<std::vector<std::string>>& rows);

/// Characters, not bytes: how much room a text takes, as far as that can be told without a terminal.
[[nodiscard]] std::size_t text_width(std::string_view text);

/// `2026-11-26 21:37:14` (UTC) of an RFC 3339 time; `-` for none.
[[nodiscard]] std::string short_time(const std::string& timestamp);

/// The list of `GET /-/runs` as a table. errors: kMalformed
[[nodiscard]] core::Result<std::string> render_runs(std::string_view json);
/// A run (docs/formats/http.md) for a person: what it is, its timeline, what came out (of a run with many tasks: of those that the run is for), what went
/// wrong. errors: kMalformed
[[nodiscard]] core::Result<std::string> render_run(std::string_view json, const TimelineLook& look);

/// The error of a run that did not complete; none for one that did or is under way. errors: kMalformed
[[nodiscard]] core::Status outcome_of_run(std::string_view json);
/// `ok`, `replayed`, `failed`, …
[[nodiscard]] std::string state_of_task(const boost::json::object& task);
/// What a task gave, in a line; `-` without an output.
[[nodiscard]] std::string output_of_task(const boost::json::object& task);
/// What to do with a run that is paused, in a sentence.
[[nodiscard]] std::string how_to_go_on(std::string_view run);

}  // namespace every::cli
