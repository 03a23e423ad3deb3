#include <algorithm>
#include <utility>
#include <vector>

#include "every/ipld/dag_pb.h"
#include "every/ipld/unixfs.h"
#include "every/ipld/unixfs_data.h"

namespace every::ipld::unixfs {
namespace {

constexpr std::size_t kMaxChunk = 1048576;
constexpr std::size_t kMaxLinks = 1024;

core::Status check(const ImportOptions& options) {
  const auto refuse = [](const std::string& why) {
    return core::fail(core::ErrorCode::kInvalidArgument, "unixfs import: " + why);
  };
  if (options.chunk_size < 1 || options.chunk_size > kMaxChunk) {
    return refuse("chunks of " + std::to_string(options.chunk_size) +
                  " bytes; 1 to 1048576 are possible");
  }
  if (options.max_links < 2 || options.max_links > kMaxLinks) {
    return refuse(std::to_string(options.max_links) + " links a node; 2 to 1024 are possible");
  }
  return {};
}

/// A finished subtree, as its parent will link to it.
struct Child {
  Cid cid;
  std::uint64_t size;      // bytes of the file below it
  std::uint64_t dag_size;  // bytes of its blocks
};

}  // namespace

class Importer::Impl {
 public:
  Impl(BlockSink sink, const ImportOptions& options)
      : sink_(std::move(sink)), options_(options), valid_(check(options)) {
    if (valid_) pending_.reserve(options_.chunk_size);
  }

  core::Status add(core::BytesView piece) {
    EVERY_TRY(valid_);
    if (!pending_.empty()) {
      const std::size_t missing = std::min(options_.chunk_size - pending_.size(), piece.size());
      pending_.insert(pending_.end(), piece.begin(),
                      piece.begin() + static_cast<std::ptrdiff_t>(missing));
      piece = piece.subspan(missing);
      if (pending_.size() < options_.chunk_size) return {};
      EVERY_TRY(add_leaf(pending_));
      pending_.clear();
    }
    while (piece.size() >= options_.chunk_size) {
      EVERY_TRY(add_leaf(piece.first(options_.chunk_size)));
      piece = piece.subspan(options_.chunk_size);
    }
    pending_.insert(pending_.end(), piece.begin(), piece.end());
    return {};
  }

  core::Result<Imported> finish() {
    EVERY_TRY(valid_);
    // A chunk left open, or a file of nothing, which has one empty leaf.
    if (!pending_.empty() || levels_.empty()) EVERY_TRY(add_leaf(pending_));
    // Close the open nodes from the leaves up; all leaves lie equally deep.
    for (std::size_t level = 0;; ++level) {
      const bool top = level + 1 == levels_.size();
      if (top && level == 0 && levels_[0].size() == 1) break;
      EVERY_TRY_ASSIGN(Child node, close(level));
      if (top) {
        levels_[level].push_back(std::move(node));
        break;
      }
      EVERY_TRY(append(level + 1, std::move(node)));
    }
    Child root = std::move(levels_.back().front());
    return Imported{std::move(root.cid), root.size, root.dag_size};
  }

 private:
  core::Status emit(const Cid& cid, core::BytesView block) {
    return sink_ ? sink_(cid, block) : core::Status();
  }

  core::Status add_leaf(core::BytesView content) {
    if (options_.leaves == Leaves::kRaw) {
      Cid cid = Cid::of(Codec::kRaw, HashCode::kSha2_256, content);
      EVERY_TRY(emit(cid, content));
      return append(0, Child{std::move(cid), content.size(), content.size()});
    }
    Data data;
    data.content = core::to_bytes(content);
    data.file_size = content.size();
    EVERY_TRY_ASSIGN(Child leaf, make_node({}, data, 0));
    return append(0, std::move(leaf));
  }

  /// Puts a subtree at the end of a level, closing the level's node first when it is full.
  core::Status append(std::size_t level, Child child) {
    if (level == levels_.size()) levels_.emplace_back();
    if (levels_[level].size() == options_.max_links) {
      EVERY_TRY_ASSIGN(Child full, close(level));
      EVERY_TRY(append(level + 1, std::move(full)));
    }
    levels_[level].push_back(std::move(child));
    return {};
  }

  /// Makes the node over the open subtrees of a level, which is then empty.
  core::Result<Child> close(std::size_t level) {
    Data data;
    std::uint64_t size = 0;
    std::uint64_t dag_size = 0;
    std::vector<dag_pb::Link> links;
    links.reserve(levels_[level].size());
    data.block_sizes.reserve(levels_[level].size());
    for (Child& child : levels_[level]) {
      size += child.size;
      dag_size += child.dag_size;
      data.block_sizes.push_back(child.size);
      links.push_back(dag_pb::Link{std::move(child.cid), std::string(), child.dag_size});
    }
    levels_[level].clear();
    data.file_size = size;
    return make_node(std::move(links), data, dag_size);
  }

  core::Result<Child> make_node(std::vector<dag_pb::Link> links, const Data& data,
                                std::uint64_t below) {
    const dag_pb::Node node{std::move(links), encode_data(data)};
    EVERY_TRY_ASSIGN(const core::Bytes block, dag_pb::encode(node));
    EVERY_TRY_ASSIGN(core::Bytes hash, digest(HashCode::kSha2_256, block));
    EVERY_TRY_ASSIGN(Cid cid, Cid::make(options_.version == CidVersion::k0 ? 0 : 1, Codec::kDagPb,
                                        Multihash{HashCode::kSha2_256, std::move(hash)}));
    EVERY_TRY(emit(cid, block));
    return Child{std::move(cid), data.file_size.value_or(0), below + block.size()};
  }

  BlockSink sink_;
  ImportOptions options_;
  core::Status valid_;
  core::Bytes pending_;                     // the start of a chunk
  std::vector<std::vector<Child>> levels_;  // open nodes, leaves first
};

Importer::Importer(BlockSink sink, const ImportOptions& options)
    : impl_(std::make_unique<Impl>(std::move(sink), options)) {}
Importer::~Importer() = default;
Importer::Importer(Importer&&) noexcept = default;
Importer& Importer::operator=(Importer&&) noexcept = default;

core::Status Importer::add(core::BytesView piece) {
  return impl_->add(piece);
}
core::Result<Imported> Importer::finish() {
  return impl_->finish();
}

core::Result<Imported> import_bytes(core::BytesView content, const BlockSink& sink,
                                    const ImportOptions& options) {
  Importer importer(sink, options);
  EVERY_TRY(importer.add(content));
  return importer.finish();
}

}  // namespace every::ipld::unixfs
