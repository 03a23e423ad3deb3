#pragma once

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "test_paths.h"
#include <gtest/gtest.h>

#include "every/core/file.h"
#include "every/ipld/dag_cbor.h"
#include "every/wasm/in_process_executor.h"

namespace every::wasm {

/// What one task came to.
struct Ran {
  core::Result<ipld::Value> value;
  std::vector<LogLine> lines;
  TaskStats stats;

  [[nodiscard]] std::string error() const { return value ? std::string() : value.error().message; }
  [[nodiscard]] core::ErrorCode code() const {
    return value ? core::ErrorCode::kInternal : value.error().code;
  }
};

/// An in-process executor with one component, and a way to call it and wait.
class Harness {
 public:
  explicit Harness(core::BytesView component, InProcessOptions options = {})
      : cid_(ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, component)) {
    auto executor = InProcessExecutor::make(std::move(options));
    EXPECT_TRUE(executor) << executor.error().message;
    executor_ = std::move(*executor);
    prepared_ = executor_->prepare(cid_, component);
  }
  /// A component given as text.
  static Harness wat(const std::string& text) { return Harness(core::as_bytes(text)); }

  [[nodiscard]] TaskSpec spec(std::string function, ipld::List args) const {
    TaskSpec spec{cid_, std::move(function), std::move(args), {}, {}};
    spec.limits.time = std::chrono::seconds(30);
    return spec;
  }
  Ran run(TaskSpec spec) {
    std::promise<TaskOutcome> done;
    std::vector<LogLine> lines;
    executor_->start(
        std::move(spec), [&](LogLine line) { lines.push_back(std::move(line)); },
        [&](TaskOutcome outcome) { done.set_value(std::move(outcome)); });
    auto outcome = done.get_future().get();
    if (!outcome.value) return {core::fail(outcome.value.error()), std::move(lines), outcome.stats};
    return {ipld::dag_cbor::decode(*outcome.value), std::move(lines), outcome.stats};
  }
  Ran call(std::string function, ipld::List args) {
    return run(spec(std::move(function), std::move(args)));
  }

  [[nodiscard]] InProcessExecutor& executor() { return *executor_; }
  [[nodiscard]] const ipld::Cid& cid() const { return cid_; }
  [[nodiscard]] const core::Result<std::shared_ptr<const ComponentInfo>>& prepared() const {
    return prepared_;
  }

 private:
  ipld::Cid cid_;
  std::unique_ptr<InProcessExecutor> executor_;
  core::Result<std::shared_ptr<const ComponentInfo>> prepared_;
};

inline core::Bytes read_data(const std::string& name) {
  auto bytes = core::read_file(std::string(EVERY_TEST_DATA_DIR) + "/" + name);
  EXPECT_TRUE(bytes) << name;
  return bytes.value_or(core::Bytes());
}

}  // namespace every::wasm
