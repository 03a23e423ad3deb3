#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>

#include "every/wasm/testing/fake_executor.h"

namespace every::wasm::testing {
namespace {

using core::ErrorCode;
using wit::Kind;

wit::TypePtr type(Kind kind) {
  return wit::make_primitive(kind);
}

core::Error argument_error(std::string what) {
  return {ErrorCode::kInvalidArgument, std::move(what), {}};
}

core::Result<double> number(const ipld::List& args, std::size_t index) {
  if (const auto* value = args[index].if_float()) return *value;
  if (const auto* value = args[index].if_integer()) return value->as_double();
  return core::fail(argument_error("argument " + std::to_string(index) + " is not a number"));
}

core::Result<std::string> text(const ipld::List& args, std::size_t index) {
  if (const auto* value = args[index].if_string()) return *value;
  return core::fail(argument_error("argument " + std::to_string(index) + " is not a string"));
}

core::Result<std::int64_t> integer(const ipld::List& args, std::size_t index) {
  const auto* value = args[index].if_integer();
  if (value == nullptr || !value->as_int64()) {
    return core::fail(argument_error("argument " + std::to_string(index) + " is not an integer"));
  }
  return *value->as_int64();
}

FakeFunction arithmetic(std::string name, std::function<double(double, double)> operation) {
  return make_function(
      std::move(name), {{"a", type(Kind::kF64)}, {"b", type(Kind::kF64)}}, type(Kind::kF64),
      [operation = std::move(operation)](const ipld::List& args) -> core::Result<ipld::Value> {
        EVERY_TRY_ASSIGN(const double a, number(args, 0));
        EVERY_TRY_ASSIGN(const double b, number(args, 1));
        return ipld::Value(operation(a, b));
      });
}

core::Result<ipld::Value> divide(const FakeCall& call) {
  EVERY_TRY_ASSIGN(const double a, number(call.args(), 0));
  EVERY_TRY_ASSIGN(const double b, number(call.args(), 1));
  if (b == 0) {
    call.log({core::LogLevel::kError, "guest:fake:divide", "Division by zero error"});
    return core::fail(
        ErrorCode::kGuestTrap,
        "not able to run fn divide: the guest stopped itself (Division by zero error)");
  }
  return ipld::Value(a / b);
}

core::Result<ipld::Value> write_lines(const FakeCall& call) {
  EVERY_TRY_ASSIGN(const auto message, text(call.args(), 0));
  EVERY_TRY_ASSIGN(const auto count, integer(call.args(), 1));
  for (std::int64_t i = 0; i < count; ++i)
    call.log({core::LogLevel::kInfo, "guest:fake:log", message});
  return ipld::Value(count);
}

core::Result<ipld::Value> join(const ipld::List& args) {
  const auto* values = args[0].if_list();
  if (values == nullptr) return core::fail(argument_error("argument 0 is not a list"));
  std::string joined;
  for (std::size_t i = 0; i < values->size(); ++i) {
    EVERY_TRY_ASSIGN(const auto part, text(*values, i));
    joined += part;
  }
  return ipld::Value(std::move(joined));
}

}  // namespace

FakeFunction make_function(std::string name, std::vector<wit::Param> params, wit::TypePtr result,
                           SimpleBody body) {
  return make_function_with_call(
      std::move(name), std::move(params), std::move(result),
      [body = std::move(body)](const FakeCall& call) { return body(call.args()); });
}

FakeFunction make_function_with_call(std::string name, std::vector<wit::Param> params,
                                     wit::TypePtr result, FakeBody body) {
  wit::Function function;
  function.name = std::move(name);
  function.params = std::move(params);
  function.result = std::move(result);
  return {std::move(function), std::move(body)};
}

core::Error wait_for_cancel(const FakeCall& call) {
  std::mutex mutex;
  std::condition_variable changed;
  bool cancelled = false;
  const auto registration = call.cancelled.on_cancel([&] {
    const std::lock_guard lock(mutex);
    cancelled = true;
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  const auto until =
      std::chrono::steady_clock::now() +
      std::min<std::chrono::nanoseconds>(call.spec.limits.time, std::chrono::hours(24));
  if (changed.wait_until(lock, until, [&] { return cancelled; }))
    return {ErrorCode::kCancelled, "cancelled while it ran", {}};
  return {ErrorCode::kTimeout, call.spec.function + " reached its time limit", {}};
}

std::vector<FakeFunction> standard_functions() {
  std::vector<FakeFunction> functions;
  const auto add = [&](FakeFunction function) { functions.push_back(std::move(function)); };
  add(arithmetic("add", [](double a, double b) { return a + b; }));
  add(arithmetic("subtract", [](double a, double b) { return a - b; }));
  add(arithmetic("multiply", [](double a, double b) { return a * b; }));
  add(make_function_with_call("divide", {{"a", type(Kind::kF64)}, {"b", type(Kind::kF64)}},
                              type(Kind::kF64), divide));
  add(make_function("add-integers", {{"a", type(Kind::kS64)}, {"b", type(Kind::kS64)}},
                    type(Kind::kS64), [](const ipld::List& args) -> core::Result<ipld::Value> {
                      EVERY_TRY_ASSIGN(const auto a, integer(args, 0));
                      EVERY_TRY_ASSIGN(const auto b, integer(args, 1));
                      return ipld::Value(a + b);
                    }));
  add(make_function("echo", {{"value", type(Kind::kString)}}, type(Kind::kString),
                    [](const ipld::List& args) -> core::Result<ipld::Value> { return args[0]; }));
  add(make_function("echo-bytes", {{"value", wit::make_list(type(Kind::kU8))}},
                    wit::make_list(type(Kind::kU8)),
                    [](const ipld::List& args) -> core::Result<ipld::Value> { return args[0]; }));
  add(make_function("join", {{"values", wit::make_list(type(Kind::kString))}}, type(Kind::kString),
                    join));
  add(make_function("fail", {{"message", type(Kind::kString)}},
                    wit::make_result(type(Kind::kString), type(Kind::kString)),
                    [](const ipld::List& args) -> core::Result<ipld::Value> {
                      return ipld::List{nullptr, args[0]};
                    }));
  add(make_function("check", {{"value", type(Kind::kF64)}},
                    wit::make_result(type(Kind::kF64), type(Kind::kString)),
                    [](const ipld::List& args) -> core::Result<ipld::Value> {
                      EVERY_TRY_ASSIGN(const double value, number(args, 0));
                      if (value < 0) return ipld::List{nullptr, "negative"};
                      return ipld::List{value, nullptr};
                    }));
  add(make_function("trap", {}, nullptr, [](const ipld::List&) -> core::Result<ipld::Value> {
    return core::fail(ErrorCode::kGuestTrap,
                      "not able to run fn trap: the guest stopped itself (unreachable)");
  }));
  add(make_function_with_call("slow", {}, type(Kind::kString),
                              [](const FakeCall& call) -> core::Result<ipld::Value> {
                                return core::fail(wait_for_cancel(call));
                              }));
  add(make_function_with_call("log",
                              {{"message", type(Kind::kString)}, {"count", type(Kind::kU32)}},
                              type(Kind::kU32), write_lines));
  add(make_function("nothing", {}, nullptr,
                    [](const ipld::List&) -> core::Result<ipld::Value> { return ipld::Value(); }));
  return functions;
}

}  // namespace every::wasm::testing
