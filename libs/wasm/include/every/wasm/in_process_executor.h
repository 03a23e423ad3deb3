#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "every/wasm/executor.h"
#include "every/wasm/worker_pool.h"

namespace every::wasm {

struct InProcessOptions {
  std::size_t threads = 1;        ///< guests that run at once while all are short
  std::size_t max_threads = 32;   ///< and while some take long
  std::uint64_t guest_bytes = 0;  ///< of memory of all guests together; 0: no limit
  /// Where compiled code is kept, or empty: compiled anew in each process. A folder that others may write to is not used.
  std::filesystem::path code_cache;
  /// Told what a person should know: no pool, no cache.
  std::function<void(std::string)> on_notice;
};

/// Runs guests on threads of this process: inside worker processes, in tests, and with `--workers 0`.
class InProcessExecutor final : public Executor {
 public:
  /// errors: kUnavailable no engine can be made on this machine
  [[nodiscard]] static core::Result<std::unique_ptr<InProcessExecutor>> make(
      InProcessOptions options);
  ~InProcessExecutor() override;

  [[nodiscard]] core::Result<std::shared_ptr<const ComponentInfo>> prepare(
      const ipld::Cid& cid, core::BytesView bytes) override;
  [[nodiscard]] core::Result<std::shared_ptr<const ComponentInfo>> prepare_known(
      const ipld::Cid& cid) override;
  [[nodiscard]] std::shared_ptr<const ComponentInfo> find_prepared(
      const ipld::Cid& cid) const override;
  TaskId start(TaskSpec spec, OnLog on_log, OnDone on_done) override;
  void cancel(TaskId id) override;
  void stop() override;
  [[nodiscard]] std::size_t concurrency() const override;
  /// As WorkerExecutor::receive_with and ::waiting.
  void receive_with(std::move_only_function<Received()> receive);
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct Impl;
  explicit InProcessExecutor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace every::wasm
