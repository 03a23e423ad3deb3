#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "every/blocks/blocks.h"
#include "every/blocks/remote.h"
#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/core/log.h"
#include "every/core/metrics.h"
#include "every/ipld/cid.h"

/// Components and receipts of this home, on a Kubo, too.
namespace every::blocks {

/// A receipt in the order this home kept it.
struct KeptReceipt {
  std::int64_t id = 0;  ///< above 0, growing
  ipld::Cid cid;
  std::optional<core::Bytes> block;  ///< none: not one to publish (imported, say)
};
/// Receipts after an id, in order, at most so many; none at the end. Of receipts that are on the disk. thread: the publisher's
using KeptReceipts =
    std::function<core::Result<std::vector<KeptReceipt>>(std::int64_t after, std::size_t limit)>;

/// How patient publishing is.
struct PublishPatience {
  std::chrono::milliseconds first_pause{1000};     ///< after Kubo did not answer; doubled each time
  std::chrono::milliseconds longest_pause{30000};  ///< as far as it is doubled
  std::chrono::milliseconds refused{600000};       ///< until what was refused is tried again
  std::chrono::milliseconds contact{
      5000};  ///< without a word, until it is asked who it is before more is sent
  std::chrono::milliseconds at_stop{1500};  ///< for what is left when the node stops
};

/// Whether that no Kubo answers is worth a warning.
enum class NoKubo : std::uint8_t { kExpected, kAWarning };

struct PublisherOptions {
  std::filesystem::path
      file;  ///< the open block store's; empty: what was published is remembered in memory alone
  Sync sync = Sync::kDurable;
  NoKubo no_kubo = NoKubo::kExpected;
  PublishPatience patience;
};

/// Sends what this home keeps to a Kubo, behind it: components with `cid-version=1`, then receipts as DAG-CBOR, in the order they were kept.
///
/// Nothing waits for it. What was sent is remembered in the block store, for each Kubo by its peer id: whatever happens to Kubo or to this
/// process, all of it arrives sometime, and what arrives twice is the same. Failures are no receipts of this list, and are never sent.
/// Has a thread of its own. thread: any
class Publisher {
 public:
  /// in: kubo   this publisher's alone; logger, metrics   outlive it. errors: kIo, kIntegrity of the file
  [[nodiscard]] static core::Result<std::unique_ptr<Publisher>> make(
      const PublisherOptions& options, std::shared_ptr<Kubo> kubo, const core::Logger& logger,
      core::Metrics& metrics);
  virtual ~Publisher() = default;

  /// Begins. Called once. in: receipts, content   can be asked until stop() returns
  virtual void start(KeptReceipts receipts, BlockStore& content) = 0;
  /// A component is served here; its content is in the block store. errors: kIo, kResourceExhausted
  [[nodiscard]] virtual core::Status component_kept(const ipld::Cid& cid) = 0;
  /// Receipts were kept. Never blocks.
  virtual void receipts_kept() = 0;
  /// Sends what is left where Kubo takes it quickly, then ends. The rest is sent after the next start.
  virtual void stop() = 0;
};

}  // namespace every::blocks
