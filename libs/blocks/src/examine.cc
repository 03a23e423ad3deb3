#include "every/blocks/examine.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "schema.h"

#include "every/ipld/cid.h"

namespace every::blocks {
namespace {

using core::ErrorCode;
using Kind = sql::KeyColumn::Kind;

constexpr std::uint32_t kPageBytes = 16384;
constexpr std::array<std::string_view, 1> kSealed{"blocks"};

core::Status check_block(const sql::Statement& row) {
  // A block is kept by its multihash; as content without a form it has a CID.
  core::Bytes cid{0x01, 0x55};
  const core::BytesView multihash = row.bytes(0);
  cid.insert(cid.end(), multihash.begin(), multihash.end());
  const auto name = ipld::Cid::decode(cid);
  if (!name) return core::fail(ErrorCode::kIntegrity, "a block under what is no hash");
  const auto matches = name->matches(row.bytes(1));
  if (matches && *matches) return {};
  return core::fail(ErrorCode::kIntegrity, "block " + name->render() + " does not hash to its CID");
}

core::Status check_component(const sql::Statement& row) {
  if (ipld::Cid::decode(row.bytes(0))) return {};
  return core::fail(ErrorCode::kIntegrity, "a component under what is no CID");
}

std::vector<sql::RowCheck> checks() {
  return {
      {"blocks",
       "SELECT multihash, bytes, rowid FROM blocks",
       "DELETE FROM blocks WHERE rowid = ?",
       {{2, Kind::kNumber}},
       check_block},
      {"components",
       "SELECT cid, rowid FROM components",
       "DELETE FROM components WHERE rowid = ?",
       {{1, Kind::kNumber}},
       check_component},
  };
}

}  // namespace

core::Result<Examination> examine_blocks(const std::filesystem::path& file) {
  return sql::examine(file, schema(), checks());
}

core::Result<Salvage> prepare_repair(const std::filesystem::path& file) {
  return sql::prepare_repair(file, schema(), kPageBytes, kSealed, checks());
}

}  // namespace every::blocks
