#pragma once

#include <string>
#include <string_view>

#include "every/core/error.h"
#include "every/gateway/client.h"
#include "every/gateway/message.h"
#include "every/ipld/value.h"
#include "every/runtime/run.h"
#include "every/workflow/short_form.h"

namespace every::gateway {

[[nodiscard]] Response json_response(int status, std::string json);
[[nodiscard]] Response text_response(int status, std::string text);
/// `{"error":"Not found"}`, the original's words for an unknown function.
[[nodiscard]] Response unknown_function();

/// `{"error","code","task","func","cid","details"}` with the status of the code; what is not known is left out. Context other than task, func and
/// cid goes to `details`.
[[nodiscard]] Response error_response(const core::Error& error);
/// The failure of a task: as error_response, with its instruction, receipt and last lines in `details`.
[[nodiscard]] Response task_failure(const runtime::TaskAnswer& task, const std::string& run);
/// A function's own error value: 422 `guest_error`, the value under `details.err`.
[[nodiscard]] Response guest_error(const runtime::TaskAnswer& task, const ipld::Value& err,
                                   const std::string& run);
/// The error of a run that ended without an answer.
[[nodiscard]] Response run_failure(const runtime::RunAnswer& run);
/// 400 with the list the original's validator gives.
[[nodiscard]] Response validation_response(const workflow::ValidationError& error);

/// Says in one line of a header what an answer's body says only to programs, or not at all.
void add_summary(Response& response, std::string_view summary);

/// The JSON object of an error, alone.
[[nodiscard]] std::string render_error(const core::Error& error);

}  // namespace every::gateway
