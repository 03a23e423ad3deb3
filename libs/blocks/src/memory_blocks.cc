#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "key.h"

#include "every/blocks/blocks.h"

namespace every::blocks {
namespace {

/// Blocks in this process's memory: for tests and nodes that keep nothing.
class MemoryBlocks final : public BlockStore {
 public:
  core::Result<std::optional<core::Bytes>> find(const ipld::Cid& cid) override {
    if (auto content = inline_content(cid)) return content;
    core::Bytes bytes;
    {
      const std::shared_lock lock(mutex_);
      const auto at = blocks_.find(to_text(key_of(cid)));
      if (at == blocks_.end()) return std::nullopt;
      bytes = at->second;
    }
    EVERY_TRY_ASSIGN(const bool matches, cid.matches(bytes));
    if (!matches) return core::fail(damaged(cid));
    return std::optional(std::move(bytes));
  }
  core::Result<bool> has(const ipld::Cid& cid) override {
    if (cid.hash_code() == ipld::HashCode::kIdentity) return true;
    const std::shared_lock lock(mutex_);
    return blocks_.contains(to_text(key_of(cid)));
  }
  core::Status put(std::span<const Block> blocks) override {
    EVERY_TRY(check(blocks));
    const std::unique_lock lock(mutex_);
    for (const Block& block : blocks) {
      if (block.cid.hash_code() != ipld::HashCode::kIdentity)
        blocks_.try_emplace(to_text(key_of(block.cid)), block.bytes);
    }
    return {};
  }

 private:
  static std::string to_text(const core::Bytes& key) { return std::string(core::as_text(key)); }
  std::shared_mutex mutex_;
  std::unordered_map<std::string, core::Bytes> blocks_;
};

}  // namespace

std::unique_ptr<BlockStore> make_memory_blocks() {
  return std::make_unique<MemoryBlocks>();
}

}  // namespace every::blocks
