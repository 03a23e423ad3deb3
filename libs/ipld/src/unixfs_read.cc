#include <algorithm>
#include <utility>
#include <vector>

#include "every/ipld/dag_pb.h"
#include "every/ipld/unixfs.h"
#include "every/ipld/unixfs_data.h"

namespace every::ipld::unixfs {
namespace {

using core::ErrorCode;

enum class Place : std::uint8_t { kRoot, kBelow };

struct Child {
  Cid cid;
  std::uint64_t size;
};

/// A block understood: its own bytes, then the subtrees that follow them.
struct Part {
  core::Bytes content;
  std::vector<Child> children;
  std::uint64_t size = 0;  // of all of it
};

std::unexpected<core::Error> fail_at(const Cid& cid, ErrorCode code, const std::string& why) {
  const std::string text = cid.render();
  return core::fail(core::Error{code, "unixfs: block " + text + ": " + why, {}}.with("cid", text));
}

core::Result<core::Bytes> fetch(const Cid& cid, const BlockSource& source, Verify verify) {
  auto block = source(cid);
  if (!block) {
    core::Error error = std::move(block).error();
    if (error.find("cid").empty()) error = std::move(error).with("cid", cid.render());
    return core::fail(std::move(error));
  }
  if (verify == Verify::kHashes) {
    EVERY_TRY_ASSIGN(const bool matches, cid.matches(*block));
    if (!matches) {
      return fail_at(cid, ErrorCode::kIntegrity,
                     "its content does not have this hash; fetch it again from elsewhere");
    }
  }
  return block;
}

/// Adds the children a node's data tells sizes of, and checks that all sizes add up.
core::Status add_children(const Cid& cid, std::vector<dag_pb::Link> links, const Data& data,
                          Part& part) {
  if (data.block_sizes.size() != links.size()) {
    return fail_at(cid, ErrorCode::kMalformed,
                   std::to_string(links.size()) + " links with " +
                       std::to_string(data.block_sizes.size()) + " sizes");
  }
  part.children.reserve(links.size());
  for (std::size_t i = 0; i < links.size(); ++i) {
    const std::uint64_t size = data.block_sizes[i];
    // A link of nothing makes no file longer, but a tree of them makes reading endless.
    if (size == 0)
      return fail_at(cid, ErrorCode::kMalformed, "link " + std::to_string(i) + " holds no bytes");
    if (size > UINT64_MAX - part.size)
      return fail_at(cid, ErrorCode::kMalformed, "sizes beyond 64 bits");
    part.size += size;
    part.children.push_back(Child{std::move(links[i].cid), size});
  }
  if (data.file_size && *data.file_size != part.size) {
    return fail_at(cid, ErrorCode::kMalformed,
                   "it tells a size of " + std::to_string(*data.file_size) +
                       " bytes, its parts have " + std::to_string(part.size));
  }
  return {};
}

core::Result<Part> understand(const Cid& cid, core::Bytes block, Place place) {
  Part part;
  if (cid.codec() == Codec::kRaw) {
    part.size = block.size();
    part.content = std::move(block);
    return part;
  }
  const ErrorCode wrong_kind =
      place == Place::kRoot ? ErrorCode::kInvalidArgument : ErrorCode::kMalformed;
  if (cid.codec() != Codec::kDagPb)
    return fail_at(cid, wrong_kind, "not a file: neither dag-pb nor raw");
  auto node = dag_pb::decode(block);
  if (!node) return fail_at(cid, ErrorCode::kMalformed, node.error().message);
  if (!node->data) return fail_at(cid, ErrorCode::kMalformed, "a dag-pb node without UnixFS data");
  auto data = decode_data(*node->data);
  if (!data) return fail_at(cid, ErrorCode::kMalformed, data.error().message);
  if (data->type != Type::kFile && data->type != Type::kRaw) {
    return fail_at(cid, wrong_kind, "it is " + std::string(describe(data->type)) + ", not a file");
  }
  part.content = std::move(data->content);
  part.size = part.content.size();
  EVERY_TRY(add_children(cid, std::move(node->links), *data, part));
  return part;
}

}  // namespace

/// A file's tree in order: the bytes of a range, passing over the subtrees outside of it.
class FileReader::Impl {
 public:
  Impl(BlockSource source, Verify verify, std::uint64_t size, std::uint64_t begin,
       std::uint64_t end)
      : source_(std::move(source)), verify_(verify), size_(size), begin_(begin), end_(end) {}

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint64_t length() const { return end_ - begin_; }

