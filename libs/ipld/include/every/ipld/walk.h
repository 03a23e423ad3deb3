#pragma once

#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/car.h"
#include "every/ipld/cid.h"
#include "every/ipld/unixfs.h"

/// Walking what hangs together: blocks and all they link to.
namespace every::ipld {

/// What happens to a link to a block that the source does not have.
enum class MissingBlocks : std::uint8_t {
  kFail,  ///< the walk ends with kNotFound
  kSkip,  ///< it is passed over
};

/// Gives the blocks of DAGs one by one: depth first, parents before their children, links in the order they are written, each block once.
/// The order depends on roots and blocks alone. Blocks inlined in their CID (identity) are followed and not given. Not thread-safe.
///
/// Memory: one block, the links that wait, and one CID a block given.
class DagWalk {
 public:
  /// in: source   gives blocks that were checked; kNotFound: absent
  DagWalk(std::vector<Cid> roots, unixfs::BlockSource source,
          MissingBlocks missing = MissingBlocks::kFail);

  /// The next block, none at the end.
  /// errors: those of the source and of links_of (kMalformed, kUnsupported a codec not known here); after one the walk is at its end
  [[nodiscard]] core::Result<std::optional<car::Block>> next();

 private:
  core::Result<std::optional<car::Block>> visit(const Cid& cid);
  unixfs::BlockSource source_;
  MissingBlocks missing_;
  std::vector<Cid> waiting_;  // the next at the back
  std::unordered_set<Cid> seen_;
};

}  // namespace every::ipld
