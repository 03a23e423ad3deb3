// A worker process with the real engine, as the product has it.
#include "every/wasm/in_process_executor.h"
#include "every/wasm/worker_pool.h"

int main() {
  using namespace every::wasm;
  return worker_main(
      kWorkerSocket, [](const WorkerSettings& settings) -> every::core::Result<WorkerExecutor> {
        InProcessOptions options;
        options.threads = settings.threads;
        options.max_threads = settings.max_threads;
        options.code_cache = settings.code_cache;
        EVERY_TRY_ASSIGN(auto executor, InProcessExecutor::make(std::move(options)));
        auto* raw = executor.get();
        return WorkerExecutor{std::move(executor), [raw](const every::ipld::Cid& cid) {
                                return raw->prepare_cached(cid);
                              }};
      });
}
