#include "schema.h"

#include <array>

namespace every::blocks {
namespace {

// Never edit a step that was released: add the next.
constexpr std::array kMigrations = {sql::Migration{1, R"sql(
CREATE TABLE blocks (
  id        INTEGER PRIMARY KEY,
  multihash BLOB NOT NULL UNIQUE,
  bytes     BLOB NOT NULL
) STRICT;

PRAGMA user_version = 1
)sql"}};

constexpr sql::Schema kSchema = {"block store", "content is added again when it is asked for",
                                 0x65766231, "PRAGMA application_id = 0x65766231", kMigrations};

}  // namespace

const sql::Schema& schema() {
  return kSchema;
}

}  // namespace every::blocks