  /// Takes a part on: its own content is next, then its children.
  void open(Part part) {
    const std::uint64_t start = at_;
    at_ += part.content.size();
    const std::uint64_t first = std::clamp(begin_, start, at_) - start;
    const std::uint64_t last = std::clamp(end_, start, at_) - start;
    piece_ = std::move(part.content);
    piece_.resize(last);
    piece_.erase(piece_.begin(), piece_.begin() + static_cast<std::ptrdiff_t>(first));
    open_.push_back(Level{std::move(part.children)});
  }

  core::Result<std::optional<core::Bytes>> next() {
    for (;;) {
      if (!piece_.empty()) return std::exchange(piece_, {});
      if (open_.empty() || at_ >= end_) return std::nullopt;
      Level& level = open_.back();
      if (level.next == level.children.size()) {
        open_.pop_back();
        continue;
      }
      const Child child = level.children[level.next++];
      // Sizes of children are checked to add up without overflow, so the sums here are sound.
      if (at_ + child.size <= begin_) {
        at_ += child.size;
        continue;
      }
      if (auto status = descend(child); !status) {
        open_.clear();
        return core::fail(std::move(status).error());
      }
    }
  }

 private:
  struct Level {
    std::vector<Child> children;
    std::size_t next = 0;
  };

  core::Status descend(const Child& child) {
    if (open_.size() == kMaxFileDepth) {
      return fail_at(child.cid, ErrorCode::kResourceExhausted,
                     "the file's tree is deeper than " + std::to_string(kMaxFileDepth) + " levels");
    }
    EVERY_TRY_ASSIGN(core::Bytes block, fetch(child.cid, source_, verify_));
    EVERY_TRY_ASSIGN(Part part, understand(child.cid, std::move(block), Place::kBelow));
    if (part.size != child.size) {
      return fail_at(child.cid, ErrorCode::kIntegrity,
                     "its parent told " + std::to_string(child.size) + " bytes, it has " +
                         std::to_string(part.size));
    }
    open(std::move(part));
    return {};
  }

  BlockSource source_;
  Verify verify_;
  std::uint64_t size_;
  std::uint64_t begin_;
  std::uint64_t end_;
  std::uint64_t at_ = 0;  // how far into the file
  core::Bytes piece_;     // to be given before anything else is read
  std::vector<Level> open_;
};

FileReader::FileReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FileReader::~FileReader() = default;
FileReader::FileReader(FileReader&&) noexcept = default;
FileReader& FileReader::operator=(FileReader&&) noexcept = default;

core::Result<FileReader> FileReader::open(const Cid& root, BlockSource source,
                                          const ReadOptions& options) {
  EVERY_TRY_ASSIGN(core::Bytes block, fetch(root, source, options.verify));
  EVERY_TRY_ASSIGN(Part part, understand(root, std::move(block), Place::kRoot));
  const std::uint64_t begin = std::min(options.offset, part.size);
  const std::uint64_t given = std::min(options.length, part.size - begin);
  if (given > options.max_size) {
    return fail_at(root, ErrorCode::kResourceExhausted,
                   std::to_string(given) + " bytes to read, at most " +
                       std::to_string(options.max_size) + " are taken here");
  }
  auto impl =
      std::make_unique<Impl>(std::move(source), options.verify, part.size, begin, begin + given);
  impl->open(std::move(part));
  return FileReader(std::move(impl));
}

std::uint64_t FileReader::size() const {
  return impl_->size();
}

std::uint64_t FileReader::length() const {
  return impl_->length();
}

core::Result<std::optional<core::Bytes>> FileReader::next() {
  return impl_->next();
}

core::Result<std::uint64_t> read_file(const Cid& root, const BlockSource& source,
                                      const ContentSink& sink, const ReadOptions& options) {
  EVERY_TRY_ASSIGN(FileReader reader, FileReader::open(root, source, options));
  for (;;) {
    EVERY_TRY_ASSIGN(const auto piece, reader.next());
    if (!piece) return reader.length();
    EVERY_TRY(sink(*piece));
  }
}

core::Result<core::Bytes> read_whole_file(const Cid& root, const BlockSource& source,
                                          std::uint64_t max_size) {
  core::Bytes out;
  const ContentSink append = [&out](core::BytesView piece) -> core::Status {
    out.insert(out.end(), piece.begin(), piece.end());
    return {};
  };
  ReadOptions options;
  options.max_size = max_size;
  EVERY_TRY(read_file(root, source, append, options));
  return out;
}

core::Result<std::uint64_t> file_size(const Cid& root, const BlockSource& source) {
  EVERY_TRY_ASSIGN(core::Bytes block, fetch(root, source, Verify::kHashes));
  EVERY_TRY_ASSIGN(const Part part, understand(root, std::move(block), Place::kRoot));
  return part.size;
}

}  // namespace every::ipld::unixfs
