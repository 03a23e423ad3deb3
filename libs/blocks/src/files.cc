#include <algorithm>
#include <string>
#include <utility>

#include "every/blocks/blocks.h"
#include "every/ipld/unixfs.h"

namespace every::blocks {
namespace {

using core::ErrorCode;
namespace unixfs = ipld::unixfs;

// What one transaction takes: enough that the commit costs little, little enough to hold in memory.
constexpr std::size_t kBatchBytes = 4 << 20;
constexpr std::size_t kReadBytes = 1 << 20;

/// Gathers blocks and puts them by the batch.
class Batches {
 public:
  explicit Batches(BlockStore& store) : store_(store) {}
  core::Status add(const ipld::Cid& cid, core::BytesView block) {
    blocks_.push_back({cid, core::to_bytes(block)});
    bytes_ += block.size();
    return bytes_ >= kBatchBytes ? flush() : core::Status();
  }
  core::Status flush() {
    if (blocks_.empty()) return {};
    EVERY_TRY(store_.put(blocks_));
    blocks_.clear();
    bytes_ = 0;
    return {};
  }

 private:
  BlockStore& store_;
  std::vector<Block> blocks_;
  std::size_t bytes_ = 0;
};

}  // namespace

core::Result<ipld::Cid> add_file(BlockStore& store, core::BytesView content) {
  Batches batches(store);
  EVERY_TRY_ASSIGN(auto imported,
                   unixfs::import_bytes(content, [&](const ipld::Cid& cid, core::BytesView block) {
                     return batches.add(cid, block);
                   }));
  EVERY_TRY(batches.flush());
  return std::move(imported.root);
}

core::Result<ipld::Cid> add_stream(
    BlockStore& store,
    const std::function<core::Result<std::size_t>(std::span<std::uint8_t>)>& read) {
  Batches batches(store);
  unixfs::Importer importer(
      [&](const ipld::Cid& cid, core::BytesView block) { return batches.add(cid, block); });
  core::Bytes buffer(kReadBytes);
  for (;;) {
    // Filled up before it is handed on: whole chunks are not copied again.
    std::size_t used = 0;
    while (used < buffer.size()) {
      EVERY_TRY_ASSIGN(const std::size_t got, read(std::span(buffer).subspan(used)));
      if (got > buffer.size() - used)
        return core::fail(ErrorCode::kInternal, "a reader gave more bytes than it was asked for");
      if (got == 0) break;
      used += got;
    }
    if (used == 0) break;
    EVERY_TRY(importer.add(core::BytesView(buffer).first(used)));
    if (used < buffer.size()) break;
  }
  EVERY_TRY_ASSIGN(auto imported, importer.finish());
  EVERY_TRY(batches.flush());
  return std::move(imported.root);
}

core::Result<ipld::Cid> cid_of_file(core::BytesView content) {
  EVERY_TRY_ASSIGN(auto imported, unixfs::import_bytes(content));
  return std::move(imported.root);
}

core::Result<core::Bytes> read_content(BlockStore& store, const ipld::Cid& cid,
                                       std::uint64_t limit) {
  const auto source = [&](const ipld::Cid& wanted) -> core::Result<core::Bytes> {
    EVERY_TRY_ASSIGN(auto block, store.find(wanted));
    if (block) return std::move(*block);
    std::string message = "block " + wanted.render() + " is not here";
    if (wanted != cid) message += ", though it is part of " + cid.render();
    return core::fail(core::Error{ErrorCode::kNotFound,
                                  message + "; add the content, or fetch it from who has it",
                                  {{"cid", wanted.render()}}});
  };
  core::Bytes content;
  const auto sink = [&](core::BytesView piece) -> core::Status {
    content.insert(content.end(), piece.begin(), piece.end());
    return {};
  };
  // The store verifies what it gives.
  auto size =
      unixfs::read_file(cid, source, sink, {.max_size = limit, .verify = unixfs::Verify::kNothing});
  if (size) return content;
  core::Error error = std::move(size).error();
  if (error.code == ErrorCode::kInvalidArgument) error.code = ErrorCode::kUnsupported;
  return core::fail(std::move(error));
}

}  // namespace every::blocks
