// What stays because somebody asked for it.

#include <utility>

#include "housekeeping.h"

namespace every::runtime {
namespace {

using core::ErrorCode;

std::unexpected<core::Error> not_here(const std::string& what) {
  return core::fail(core::Error{ErrorCode::kNotFound,
                                "'" + what +
                                    "' is neither a run, nor a receipt of a result, nor content "
                                    "that is here; `every runs` lists runs, `every ipfs add` adds "
                                    "content",
                                {{"what", what}}});
}

/// A CID in the one way pins name it.
std::optional<ipld::Cid> read_cid(const std::string& what) {
  auto cid = ipld::Cid::parse_reference(what);
  return cid ? std::optional(std::move(*cid)) : std::nullopt;
}

}  // namespace

core::Result<Pin> HousekeepingImpl::pin(const std::string& what) {
  Pin pin{.what = what, .since = clock_.wall()};
  const auto cid = read_cid(what);
  if (!cid) {
    if (scheduler_->find(what) == nullptr) {
      EVERY_TRY_ASSIGN(const auto run, store_.find_run(what));
      if (!run) return not_here(what);
    }
    pin.kind = Pin::Kind::kRun;
    EVERY_TRY(store_.housekeeping().pin({store::StorePin::Kind::kRun, what, pin.since}));
    return pin;
  }
  pin.what = cid->render();
  EVERY_TRY_ASSIGN(const auto receipt, store_.find_receipt(*cid));
  if (receipt) {
    pin.kind = Pin::Kind::kResult;
    EVERY_TRY(store_.housekeeping().pin({store::StorePin::Kind::kReceipt, pin.what, pin.since}));
    return pin;
  }
  EVERY_TRY_ASSIGN(const auto failure, store_.find_receipt_block(*cid));
  if (failure)
    return core::fail(
        ErrorCode::kInvalidArgument,
        pin.what + " is the receipt of a failure, which goes with its run: pin the run");
  EVERY_TRY_ASSIGN(const bool here, blocks_.has(*cid));
  if (!here) return not_here(what);
  blocks::Housekeeping* keeping = blocks_.housekeeping();
  if (keeping == nullptr)
    return core::fail(ErrorCode::kUnsupported,
                      "this node keeps content in memory until it stops, so there is nothing to "
                      "pin; start it without --durability memory");
  EVERY_TRY(keeping->pin(*cid, blocks::PinKind::kPinned, pin.since));
  return pin;
}

core::Result<Pin> HousekeepingImpl::unpin(const std::string& what) {
  Pin pin{.kind = Pin::Kind::kRun, .what = what};
  bool was_pinned = false;
  if (const auto cid = read_cid(what)) {
    pin.kind = Pin::Kind::kResult;
    pin.what = cid->render();
    EVERY_TRY_ASSIGN(was_pinned,
                     store_.housekeeping().unpin(store::StorePin::Kind::kReceipt, pin.what));
    if (!was_pinned && blocks_.housekeeping() != nullptr) {
      pin.kind = Pin::Kind::kContent;
      EVERY_TRY_ASSIGN(was_pinned, blocks_.housekeeping()->unpin(*cid));
    }
  } else {
    EVERY_TRY_ASSIGN(was_pinned, store_.housekeeping().unpin(store::StorePin::Kind::kRun, what));
  }
  if (!was_pinned)
    return core::fail(ErrorCode::kNotFound,
                      "'" + what + "' is not pinned; `every pin ls` lists what is");
  return pin;
}

core::Result<std::vector<Pin>> HousekeepingImpl::pins() {
  std::vector<Pin> all;
  EVERY_TRY_ASSIGN(const auto stored, store_.housekeeping().pins());
  for (const store::StorePin& pin : stored) {
    all.push_back({pin.kind == store::StorePin::Kind::kRun ? Pin::Kind::kRun : Pin::Kind::kResult,
                   pin.what, pin.since});
  }
  if (blocks_.housekeeping() == nullptr) return all;
  EVERY_TRY_ASSIGN(const auto content, blocks_.housekeeping()->pins());
  for (const blocks::ContentPin& pin : content) {
    all.push_back({pin.kind == blocks::PinKind::kPinned ? Pin::Kind::kContent : Pin::Kind::kAdded,
                   pin.root.render(), pin.since});
  }
  return all;
}

}  // namespace every::runtime
