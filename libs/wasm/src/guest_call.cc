#include "guest_call.h"

#include <utility>

#include "flat_values.h"
#include "guest_output.h"
#include "last_words.h"
#include <every_engines.h>

#include "every/core/text.h"
#include "every/ipld/dag_cbor.h"

namespace every::wasm {
namespace {

using core::ErrorCode;
using core::Result;

std::string bytes_text(std::uint64_t bytes) {
  std::string text = std::to_string(bytes) + " bytes";
  for (const auto& [shift, unit] :
       {std::pair(30, "GiB"), std::pair(20, "MiB"), std::pair(10, "KiB")}) {
    if (bytes != 0 && bytes % (std::uint64_t{1} << shift) == 0)
      return text + " (" + std::to_string(bytes >> shift) + " " + unit + ")";
  }
  return text;
}

/// Arguments of a call in flat form, each judged by its parameter.
Result<core::Bytes> encode_arguments(const wit::Function& function, const ipld::List& args) {
  if (args.size() != function.params.size()) {
    return core::fail(ErrorCode::kInvalidArgument,
                      "it takes " + std::to_string(function.params.size()) + " arguments, got " +
                          std::to_string(args.size()) + ": " + wit::render(function));
  }
  core::Bytes out;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const auto& param = function.params[i];
    if (auto status = encode_flat(args[i], *param.type, {}, out); !status) {
      return core::fail(std::move(status).error().in("parameter `" + param.name + "`"));
    }
  }
  return out;
}

/// Room for the heads around a payload of exactly the limit.
constexpr std::uint64_t kSlack = 64;

/// The result in the form that receipts hash.
Result<core::Bytes> encode_result(const wit::Function& function, core::BytesView flat,
                                  std::uint64_t limit) {
  ipld::Value value;
  if (function.result) {
    EVERY_TRY_ASSIGN(value, decode_flat(flat, *function.result));
  }
  EVERY_TRY_ASSIGN(auto encoded, ipld::dag_cbor::encode(value));
  if (encoded.size() > limit && encoded.size() - limit > kSlack) {
    return core::fail(ErrorCode::kResourceExhausted,
                      "its result is larger than the limit of " + bytes_text(limit));
  }
  return encoded;
}

/// What ended the guest, in words that say what to do about it.
std::string reason(const CallOutcome& outcome, const TaskSpec& spec) {
  const std::string& text = outcome.value.error().message;
  switch (outcome.status) {
    case EVERY_STATUS_MEMORY_LIMIT:
      if (outcome.limit != spec.limits.memory_bytes)
        return "there was no memory left for it (" + text + ")";
      return "it reached the memory limit of " + bytes_text(outcome.limit) +
             "; give the task more in `meta.memory` or the node's settings";
    case EVERY_STATUS_MEMORY_BUDGET:
      return "it wanted " + bytes_text(outcome.wanted) +
             " while all guests of its worker together hold the " + bytes_text(outcome.limit) +
             " they may have; run fewer such tasks at once, try again, or raise "
             "every.limits.guest_memory";
    case EVERY_STATUS_TABLE_LIMIT:
      return "it reached the limit of " + std::to_string(outcome.limit) + " table elements";
    case EVERY_STATUS_STACK_LIMIT:
      return "it reached the stack limit of " + bytes_text(EVERY_STACK_BYTES) +
             "; a recursion without end, most likely";
    case EVERY_STATUS_FUEL_LIMIT:
      return "it used up its fuel limit of " + std::to_string(spec.limits.fuel.value_or(0)) +
             "; give the task more in `meta.fuel`";
    case EVERY_STATUS_TIME_LIMIT:
      return "it reached the time limit of " +
             std::to_string(
                 std::chrono::duration_cast<std::chrono::milliseconds>(spec.limits.time).count()) +
             " ms; give the task more in `meta.time` or the node's settings";
    case EVERY_STATUS_RESULT_LIMIT:
      return "its result is larger than the limit of " + bytes_text(outcome.limit);
    default:
      return text;
  }
}

core::Error guest_error(const CallOutcome& outcome, const TaskSpec& spec, const LastWords& words) {
  core::Error error = outcome.value.error();
  error.message = reason(outcome, spec);
  // Only an end of the guest's own making is explained by what it said last.
  const bool own = outcome.status == EVERY_STATUS_TRAP || outcome.status == EVERY_STATUS_EXIT;
  if (own && !words.sentence.empty()) error = std::move(error).in(words.sentence);
  if (own && !words.stack.empty()) error = std::move(error).with("stack", words.stack);
  if (outcome.backtrace.empty()) return error;
  return std::move(error).with("backtrace", core::to_valid_utf8(outcome.backtrace));
}

CallOptions call_options(const TaskSpec& spec, std::uint64_t memory_budget,
                         const std::atomic<bool>& cancelled, GuestOutput& output) {
  CallOptions options;
  options.seed = spec.seed;
  options.memory_bytes = spec.limits.memory_bytes;
  options.memory_budget = memory_budget;
  options.fuel = spec.limits.fuel.value_or(UINT64_MAX);
  options.result_bytes = spec.limits.result_bytes;
  options.cancelled = &cancelled;
  const auto now = std::chrono::steady_clock::now();
  if (spec.limits.time < std::chrono::steady_clock::time_point::max() - now)
    options.deadline = now + spec.limits.time;
  options.on_output = [&output](GuestSource source, std::uint32_t level, std::string_view category,
                                std::string_view text) {
    output.write(source, level, category, text);
  };
  return options;
}

}  // namespace

Result<std::uint32_t> number_of(const Component& component, const wit::Function& function) {
  for (const auto& candidate : component.functions()) {
    if (candidate.function->name == function.name &&
        candidate.function->interface_name == function.interface_name)
      return candidate.number;
  }
  return core::fail(ErrorCode::kInternal,
                    "function `" + function.qualified_name() + "` is not in its own component");
}

TaskOutcome call_guest(const Component& component, const wit::Function& function,
                       const TaskSpec& spec, std::uint64_t memory_budget,
                       const std::atomic<bool>& cancelled,
                       const std::function<void(LogLine)>& on_line) {
  const std::string name = function.qualified_name();
  const auto failed = [&](core::Error error, TaskStats stats) {
    return TaskOutcome{core::fail(std::move(error).in("not able to run fn " + name)), stats};
  };
  const auto number = number_of(component, function);
  if (!number) return failed(number.error(), {});
  const auto arguments = encode_arguments(function, spec.args);
  if (!arguments) return failed(arguments.error(), {});

  GuestOutput output(name, spec.limits.log_lines, on_line);
  const auto options = call_options(spec, memory_budget, cancelled, output);
  const auto start = std::chrono::steady_clock::now();
  const auto outcome = component.call(*number, *arguments, options);
  const TaskStats stats{std::chrono::steady_clock::now() - start, outcome.peak_memory_bytes,
                        outcome.fuel};
  const auto words = output.last_words();
  output.finish();
  if (!outcome.value) return failed(guest_error(outcome, spec, words), stats);
  auto encoded = encode_result(function, *outcome.value, spec.limits.result_bytes);
  if (!encoded) return failed(std::move(encoded).error(), stats);
  return {std::move(encoded), stats};
}

}  // namespace every::wasm
