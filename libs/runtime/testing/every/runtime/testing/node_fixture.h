#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "every/blocks/blocks.h"
#include "every/blocks/publisher.h"
#include "every/core/log.h"
#include "every/ipld/dag_json.h"
#include "every/runtime/node.h"
#include "every/store/store.h"
#include "every/wasm/testing/fake_executor.h"
#include "every/workflow/short_form.h"

namespace every::runtime::testing {

/// Keeps every log record. thread: any.
class LogCollector final : public core::LogSink {
 public:
  void write(const core::LogRecord& record) override {
    const std::lock_guard lock(mutex_);
    records_.push_back(record);
  }
  [[nodiscard]] std::vector<std::string> messages() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const auto& record : records_) out.push_back(record.message);
    return out;
  }
  [[nodiscard]] std::vector<core::LogRecord> records() const {
    const std::lock_guard lock(mutex_);
    return records_;
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    records_.clear();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<core::LogRecord> records_;
};

/// A node over a fake executor, an in-memory store and in-memory blocks, serving the fake's standard functions.
///
/// `run(json)` submits a short-form workflow and waits for its answer.
class NodeFixture : public ::testing::Test {
 protected:
  explicit NodeFixture(wasm::testing::FakeMode mode = wasm::testing::FakeMode::kThreaded) {
    open(mode, store::StoreOptions{.durability = store::Durability::kMemory});
  }

  /// Opens the node, in place of the one that was there.
  void open(wasm::testing::FakeMode mode, const store::StoreOptions& store_options,
            NodeOptions options = {}) {
    node_.reset();
    auto executor = std::make_unique<wasm::testing::FakeExecutor>(mode);
    executor_ = executor.get();
    auto store = store::open_store(store_options);
    ASSERT_TRUE(store) << store.error().message;
    NodeParts parts;
    parts.executor = std::move(executor);
    store_ = store->get();
    parts.store = std::move(*store);
    blocks_ = nullptr;
    if (blocks_file_.empty()) {
      parts.blocks = blocks::make_memory_blocks();
    } else {
      auto opened = blocks::open_sqlite_blocks(blocks_file_, blocks::Sync::kRelaxed);
      ASSERT_TRUE(opened) << opened.error().message;
      parts.blocks = std::move(*opened);
    }
    blocks_ = parts.blocks.get();
    parts.logger = &logger_;
    parts.clock = node_clock_;
    parts.normalize_url = [](std::string_view url) -> core::Result<std::string> {
      return std::string(url);
    };
    auto node = Node::open(std::move(options), std::move(parts));
    ASSERT_TRUE(node) << node.error().message;
    node_ = std::move(*node);
    const auto loaded =
        node_->load("standard", "standard.wasm", wasm::testing::FakeExecutor::standard_bytes());
    ASSERT_TRUE(loaded) << loaded.error().message;
  }

  [[nodiscard]] workflow::NamedWorkflow parse(const std::string& json) {
    const auto document = ipld::dag_json::decode(json);
    EXPECT_TRUE(document) << json;
    auto workflow = workflow::parse_short_form(*document, *node_->functions(), {});
    EXPECT_TRUE(workflow) << workflow.error().summary;
    return std::move(*workflow);
  }

  [[nodiscard]] std::shared_ptr<RunHandle> submit(const std::string& json,
                                                  Reuse reuse = Reuse::kMemo,
                                                  RunObserver observer = nullptr) {
    return submit(parse(json), reuse, std::move(observer));
  }
  [[nodiscard]] std::shared_ptr<RunHandle> submit(workflow::NamedWorkflow workflow,
                                                  Reuse reuse = Reuse::kMemo,
                                                  RunObserver observer = nullptr) {
    RunRequest request;
    request.workflow = std::move(workflow);
    request.reuse = reuse;
    auto handle = node_->submit(std::move(request), std::move(observer));
    EXPECT_TRUE(handle) << handle.error().message;
    return *handle;
  }
  static std::shared_ptr<const RunAnswer> wait(const std::shared_ptr<RunHandle>& handle) {
    auto answer = handle->wait(core::Deadline::after(std::chrono::seconds(60)));
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *answer : nullptr;
  }
  std::shared_ptr<const RunAnswer> run(const std::string& json, Reuse reuse = Reuse::kMemo) {
    return wait(submit(json, reuse));
  }

  /// `{"run":{"name":NAME,"input":{"func":FUNC,"args":ARGS}}}`
  [[nodiscard]] static std::string task(const std::string& name, const std::string& func,
                                        const std::string& args) {
    return R"({"run":{"name":")" + name + R"(","input":{"func":")" + func + R"(","args":)" + args +
           "}}}";
  }
  [[nodiscard]] static std::string tasks(const std::vector<std::string>& list) {
    std::string out = R"({"tasks":[)";
    for (std::size_t i = 0; i < list.size(); ++i) out += (i > 0 ? "," : "") + list[i];
    return out + "]}";
  }
  [[nodiscard]] static std::string output(const std::string& name) {
    return "\"{{needs." + name + ".output}}\"";
  }

  LogCollector log_;
  core::SystemClock clock_;
  std::filesystem::path blocks_file_;        ///< of nodes opened from now on; empty: in memory
  const core::Clock* node_clock_ = &clock_;  ///< of nodes opened from now on
  core::Logger logger_{log_, clock_, core::LogLevel::kTrace, core::LogLevel::kTrace};
  wasm::testing::FakeExecutor* executor_ = nullptr;
  store::Store* store_ = nullptr;
  blocks::BlockStore* blocks_ = nullptr;
  std::unique_ptr<Node> node_;
};

}  // namespace every::runtime::testing
