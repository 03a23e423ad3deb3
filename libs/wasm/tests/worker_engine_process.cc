// A worker process with the real engine, as the product has it.
#include "every/wasm/worker_pool.h"

int main() {
  return every::wasm::worker_main(every::wasm::kWorkerSocket, every::wasm::make_worker_executor);
}
