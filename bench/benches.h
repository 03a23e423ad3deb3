#pragma once

#include <cstddef>
#include <string>

#include "measure.h"

/// The parts of the bench. Each measures a bound of the budgets against its yardstick in the same run.
namespace every::bench {

struct Settings {
  std::string self;                  ///< this binary, for worker processes
  std::string functions;             ///< folder of math.wasm, subtract.wasm, multiply.wasm
  std::string types;                 ///< types.wasm
  std::string folder;                ///< scratch space on a real disk
  std::string every;                 ///< the product's binary
  double seconds = 1.0;              ///< of each rate
  std::size_t receipts = 1'000'000;  ///< of the large store
};

/// Wasmtime alone: store, instantiate, call, drop, in so many processes at once. out: calls a second, together
[[nodiscard]] double loop_rate_of_processes(const std::string& component, std::size_t processes,
                                            double seconds);

void bench_rates(const Settings& settings, Table& table);
void bench_floor(const Settings& settings, Table& table);
void bench_tasks(const Settings& settings, Table& table);
void bench_graphs(const Settings& settings, Table& table);
void bench_receipts(const Settings& settings, Table& table);
void bench_bytes(const Settings& settings, Table& table);
void bench_content(const Settings& settings, Table& table);
void bench_http(const Settings& settings, Table& table);
void bench_start(const Settings& settings, Table& table);

}  // namespace every::bench
