#include <utility>

#include "error_body.h"
#include "js_json.h"
#include "request_body.h"
#include "routes.h"
#include "run_json.h"
#include "submit.h"

#include "every/runtime/steering.h"

namespace every::gateway {
namespace {

using core::ErrorCode;
using ipld::Value;

const std::string* text_at(const ipld::Map& body, std::string_view key) {
  const Value* value = body.find(key);
  return value != nullptr ? value->if_string() : nullptr;
}

/// `{"from":"<task>","set":{"<argument>":…},"component":"<cid>","name":"…"}`; all but the first may be left out.
core::Result<runtime::ForkRequest> read_fork(const Value& value) {
  const auto invalid = [](const std::string& why) {
    return core::fail(
        ErrorCode::kInvalidArgument,
        why + R"(; write {"from":"<task>","set":{"<argument>":<value>},"component":"<cid>"})");
  };
  const ipld::Map* body = value.if_map();
  if (body == nullptr) return invalid("the body is no object");
  for (const ipld::MapEntry& entry : *body) {
    if (entry.key != "from" && entry.key != "set" && entry.key != "component" &&
        entry.key != "name")
      return invalid("`" + entry.key + "` is unknown");
  }
  runtime::ForkRequest request;
  const std::string* from = text_at(*body, "from");
  if (from == nullptr) return invalid("`from`, the task that is done anew, is missing or no text");
  request.task = *from;
  if (body->find("name") != nullptr) {
    const std::string* name = text_at(*body, "name");
    if (name == nullptr) return invalid("`name` is no text");
    request.name = *name;
  }
  if (const Value* set = body->find("set")) {
    if (set->if_map() == nullptr) return invalid("`set` is no object");
    request.arguments = *set->if_map();
  }
  if (body->find("component") != nullptr) {
    const std::string* component = text_at(*body, "component");
    if (component == nullptr) return invalid("`component` is no text");
    EVERY_TRY_ASSIGN(request.component, ipld::Cid::parse(*component));
  }
  return request;
}

void append_item(std::string& list, std::string_view json) {
  if (list.size() > 1) list += ',';
  list += json;
}

std::string render_fork(const runtime::Forked& forked, const runtime::RunAnswer& run) {
  std::string anew = "[";
  for (const std::uint32_t task : forked.anew)
    append_item(anew, render_json_string(run.tasks.at(task).name));
  std::string changes = "[";
  for (const runtime::TaskChange& change : forked.changes) {
    std::string why = "[";
    for (const std::string& reason : change.why) append_item(why, render_json_string(reason));
    ObjectWriter object;
    object.raw("task", std::to_string(change.task)).text("name", change.name);
    object.text("was", change.was.render()).text("now", change.now.render());
    append_item(changes, std::move(object.raw("why", why + "]")).finish());
  }
  ObjectWriter object;
  object.raw("run", render_run(run)).raw("anew", anew + "]").raw("changes", changes + "]");
  return std::move(object).finish();
}

}  // namespace

void fork_run(const ExchangePtr& exchange) {
  runtime::Steering* steering = find_steering(exchange);
  if (steering == nullptr) return;
  const auto body = read_body(exchange->request());
  if (!body) return exchange->reply(body.error());
  auto request = read_fork(*body);
  if (!request) return exchange->reply(error_response(request.error()));
  request->start = read_start(*exchange);
  const auto forked = steering->fork(exchange->param("id"), std::move(*request));
  if (!forked) return exchange->reply(error_response(forked.error()));
  const std::string& id = forked->run->id();
  const auto run = exchange->node().get_run(id);
  if (!run) return exchange->reply(error_response(run.error()));
  Response response = json_response(202, render_fork(*forked, **run));
  response.headers.push_back({"Location", "/-/runs/" + id});
  response.headers.push_back({"Every-Run", id});
  exchange->reply(std::move(response));
}

}  // namespace every::gateway
