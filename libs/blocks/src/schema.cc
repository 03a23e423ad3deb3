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
)sql"},
                                    sql::Migration{2, R"sql(
CREATE TABLE components (
  id  INTEGER PRIMARY KEY,
  cid BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE published (
  peer        TEXT    NOT NULL PRIMARY KEY,
  component   INTEGER NOT NULL,
  receipt     INTEGER NOT NULL,
  receipt_cid BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE set_aside (
  peer TEXT    NOT NULL,
  cid  BLOB    NOT NULL,
  kind INTEGER NOT NULL,
  id   INTEGER NOT NULL,
  why  TEXT    NOT NULL,
  PRIMARY KEY (peer, cid)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 2
)sql"},
                                    sql::Migration{3, R"sql(
CREATE TABLE pins (
  root  BLOB    NOT NULL,
  cid   BLOB    NOT NULL,
  depth INTEGER NOT NULL,
  kind  INTEGER NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (root, cid)
) STRICT, WITHOUT ROWID;

CREATE TABLE earlier (last INTEGER NOT NULL) STRICT;
INSERT INTO earlier SELECT coalesce(max(id), 0) FROM blocks;

PRAGMA user_version = 3
)sql"}};

constexpr sql::Schema kSchema = {"block store", "content is added again when it is asked for",
                                 0x65766231, "PRAGMA application_id = 0x65766231", kMigrations};

}  // namespace

const sql::Schema& schema() {
  return kSchema;
}

}  // namespace every::blocks
