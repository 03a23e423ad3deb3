#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "benches.h"
#include "silence.h"

#include "every/runtime/node.h"
#include "every/store/store.h"
#include "every/wasm/executor.h"

namespace every::bench {

[[noreturn]] inline void give_up(const core::Error& error) {
  std::fprintf(stderr, "bench: %s\n", error.message.c_str());
  std::exit(1);
}
/// What should not fail here, or the bench ends.
template <typename T>
T must(core::Result<T> result) {
  if (!result) give_up(result.error());
  return std::move(*result);
}

/// The first task of a request, then so many less one that each take what the one before gives.
[[nodiscard]] workflow::NamedWorkflow chain(const runtime::RunRequest& first, std::size_t length);

/// A silent node over real parts, serving one component.
class BenchNode {
 public:
  /// in: workers   processes; name   of its home under the scratch folder
  BenchNode(const Settings& settings, const std::string& name, std::size_t workers,
            store::Durability durability, const std::string& component);
  ~BenchNode();
  BenchNode(const BenchNode&) = delete;
  BenchNode& operator=(const BenchNode&) = delete;

  [[nodiscard]] runtime::Node& node() { return *node_; }
  /// `func(a, b)` as a workflow of one task.
  [[nodiscard]] runtime::RunRequest call(const std::string& func, ipld::List args) const;
  /// Submits and waits; the bench ends when it fails.
  std::shared_ptr<const runtime::RunAnswer> run(runtime::RunRequest request);
  /// Distinct tasks `add(i, 0.5)`, so many in flight, for so long. out: tasks a second
  double rate(std::size_t in_flight, double seconds, double& next);

 private:
  Silence silence_;
  std::unique_ptr<runtime::Node> node_;
  ipld::Cid component_;
};

/// A worker pool as the product makes it.
[[nodiscard]] std::unique_ptr<wasm::Executor> make_pool(const Settings& settings,
                                                        std::size_t workers,
                                                        const std::string& cache);

}  // namespace every::bench
