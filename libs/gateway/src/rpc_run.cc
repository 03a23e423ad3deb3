#include <array>

#include "rpc_methods.h"

#include "every/core/random.h"
#include "every/ipld/dag_cbor.h"

namespace every::gateway::rpc {
namespace {

using ipld::Map;
using ipld::Value;

/// What is asked to run.
struct Asked {
  std::string name;
  const Value* workflow = nullptr;
  Value decoded;  // what `workflow` points into, when it came as bytes
};

std::uint32_t random_number() {
  std::array<std::uint8_t, 4> bytes{};
  core::fill_random(bytes);
  return static_cast<std::uint32_t>(bytes[0]) | static_cast<std::uint32_t>(bytes[1]) << 8 |
         static_cast<std::uint32_t>(bytes[2]) << 16 | static_cast<std::uint32_t>(bytes[3]) << 24;
}

/// `quiet-harbour-0417`: what a run without a name is called.
std::string make_name() {
  constexpr std::array<std::string_view, 16> kAdjectives{
      "amber", "brisk", "calm",  "deep",   "early",  "fair",  "gentle", "green",
      "light", "merry", "quick", "silent", "steady", "sunny", "warm",   "wide"};
  constexpr std::array<std::string_view, 16> kNouns{
      "anchor", "brook", "cedar", "dune",  "field", "harbour", "island", "lake",
      "meadow", "north", "oak",   "river", "shore", "spring",  "stone",  "wind"};
  const std::uint32_t number = random_number();
  std::string digits = std::to_string(10000 + (number >> 8) % 10000).substr(1);
  return std::string(kAdjectives[number & 15]) + "-" + std::string(kNouns[(number >> 4) & 15]) +
         "-" + digits;
}

Failure invalid(std::string why) {
  return failure(kInvalidParams, std::move(why));
}

/// The bytes of a list of numbers 0…255. A list of anything else is told by the index of what does not belong.
std::expected<core::Bytes, Failure> read_bytes(const ipld::List& list) {
  core::Bytes bytes;
  bytes.reserve(list.size());
  for (const Value& item : list) {
    const auto* number = item.if_integer();
    const auto value = number != nullptr ? number->as_uint64() : std::nullopt;
    if (!value || *value > 255) {
      return std::unexpected(invalid("params[0][" + std::to_string(bytes.size()) +
                                     "] is not a byte: a list stands for the DAG-CBOR of "
                                     "{name, workflow}, a number from 0 to 255 each"));
    }
    bytes.push_back(static_cast<std::uint8_t>(*value));
  }
  return bytes;
}

std::expected<Asked, Failure> read_map(const Map& map, bool name_required) {
  Asked asked;
  const Value* name = map.find("name");
  if (name == nullptr || (name->is_null() && !name_required)) {
    if (name_required)
      return std::unexpected(invalid("`name` is missing; in bytes it must be there"));
    asked.name = make_name();
  } else if (const std::string* text = name->if_string()) {
    asked.name = *text;
  } else {
    return std::unexpected(
        invalid("`name` is of kind " + std::string(kind_name(name->kind())) + "; it is a text"));
  }
  asked.workflow = map.find("workflow");
  if (asked.workflow == nullptr) {
    return std::unexpected(
        invalid("`workflow` is missing; write {\"name\":…,\"workflow\":{\"tasks\":[…]}}"));
  }
  return asked;
}

std::expected<Asked, Failure> read_params(const Value& params) {
  const ipld::List* list = params.if_list();
  if (list == nullptr || list->size() != 1) {
    return std::unexpected(
        invalid("expected a list of one element: {name, workflow}, or its DAG-CBOR as numbers"));
  }
  if (const Map* map = list->front().if_map()) return read_map(*map, false);
  const ipld::List* numbers = list->front().if_list();
  if (numbers == nullptr) {
    return std::unexpected(invalid("params[0] is of kind " +
                                   std::string(kind_name(list->front().kind())) +
                                   "; it is {name, workflow}, or its DAG-CBOR as numbers"));
  }
  auto bytes = read_bytes(*numbers);
  if (!bytes) return std::unexpected(std::move(bytes).error());
  auto decoded = ipld::dag_cbor::decode(*bytes, ipld::dag_cbor::Strictness::kRequest);
  if (!decoded) return std::unexpected(invalid("params[0]: " + decoded.error().message));
  if (decoded->if_map() == nullptr) {
    return std::unexpected(invalid("params[0] decodes to another kind than a map"));
  }
  auto asked = read_map(*decoded->if_map(), true);
  if (!asked) return asked;
  // The map's storage moves along with the value: the pointer into it stays good.
  asked->decoded = std::move(*decoded);
  asked->workflow = asked->decoded.if_map()->find("workflow");
  return asked;
}

Failure refused(const std::string& workflow, std::string why) {
  return {kRunRefused, "not able to run workflow " + workflow, std::move(why)};
}

/// What the node needs to know beside the workflow. Operations are not judged here: a task with one that cannot be run fails by itself.
std::expected<workflow::NamedWorkflow, Failure> name_tasks(invocation::Workflow workflow,
                                                           const std::string& cid,
                                                           const workflow::FunctionTable& table) {
  workflow::NamedWorkflow named;
  for (std::size_t i = 0; i < workflow.tasks.size(); ++i) {
    const invocation::Instruction& run = workflow.tasks[i].run;
    const std::string where = "tasks[" + std::to_string(i) + "]: ";
    auto func = run.func();
    if (!func) return std::unexpected(refused(cid, where + func.error().message));
    if (const auto args = run.args(); !args)
      return std::unexpected(refused(cid, where + args.error().message));
    const auto component = run.component();
    const auto* function = component ? table.find_in(*component, *func) : nullptr;
    named.functions.push_back(function != nullptr ? function->type : nullptr);
    named.task_names.push_back(std::move(*func));
  }
  named.workflow = std::move(workflow);
  return named;
}

}  // namespace

std::string make_subscription_id() {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string id;
  while (id.size() < 16) {
    std::array<std::uint8_t, 32> bytes{};
    core::fill_random(bytes);
    for (const std::uint8_t byte : bytes) {
      // 248 is four times 62: what is above would make some letters likelier.
      if (byte < 248 && id.size() < 16) id += kLetters[byte % kLetters.size()];
    }
  }
  return id;
}

std::expected<std::shared_ptr<RunSubscription>, Failure> subscribe_run(
    const RpcParts& parts, const Value& params, const std::shared_ptr<Subscriber>& subscriber) {
  auto asked = read_params(params);
  if (!asked) return std::unexpected(std::move(asked).error());
  auto parsed = invocation::Workflow::parse(*asked->workflow, parts.node.normalize_url());
  if (!parsed) return std::unexpected(invalid("workflow: " + parsed.error().message));
  const auto cid = parsed->cid();
  if (!cid) return std::unexpected(invalid("workflow: " + cid.error().message));
  const std::string cid_text = cid->render();
  if (!subscriber->may_subscribe()) {
    return std::unexpected(
        refused(cid_text, "this connection has as many subscriptions as are allowed (" +
                              std::to_string(parts.options.subscriptions) +
                              "); unsubscribe from one, or use another connection"));
  }
  auto named = name_tasks(*parsed, cid_text, *parts.node.functions());
  if (!named) return std::unexpected(std::move(named).error());

  RunLabel label{asked->name, *cid,
                 std::make_shared<const invocation::Workflow>(std::move(*parsed))};
  const auto subscription =
      std::make_shared<RunSubscription>(make_subscription_id(), std::move(label), subscriber);
  runtime::RunRequest request;
  request.workflow = std::move(*named);
  request.name = std::move(asked->name);
  // The node keeps the observer, and with it the subscription, as long as the run goes: the connection may be gone long before.
  auto submitted = parts.node.submit(
      std::move(request),
      [subscription](const runtime::RunEvent& event) { subscription->on_event(event); });
  if (!submitted) {
    parts.logger.warn("rpc.run.refused", "rpc",
                      "not able to run workflow " + cid_text + ": " + submitted.error().message,
                      {{"workflow_cid", cid_text}});
    return std::unexpected(refused(cid_text, submitted.error().message));
  }
  subscriber->add(subscription);
  return subscription;
}

}  // namespace every::gateway::rpc
