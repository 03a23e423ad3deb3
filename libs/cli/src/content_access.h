#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "console.h"
#include "node_access.h"
#include "node_choices.h"

#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/ipld/unixfs.h"

namespace every::cli {

/// A CID and a path below it, as a person writes it: `CID`, `CID/a/b`, `/ipfs/CID/a`, `ipfs://CID/a`.
struct ContentPath {
  ipld::Cid root;
  std::vector<std::string> path;

  /// errors: kMalformed no CID
  [[nodiscard]] static core::Result<ContentPath> parse(std::string_view text);
  /// What a file of it is called: the last word of the path, or the CID.
  [[nodiscard]] std::string name() const { return path.empty() ? root.render() : path.back(); }
};

/// The content of a home's node, block by block. Not thread-safe.
class ContentAccess {
 public:
  /// Starts no worker processes. errors: those of NodeAccess::open
  [[nodiscard]] static core::Result<std::unique_ptr<ContentAccess>> open(NodeChoices choices,
                                                                         const Console& console);

  /// The content of a node that is open. It outlives this.
  explicit ContentAccess(NodeAccess& node) : node_(&node) {}

  /// Blocks of the node, or of where it fetches from. Checked there and here. Not beyond this object.
  [[nodiscard]] ipld::unixfs::BlockSource source();
  /// Blocks on their way to the node; they are there after flush().
  [[nodiscard]] ipld::unixfs::BlockSink sink();
  /// Sends what is on its way. in: root   what all of it is part of: from then on it is this user's, and stays
  /// errors: kUnavailable, kIo, kResourceExhausted the node's disk is full
  [[nodiscard]] core::Status flush(const ipld::Cid& root);
  /// … and nobody's: it stays for an hour, and as long as a run or something else that is kept names it.
  [[nodiscard]] core::Status flush() { return send({}); }

 private:
  explicit ContentAccess(std::unique_ptr<NodeAccess> node)
      : own_(std::move(node)), node_(own_.get()) {}
  core::Status send(std::span<const ipld::Cid> roots);
  std::unique_ptr<NodeAccess> own_;  // null: somebody else's
  NodeAccess* node_;
  std::string waiting_;  // blocks of a CAR that is to be sent
};

}  // namespace every::cli
