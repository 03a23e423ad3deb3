// Prints the budgets that can be measured today, each a ratio or a difference taken in this one run.
// Usage: every_bench [--only rates|floor|tasks|graphs|receipts|bytes|content|http|start] [--seconds S] [--receipts N] [--every BINARY]    from the top of the checkout

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "benches.h"
#include <unistd.h>

#include "every/wasm/worker_pool.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "__worker") == 0)
    return every::wasm::worker_main(every::wasm::kWorkerSocket, every::wasm::make_worker_executor);
  every::bench::Settings settings{.self = std::filesystem::read_symlink("/proc/self/exe").string(),
                                  .functions = "build/functions",
                                  .types = "libs/wasm/tests/data/types/types.wasm",
                                  .folder = "build/bench-scratch",
                                  .every = "build/release/every"};
  std::string only;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--only") == 0) only = argv[i + 1];
    if (std::strcmp(argv[i], "--seconds") == 0) settings.seconds = std::atof(argv[i + 1]);
    if (std::strcmp(argv[i], "--every") == 0) settings.every = argv[i + 1];
    if (std::strcmp(argv[i], "--receipts") == 0)
      settings.receipts = static_cast<std::size_t>(std::atoll(argv[i + 1]));
  }
  std::filesystem::remove_all(settings.folder);
  std::filesystem::create_directories(settings.folder);
  std::filesystem::permissions(settings.folder, std::filesystem::perms::owner_all);
  every::bench::Table table;
  const auto wanted = [&](const char* name) {
    if (!only.empty() && only != name) return false;
    // What the group before wrote is not this one's to wait for.
    ::sync();
    return true;
  };
  if (wanted("rates")) every::bench::bench_rates(settings, table);
  if (wanted("floor")) every::bench::bench_floor(settings, table);
  if (wanted("tasks")) every::bench::bench_tasks(settings, table);
  if (wanted("graphs")) every::bench::bench_graphs(settings, table);
  if (wanted("receipts")) every::bench::bench_receipts(settings, table);
  if (wanted("bytes")) every::bench::bench_bytes(settings, table);
  if (wanted("content")) every::bench::bench_content(settings, table);
  if (wanted("http")) every::bench::bench_http(settings, table);
  if (wanted("start")) every::bench::bench_start(settings, table);
  std::filesystem::remove_all(settings.folder);
  return table.all_passed() ? 0 : 1;
}
