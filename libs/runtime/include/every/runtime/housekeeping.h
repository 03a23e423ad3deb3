#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "every/core/clock.h"
#include "every/core/error.h"

/// What a node keeps, for how long, and what goes.
namespace every::runtime {

/// How long what a run leaves behind is kept: its document, tasks, failures and log. The results of its tasks stay in any case.
struct KeepLimits {
  std::chrono::nanoseconds run_age = std::chrono::hours(24 * 30);  ///< since its end; 0: for ever
  std::uint64_t run_bytes = std::uint64_t{1}
                            << 30;  ///< of all runs that are over and not pinned; 0: any number
};

/// What went because it had become too old, or too much.
struct Expired {
  std::uint64_t runs = 0;
  std::uint64_t tasks = 0;
  std::uint64_t failures = 0;
  std::uint64_t log_lines = 0;
  std::uint64_t bytes = 0;  ///< given back to the file system
};

struct CollectRequest {
  enum class What : std::uint8_t {
    kLook,  ///< nothing goes, it is only said what would
    kDo,
  } what = What::kLook;
  /// Results older than this that no run that stays has, and that are not pinned, go, too; none: all results stay.
  std::optional<std::chrono::nanoseconds> results_older_than = {};
  enum class Earlier : std::uint8_t {
    kComponents,  ///< of content from before it was noted who put it only components go
    kAll,
  } earlier = Earlier::kComponents;
};

/// What went, or would.
struct Collected {
  std::uint64_t runs = 0;
  std::uint64_t run_bytes = 0;
  std::uint64_t results = 0;
  std::uint64_t components = 0;  ///< whose content is among the blocks
  std::uint64_t blocks = 0;
  std::uint64_t block_bytes = 0;
  std::uint64_t bytes = 0;  ///< given back to the file system
  // What stays.
  std::uint64_t kept_runs = 0;
  std::uint64_t kept_results = 0;
  std::uint64_t kept_blocks = 0;
  std::uint64_t kept_block_bytes = 0;
  std::uint64_t earlier_blocks = 0;  ///< of the kept ones: from before it was noted who put them
};

/// What stays whatever its age.
struct Pin {
  enum class Kind : std::uint8_t {
    kRun,
    kResult,   ///< a receipt
    kContent,  ///< a component, a file, …: a CID with all it links to
    kAdded,    ///< content that somebody added or imported
  } kind = Kind::kContent;
  std::string what;  ///< an id, or a CID
  core::WallNanos since = 0;
};

/// Every call blocks; thread: any, but see post.
/// errors of all: kUnavailable the node is stopping; kIo, kResourceExhausted, kIntegrity
class Housekeeping {
 public:
  virtual ~Housekeeping() = default;

  /// Drops runs beyond the limits, oldest first, but neither unfinished nor pinned ones. The node does so by itself from time to time. What says what was
  /// run stays with the results: it is kept as content. On error what went is gone; doing it again goes on.
  [[nodiscard]] virtual core::Result<Expired> expire() = 0;

  /// Drops what nothing needs: expired runs, then content that nobody added and no run, served component, pin or result names. Runs may come and
  /// go meanwhile: what they need stays. On error, or when the process dies, what went is gone; doing it again goes on.
  /// errors: kConflict another collection is under way
  [[nodiscard]] virtual core::Result<Collected> collect(const CollectRequest& request) = 0;

  /// in: what   the id of a run that is over, the CID of a receipt, of a component or other content. errors: kNotFound it is not here; kUnsupported
  /// this node keeps content in memory
  [[nodiscard]] virtual core::Result<Pin> pin(const std::string& what) = 0;
  /// Of content that was added, too: nothing keeps it then. errors: kNotFound it is not pinned
  [[nodiscard]] virtual core::Result<Pin> unpin(const std::string& what) = 0;
  /// Runs and results first, then content, oldest first each.
  [[nodiscard]] virtual core::Result<std::vector<Pin>> pins() = 0;

  /// Runs one of the calls above on a thread for long work. Dropped when the node is stopping.
  virtual void post(std::move_only_function<void()> work) = 0;
};

}  // namespace every::runtime
