#include "error_body.h"

#include "js_json.h"

#include "every/core/text.h"

namespace every::gateway {
namespace {

constexpr std::string_view kTaskKeys[] = {"task", "func", "cid"};

bool is_task_key(std::string_view key) {
  for (const std::string_view known : kTaskKeys) {
    if (known == key) return true;
  }
  return false;
}

/// `{"error","code","task","func","cid"` and `details` where there are any.
std::string render_error_with(const core::Error& error, ObjectWriter details) {
  ObjectWriter object;
  object.text("error", error.message).text("code", core::info(error.code).name);
  for (const std::string_view key : kTaskKeys) {
    const std::string_view value = error.find(key);
    if (!value.empty()) object.text(key, value);
  }
  for (const auto& [key, value] : error.context) {
    if (!is_task_key(key)) details.text(key, value);
  }
  if (!details.empty()) object.raw("details", std::move(details).finish());
  return std::move(object).finish();
}

Response with_status(const core::Error& error, std::string json) {
  Response response = json_response(core::info(error.code).http_status, std::move(json));
  if (response.status == 503) response.headers.push_back({"Retry-After", "1"});
  return response;
}

std::string render_lines(const std::vector<runtime::GuestLine>& lines) {
  std::string out = "[";
  for (const runtime::GuestLine& line : lines) {
    if (out.size() > 1) out += ',';
    ObjectWriter object;
    object.text("level", core::render_level(line.level)).text("category", line.category);
    out += std::move(object.text("message", line.message)).finish();
  }
  return out + "]";
}

/// The error with the task it belongs to in its context, whatever the runtime put there.
core::Error located(const runtime::TaskAnswer& task) {
  core::Error error = task.error.value_or(core::Error{
      core::ErrorCode::kInternal, "not able to run fn " + task.func + ": no reason was given", {}});
  if (error.find("task").empty()) error = std::move(error).with("task", task.name);
  if (error.find("func").empty()) error = std::move(error).with("func", task.func);
  if (error.find("cid").empty()) error = std::move(error).with("cid", task.instruction.render());
  return error;
}

ObjectWriter task_details(const runtime::TaskAnswer& task, const std::string& run) {
  ObjectWriter details;
  if (!run.empty()) details.text("run", run);
  details.text("instruction", task.instruction.render());
  if (task.component) details.text("component", task.component->render());
  if (task.receipt) details.text("receipt", task.receipt->render());
  if (!task.last_lines.empty()) details.raw("log", render_lines(task.last_lines));
  return details;
}

}  // namespace

Response json_response(int status, std::string json) {
  return {status, {{"Content-Type", "application/json; charset=utf-8"}}, std::move(json)};
}

Response text_response(int status, std::string text) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(text)};
}

Response unknown_function() {
  return json_response(404, R"({"error":"Not found"})");
}

std::string render_error(const core::Error& error) {
  return render_error_with(error, ObjectWriter());
}

Response error_response(const core::Error& error) {
  return with_status(error, render_error(error));
}

Response task_failure(const runtime::TaskAnswer& task, const std::string& run) {
  const core::Error error = located(task);
  return with_status(error, render_error_with(error, task_details(task, run)));
}

Response guest_error(const runtime::TaskAnswer& task, const ipld::Value& err,
                     const std::string& run) {
  runtime::TaskAnswer failed = task;
  failed.error = core::Error{core::ErrorCode::kGuestError,
                             "fn " + task.func + " returned an error: " +
                                 (err.if_string() ? *err.if_string() : render_js_json(err)),
                             {}};
  const core::Error error = located(failed);
  ObjectWriter details = task_details(task, run);
  details.raw("err", render_js_json(err));
  return with_status(error, render_error_with(error, std::move(details)));
}

Response run_failure(const runtime::RunAnswer& run) {
  for (const runtime::TaskAnswer& task : run.tasks) {
    const bool own = task.state == runtime::TaskState::kFailed && task.error &&
                     task.error->code != core::ErrorCode::kDependencyFailed;
    if (own && (!run.error || run.error->message == task.error->message)) {
      return task_failure(task, run.id);
    }
  }
  core::Error error = run.error.value_or(core::Error{
      run.state == runtime::RunState::kCancelled ? core::ErrorCode::kCancelled
                                                 : core::ErrorCode::kInternal,
      "the run ended as " + std::string(runtime::render_state(run.state)) + " without an answer",
      {}});
  if (error.find("run").empty()) error = std::move(error).with("run", run.id);
  return error_response(error);
}

Response validation_response(const workflow::ValidationError& error) {
  std::string out = "[";
  for (const workflow::ValidationError::Entry& entry : error.entries) {
    if (out.size() > 1) out += ',';
    ObjectWriter object;
    object.text("instancePath", entry.instance_path).text("schemaPath", entry.schema_path);
    object.text("keyword", entry.keyword).raw("params", render_js_json(ipld::Value(entry.params)));
    out += std::move(object.text("message", entry.message)).finish();
  }
  Response response = json_response(400, out + "]");
  add_summary(response, error.summary);
  return response;
}

void add_summary(Response& response, std::string_view summary) {
  constexpr std::size_t kMost = 1000;
  std::string line = core::shorten(core::to_valid_utf8(summary), kMost);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  if (!line.empty()) response.headers.push_back({std::string(kSummaryHeader), std::move(line)});
}

}  // namespace every::gateway
