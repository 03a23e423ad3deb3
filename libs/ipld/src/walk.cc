#include "every/ipld/walk.h"

#include <algorithm>
#include <utility>

#include "every/ipld/links.h"

namespace every::ipld {

DagWalk::DagWalk(std::vector<Cid> roots, unixfs::BlockSource source, MissingBlocks missing)
    : source_(std::move(source)), missing_(missing), waiting_(std::move(roots)) {
  std::ranges::reverse(waiting_);
}

core::Result<std::optional<car::Block>> DagWalk::next() {
  while (!waiting_.empty()) {
    const Cid cid = std::move(waiting_.back());
    waiting_.pop_back();
    if (!seen_.insert(cid).second) continue;
    auto block = visit(cid);
    if (!block) waiting_.clear();
    if (!block || *block) return block;
  }
  return std::nullopt;
}

core::Result<std::optional<car::Block>> DagWalk::visit(const Cid& cid) {
  const bool is_inline = cid.hash_code() == HashCode::kIdentity;
  auto bytes = is_inline ? core::Result<core::Bytes>(core::to_bytes(cid.digest())) : source_(cid);
  if (!bytes && bytes.error().code == core::ErrorCode::kNotFound &&
      missing_ == MissingBlocks::kSkip)
    return std::nullopt;
  if (!bytes) return core::fail(std::move(bytes).error());
  EVERY_TRY_ASSIGN(std::vector<Cid> links, links_of(cid, *bytes));
  std::ranges::move(links.rbegin(), links.rend(), std::back_inserter(waiting_));
  if (is_inline) return std::nullopt;
  return car::Block{cid, std::move(*bytes)};
}

}  // namespace every::ipld
