// The memo of a store with many receipts.

#include <algorithm>
#include <cstdio>
#include <future>
#include <string>
#include <vector>

#include "bench_node.h"
#include "bench_receipt.h"
#include <unistd.h>

namespace every::bench {
namespace {

constexpr std::size_t kFew = 10'000;
constexpr std::size_t kBatch = 1000;
constexpr std::size_t kLookups = 200'000;

/// The store's own way for many rows: batches, of which several wait while one is written.
void fill(store::Store& store, std::size_t first, std::size_t last) {
  std::future<void> before;
  for (std::size_t begin = first; begin < last; begin += kBatch) {
    store::Batch batch;
    for (std::size_t i = begin; i < std::min(last, begin + kBatch); ++i)
      batch.receipts.push_back(make_receipt(i));
    auto written = std::make_shared<std::promise<void>>();
    auto arrives = written->get_future();
    store.commit(std::move(batch), [written](core::Status status) {
      if (!status) give_up(status.error());
      written->set_value();
    });
    if (before.valid()) before.get();
    before = std::move(arrives);
  }
  if (before.valid()) before.get();
  // What is still on its way to the disk is no look-up's to wait for.
  ::sync();
}

/// Look-ups of receipts that are there, all over the table.
Spread look_up(store::Store& store, std::size_t receipts) {
  std::vector<Seconds> times;
  times.reserve(kLookups);
  std::uint64_t state = 7;
  for (std::size_t i = 0; i < kLookups; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    const ipld::Cid instruction = instruction_of((state >> 33) % receipts);
    times.push_back(time([&] {
      if (!must(store.find_by_instruction(instruction)))
        give_up({core::ErrorCode::kNotFound, "a receipt is gone", {}});
    }));
  }
  return spread(std::move(times));
}

}  // namespace

void bench_receipts(const Settings& settings, Table& table) {
  const std::string file = settings.folder + "/receipts.db";
  const auto store =
      must(store::open_store({.file = file, .durability = store::Durability::kRelaxed}));
  fill(*store, 0, kFew);
  static_cast<void>(look_up(*store, kFew));
  const Spread few = look_up(*store, kFew);
  const Seconds filling = time([&] { fill(*store, kFew, settings.receipts); });
  static_cast<void>(look_up(*store, settings.receipts));
  const Spread many = look_up(*store, settings.receipts);
  char count[32];
  std::snprintf(count, sizeof count, "%.3g million", static_cast<double>(settings.receipts) / 1e6);
  table.at_most(
      std::string("look-up among ") + count + " receipts, p99 against 10,000", many.p99 / few.p99,
      2, " x",
      show(many.p99) + " of " + show(few.p99) + ", medians " + show(many.median) + " of " +
          show(few.median) + "; filled at " +
          show_rate(static_cast<double>(settings.receipts - kFew) / filling.count(), "receipts"));
  if (settings.receipts < 10'000'000)
    table.note("  the bound is for 10 million", "every_bench --only receipts --receipts 10000000");
}

}  // namespace every::bench
