#include "schema.h"

#include <array>

namespace every::store {
namespace {

// Never edit a step that was released: add the next.
constexpr std::array kMigrations = {sql::Migration{1, R"sql(
CREATE TABLE receipts (
  id          INTEGER PRIMARY KEY,
  cid         BLOB    NOT NULL UNIQUE,
  instruction BLOB    NOT NULL,
  ran         BLOB    NOT NULL,
  block       BLOB    NOT NULL,
  provenance  INTEGER NOT NULL,
  profile     INTEGER NOT NULL,
  engine      TEXT    NOT NULL,
  created     INTEGER NOT NULL,
  seal        INTEGER NOT NULL
) STRICT;
CREATE INDEX receipts_by_instruction ON receipts (instruction, provenance, id);

CREATE TABLE conflicts (
  instruction BLOB NOT NULL,
  kept        BLOB NOT NULL,
  other       BLOB NOT NULL,
  PRIMARY KEY (instruction, other)
) STRICT, WITHOUT ROWID;

CREATE TABLE failures (
  cid   BLOB NOT NULL,
  run   TEXT NOT NULL,
  block BLOB NOT NULL,
  PRIMARY KEY (cid, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX failures_by_run ON failures (run);

CREATE TABLE runs (
  id             TEXT    NOT NULL PRIMARY KEY,
  name           TEXT    NOT NULL,
  workflow       BLOB    NOT NULL,
  workflow_block BLOB    NOT NULL,
  extra          BLOB    NOT NULL,
  task_count     INTEGER NOT NULL,
  accepted       INTEGER NOT NULL,
  seal           INTEGER NOT NULL,
  status         INTEGER NOT NULL,
  error_code     TEXT    NOT NULL,
  error_message  TEXT    NOT NULL,
  finished       INTEGER NOT NULL,
  end_seal       INTEGER NOT NULL,
  resumptions    INTEGER NOT NULL
) STRICT;
CREATE INDEX runs_by_workflow ON runs (workflow);
CREATE INDEX runs_unfinished ON runs (id) WHERE status = 0;

CREATE TABLE tasks (
  run           TEXT    NOT NULL,
  task          INTEGER NOT NULL,
  status        INTEGER NOT NULL,
  instruction   BLOB    NOT NULL,
  receipt       BLOB,
  replayed      INTEGER NOT NULL,
  error_code    TEXT    NOT NULL,
  error_message TEXT    NOT NULL,
  seal          INTEGER NOT NULL,
  PRIMARY KEY (run, task)
) STRICT, WITHOUT ROWID;

CREATE TABLE logs (
  id       INTEGER PRIMARY KEY,
  run      TEXT    NOT NULL,
  task     INTEGER NOT NULL,
  time     INTEGER NOT NULL,
  level    INTEGER NOT NULL,
  category TEXT    NOT NULL,
  message  TEXT    NOT NULL,
  seal     INTEGER NOT NULL
) STRICT;
CREATE INDEX logs_by_run ON logs (run);

CREATE TABLE probe (n INTEGER NOT NULL) STRICT;
INSERT INTO probe VALUES (0);

PRAGMA user_version = 1
)sql"},
                                    sql::Migration{2, R"sql(
CREATE TABLE submissions (
  key    TEXT    NOT NULL PRIMARY KEY,
  digest BLOB    NOT NULL,
  run    TEXT    NOT NULL,
  seal   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX submissions_by_run ON submissions (run);

PRAGMA user_version = 2
)sql"},
                                    sql::Migration{3, R"sql(
ALTER TABLE receipts ADD COLUMN run      TEXT    NOT NULL DEFAULT '';
ALTER TABLE receipts ADD COLUMN task     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE receipts ADD COLUMN standing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE receipts ADD COLUMN decided  INTEGER NOT NULL DEFAULT 0;

CREATE TEMP TABLE makers (receipt BLOB NOT NULL PRIMARY KEY, run TEXT NOT NULL, task INTEGER NOT NULL);
INSERT OR IGNORE INTO makers
  SELECT receipt, run, task FROM tasks
  WHERE status = 0 AND replayed = 0 AND receipt IS NOT NULL ORDER BY run, task;
UPDATE receipts SET run = makers.run, task = makers.task FROM makers
  WHERE makers.receipt = receipts.cid AND receipts.provenance = 0;
DROP TABLE makers;

CREATE TABLE attestations (
  receipt BLOB NOT NULL,
  cid     BLOB NOT NULL,
  block   BLOB NOT NULL,
  PRIMARY KEY (receipt, cid)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
  component   BLOB    NOT NULL PRIMARY KEY,
  instruction BLOB    NOT NULL,
  kept        BLOB    NOT NULL,
  other       BLOB    NOT NULL,
  since       INTEGER NOT NULL,
  seal        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 3
)sql"},
                                    sql::Migration{4, R"sql(
CREATE INDEX runs_paused ON runs (id) WHERE status = 5;

PRAGMA user_version = 4
)sql"},
                                    sql::Migration{5, R"sql(
ALTER TABLE tasks ADD COLUMN way         INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN miss        INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN ready       INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN started     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN ended       INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN run_time    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN peak_memory INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN fuel        INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN bytes_in    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN bytes_out   INTEGER NOT NULL DEFAULT 0;

PRAGMA user_version = 5
)sql"},
                                    sql::Migration{6, R"sql(
CREATE TABLE pins (
  kind  INTEGER NOT NULL,
  what  TEXT    NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (kind, what)
) STRICT, WITHOUT ROWID;

CREATE TABLE dropping (run TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;

PRAGMA user_version = 6
)sql"}};

constexpr sql::Schema kSchema = {"store", "what it held is run again when asked for", 0x65767231,
                                 "PRAGMA application_id = 0x65767231", kMigrations};

}  // namespace

const sql::Schema& schema() {
  return kSchema;
}

}  // namespace every::store
