// Content: chunking and hashing, and keeping what was chunked.

#include <cstdio>
#include <cstdlib>

#include "benches.h"

#include "every/blocks/blocks.h"

namespace every::bench {

void bench_content(const Settings& settings, Table& table) {
  constexpr std::size_t kSize = std::size_t{512} << 20;
  core::Bytes content(kSize);
  std::uint64_t state = 1;
  for (std::size_t i = 0; i < kSize; i += 8) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    for (std::size_t j = 0; j < 8; ++j)
      content[i + j] = static_cast<std::uint8_t>(state >> (8 * j));
  }
  const double mib = 512;
  table.note(
      "chunk and hash 512 MiB",
      show_rate(
          mib / median_time(2, [&] { static_cast<void>(blocks::cid_of_file(content)); }).count(),
          "MiB") +
          " (Kubo's add --only-hash: 582 MiB/s on the machine the budget was set on)");
  auto store = blocks::open_sqlite_blocks(settings.folder + "/content.db", blocks::Sync::kDurable);
  if (!store) {
    std::fprintf(stderr, "bench: %s\n", store.error().message.c_str());
    std::exit(1);
  }
  table.note(
      "import 512 MiB into the embedded store",
      show_rate(mib / time([&] { static_cast<void>(blocks::add_file(**store, content)); }).count(),
                "MiB") +
          " (Kubo's add: 286 MiB/s there)");
}

}  // namespace every::bench
