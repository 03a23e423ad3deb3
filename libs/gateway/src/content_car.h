#pragma once

#include <memory>
#include <string>
#include <vector>

#include "content_form.h"

#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/ipld/unixfs.h"

namespace every::gateway {

/// A CAR (version 1) made piece by piece: the blocks of a path, then the DAG it leads to, or a part of that.
///
/// Depth first, each block once, inlined ones left out. Its root is the block the path leads to or into. Not thread-safe.
class CarMaker {
 public:
  /// Follows the path. errors: those of ipld::follow_path
  [[nodiscard]] static core::Result<std::unique_ptr<CarMaker>> open(
      const ipld::Cid& root, const std::vector<std::string>& path, ipld::unixfs::BlockSource source,
      const ContentWish& wish);
  virtual ~CarMaker() = default;
  /// The blocks that the path leads through, the last one is the CAR's root.
  [[nodiscard]] virtual const std::vector<ipld::Cid>& path() const = 0;
  /// The next bytes, about 256 KiB, never empty; none at the end. errors: those of the walk
  [[nodiscard]] virtual core::Result<std::optional<std::string>> next() = 0;
};

}  // namespace every::gateway
