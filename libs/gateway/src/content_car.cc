#include "content_car.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <unordered_set>
#include <utility>

#include "every/ipld/car.h"
#include "every/ipld/path.h"
#include "every/ipld/unixfs_directory.h"
#include "every/ipld/walk.h"

namespace every::gateway {
namespace {

namespace unixfs = ipld::unixfs;

constexpr std::size_t kPieceBytes = std::size_t{256} << 10;

/// Which bytes of a file of `size` are meant. Clamped; a range beyond the end is an empty one at the end.
unixfs::ReadOptions options_of(const std::optional<EntityBytes>& bytes, std::uint64_t size) {
  unixfs::ReadOptions options;
  options.verify = unixfs::Verify::kNothing;
  if (!bytes) return options;
  const auto place = [size](std::int64_t at) -> std::uint64_t {
    if (at >= 0) return std::min(static_cast<std::uint64_t>(at), size);
    const std::uint64_t back = ~static_cast<std::uint64_t>(at) + 1;
    return back > size ? 0 : size - back;
  };
  options.offset = place(bytes->from);
  if (bytes->to) {
    const std::uint64_t to = place(*bytes->to);
    options.length = to < options.offset ? 0 : to - options.offset + 1;
  }
  return options;
}

class Maker final : public CarMaker {
 public:
  Maker(unixfs::BlockSource source, const ContentWish& wish)
      : source_(std::move(source)), wish_(wish) {}

  core::Status start(const ipld::Cid& root, const std::vector<std::string>& path) {
    EVERY_TRY_ASSIGN(ipld::PathEnd end, ipld::follow_path(root, path, recording()));
    path_ = std::move(end.roots);
    end_.emplace(std::move(end.cid));
    out_ = std::string(core::as_text(ipld::car::encode_header(std::span(&*end_, 1))));
    EVERY_TRY(choose(end.block));
    flush();
    return {};
  }

  [[nodiscard]] const std::vector<ipld::Cid>& path() const override { return path_; }

  core::Result<std::optional<std::string>> next() override {
    while (out_.size() < kPieceBytes && step_) {
      EVERY_TRY_ASSIGN(const bool more, step_());
      flush();
      if (!more) step_ = nullptr;
    }
    if (out_.empty()) return std::nullopt;
    return std::exchange(out_, {});
  }

 private:
  /// The source, remembering each block it gives.
  unixfs::BlockSource recording() {
    return [this](const ipld::Cid& cid) -> core::Result<core::Bytes> {
      EVERY_TRY_ASSIGN(core::Bytes bytes, source_(cid));
      add({cid, bytes});
      return bytes;
    };
  }
  void add(ipld::car::Block block) {
    const bool is_inline = block.cid.hash_code() == ipld::HashCode::kIdentity;
    if (!is_inline && given_.insert(block.cid).second) blocks_.push_back(std::move(block));
  }
  void flush() {
    for (const ipld::car::Block& block : blocks_) {
      const core::Bytes head = ipld::car::encode_block_header(block.cid, block.bytes.size());
      out_ += core::as_text(head);
      out_ += core::as_text(block.bytes);
    }
    blocks_.clear();
  }

  /// Sets step_ to what gives the blocks after those of the path, the last of which is the block the path leads to.
  core::Status choose(core::BytesView block) {
    if (wish_.scope == DagScope::kBlock) return {};
    if (wish_.scope == DagScope::kAll) {
      step_ = [this, walk = ipld::DagWalk({*end_}, source_)]() mutable -> core::Result<bool> {
        EVERY_TRY_ASSIGN(auto found, walk.next());
        if (!found) return false;
        add(std::move(*found));
        return true;
      };
      return {};
    }
    if (end_->codec() != ipld::Codec::kDagPb) return {};
    EVERY_TRY_ASSIGN(const unixfs::Kind kind, unixfs::kind_of(*end_, block));
    if (kind.type == unixfs::Type::kHamtShard) {
      step_ = [this]() -> core::Result<bool> {
        EVERY_TRY(unixfs::list_directory(*end_, recording()));
        return false;
      };
    } else if (kind.type == unixfs::Type::kFile) {
      EVERY_TRY_ASSIGN(
          auto opened,
          unixfs::FileReader::open(*end_, recording(), options_of(wish_.entity_bytes, kind.size)));
      step_ = [reader = std::move(opened)]() mutable -> core::Result<bool> {
        EVERY_TRY_ASSIGN(const auto piece, reader.next());
        return piece.has_value();
      };
    }
    return {};
  }

  const unixfs::BlockSource source_;
  const ContentWish wish_;
  std::optional<ipld::Cid> end_;
  std::vector<ipld::Cid> path_;
  std::deque<ipld::car::Block> blocks_;  // read and not yet written
  std::unordered_set<ipld::Cid> given_;
  std::string out_;
  std::move_only_function<core::Result<bool>()> step_;  // false: it was the last
};

}  // namespace

core::Result<std::unique_ptr<CarMaker>> CarMaker::open(const ipld::Cid& root,
                                                       const std::vector<std::string>& path,
                                                       unixfs::BlockSource source,
                                                       const ContentWish& wish) {
  auto maker = std::make_unique<Maker>(std::move(source), wish);
  EVERY_TRY(maker->start(root, path));
  return maker;
}

}  // namespace every::gateway
