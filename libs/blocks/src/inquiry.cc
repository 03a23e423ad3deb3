#include "every/blocks/inquiry.h"

#include <array>

#include "schema.h"

namespace every::blocks {
namespace {

// docs/formats/query.md says what the columns mean. A block is kept by its multihash: its name here is that of raw bytes.
constexpr std::array kViews = {sql::View{"blocks", R"sql(CREATE TEMP VIEW blocks AS
SELECT cid(CAST(x'0155' || multihash AS BLOB)) AS cid, length(bytes) AS bytes FROM content.blocks)sql"},
                               sql::View{"components", R"sql(CREATE TEMP VIEW components AS
SELECT cid(cid) AS cid, id AS number FROM content.components)sql"}};

}  // namespace

sql::InquiryPart inquiry_part(const std::filesystem::path& file) {
  return {file, &schema(), kViews, "ATTACH ? AS content"};
}

core::Result<std::unique_ptr<sql::Connection>> open_snapshot(const std::filesystem::path& file) {
  return sql::open_snapshot(file, schema());
}

}  // namespace every::blocks
