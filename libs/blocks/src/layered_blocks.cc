#include <utility>

#include "every/blocks/remote.h"

namespace every::blocks {
namespace {

using core::ErrorCode;

class LayeredBlocks final : public BlockStore {
 public:
  LayeredBlocks(std::unique_ptr<BlockStore> here, std::vector<std::shared_ptr<BlockSource>> sources,
                RemoteNotice on_notice)
      : here_(std::move(here)), sources_(std::move(sources)), on_notice_(std::move(on_notice)) {}

  core::Result<std::optional<core::Bytes>> find(const ipld::Cid& cid) override {
    EVERY_TRY_ASSIGN(auto block, here_->find(cid));
    if (block) return block;
    std::optional<core::Error> problem;
    for (const auto& source : sources_) {
      auto offered = source->fetch(cid);
      if (offered && !*offered) continue;
      if (offered) {
        EVERY_TRY_ASSIGN(const bool matches, cid.matches(**offered));
        if (matches) return keep(cid, std::move(**offered));
        offered = core::fail(core::Error{ErrorCode::kIntegrity,
                                         "what " + source->name() + " gives for " + cid.render() +
                                             " does not hash to that CID and is not used",
                                         {{"cid", cid.render()}}});
      }
      if (on_notice_) on_notice_(offered.error().message);
      // Wrong content weighs more than no answer.
      if (!problem || offered.error().code == ErrorCode::kIntegrity) problem = offered.error();
    }
    if (problem && problem->code != ErrorCode::kUnavailable) return core::fail(std::move(*problem));
    return std::nullopt;
  }
  core::Result<bool> has(const ipld::Cid& cid) override { return here_->has(cid); }
  core::Status put(std::span<const Block> blocks) override { return here_->put(blocks); }
  Housekeeping* housekeeping() override { return here_->housekeeping(); }

 private:
  core::Result<std::optional<core::Bytes>> keep(const ipld::Cid& cid, core::Bytes bytes) {
    const Block block{cid, std::move(bytes)};
    // A full disk is no reason to withhold what is at hand.
    if (auto kept = here_->put(std::span(&block, 1)); !kept && on_notice_)
      on_notice_("fetched content is not kept: " + kept.error().message);
    return std::optional(block.bytes);
  }

  std::unique_ptr<BlockStore> here_;
  std::vector<std::shared_ptr<BlockSource>> sources_;
  RemoteNotice on_notice_;
};

}  // namespace

std::unique_ptr<BlockStore> make_layered_blocks(std::unique_ptr<BlockStore> here,
                                                std::vector<std::shared_ptr<BlockSource>> sources,
                                                RemoteNotice on_notice) {
  return std::make_unique<LayeredBlocks>(std::move(here), std::move(sources), std::move(on_notice));
}

}  // namespace every::blocks
