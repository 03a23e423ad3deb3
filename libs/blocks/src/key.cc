#include "key.h"

#include "every/ipld/multihash.h"

namespace every::blocks {

using core::ErrorCode;

core::Bytes key_of(const ipld::Cid& cid) {
  return ipld::encode(ipld::Multihash{cid.hash_code(), core::to_bytes(cid.digest())});
}

std::optional<core::Bytes> inline_content(const ipld::Cid& cid) {
  if (cid.hash_code() != ipld::HashCode::kIdentity) return std::nullopt;
  return core::to_bytes(cid.digest());
}

core::Status check(std::span<const Block> blocks) {
  for (const Block& block : blocks) {
    EVERY_TRY_ASSIGN(const bool matches, block.cid.matches(block.bytes));
    if (!matches) {
      return core::fail(core::Error{
          ErrorCode::kIntegrity,
          "block " + block.cid.render() +
              " does not hash to its CID and is not kept; it was changed on its way here",
          {{"cid", block.cid.render()}}});
    }
  }
  return {};
}

core::Error damaged(const ipld::Cid& cid) {
  return core::Error{ErrorCode::kIntegrity,
                     "block " + cid.render() +
                         " is damaged where it is kept (it does not hash to its CID) and is not "
                         "served; check the disk, and add the content again",
                     {{"cid", cid.render()}}};
}

}  // namespace every::blocks
