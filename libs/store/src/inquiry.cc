#include "every/store/inquiry.h"

#include <array>
#include <string>
#include <vector>

#include "schema.h"

#include "every/core/clock.h"
#include "every/ipld/cid.h"
#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"

namespace every::store {
namespace {

using core::BytesView;

// docs/formats/query.md says what the columns mean. Numbers of enums are those of every/store/store.h.
constexpr std::array kViews = {sql::View{"runs", R"sql(CREATE TEMP VIEW runs AS
SELECT id, name, cid(workflow) AS workflow, task_count AS tasks,
  CASE status WHEN 0 THEN 'running' WHEN 1 THEN 'completed' WHEN 2 THEN 'failed'
    WHEN 3 THEN 'cancelled' WHEN 4 THEN 'quarantined' WHEN 5 THEN 'paused' END AS status,
  nullif(error_code, '') AS error_code, nullif(error_message, '') AS error,
  timestamp(accepted) AS accepted, timestamp(finished) AS finished,
  CASE WHEN finished > 0 THEN (finished - accepted) / 1e9 END AS seconds, resumptions
FROM main.runs)sql"},
                               sql::View{"tasks", R"sql(CREATE TEMP VIEW tasks AS
SELECT run, task,
  CASE status WHEN 0 THEN 'ok' WHEN 1 THEN 'failed' WHEN 2 THEN 'skipped'
    WHEN 3 THEN 'cancelled' END AS status,
  cid(instruction) AS instruction, cid(receipt) AS receipt, replayed,
  nullif(error_code, '') AS error_code, nullif(error_message, '') AS error,
  CASE way WHEN 1 THEN 'none' WHEN 2 THEN 'ran' WHEN 3 THEN 'joined' WHEN 4 THEN 'hit' END AS way,
  CASE miss WHEN 1 THEN 'fresh' WHEN 2 THEN 'failure' WHEN 3 THEN 'forgotten'
    WHEN 4 THEN 'untrusted' WHEN 5 THEN 'profile' WHEN 6 THEN 'content'
    WHEN 7 THEN 'damaged' END AS miss,
  timestamp(ready) AS ready, timestamp(started) AS started, timestamp(ended) AS ended,
  CASE WHEN started > 0 THEN (started - ready) / 1e9 END AS waited,
  CASE WHEN started > 0 AND ended > 0 THEN (ended - started) / 1e9 END AS seconds,
  CASE WHEN run_time > 0 THEN run_time / 1e9 END AS guest_seconds,
  nullif(peak_memory, 0) AS peak_memory, nullif(fuel, 0) AS fuel,
  nullif(bytes_in, 0) AS bytes_in, nullif(bytes_out, 0) AS bytes_out
FROM main.tasks)sql"},
                               sql::View{"receipts", R"sql(CREATE TEMP VIEW receipts AS
SELECT id AS number, cid(cid) AS cid, cid(instruction) AS instruction, cid(ran) AS ran,
  result(block) AS result, length(block) AS bytes,
  CASE provenance WHEN 0 THEN 'local' WHEN 1 THEN 'imported' END AS provenance,
  CASE standing WHEN 0 THEN 'as it came' WHEN 1 THEN 'verified' WHEN 2 THEN 'trusted'
    WHEN 3 THEN 'forgotten' END AS standing,
  nullif(profile, 0) AS profile, nullif(engine, '') AS engine,
  timestamp(created) AS created, timestamp(decided) AS decided,
  nullif(run, '') AS run, CASE WHEN run <> '' THEN task END AS task
FROM main.receipts)sql"},
                               sql::View{"failures", R"sql(CREATE TEMP VIEW failures AS
SELECT cid(cid) AS cid, run, result(block) AS result, length(block) AS bytes FROM main.failures)sql"},
                               sql::View{"logs", R"sql(CREATE TEMP VIEW logs AS
SELECT id AS number, run, task, timestamp(time) AS time,
  CASE level WHEN 0 THEN 'trace' WHEN 1 THEN 'debug' WHEN 2 THEN 'info' WHEN 3 THEN 'warn'
    WHEN 4 THEN 'error' END AS level,
  category, message
FROM main.logs)sql"},
                               sql::View{"conflicts", R"sql(CREATE TEMP VIEW conflicts AS
SELECT cid(instruction) AS instruction, cid(kept) AS kept, cid(other) AS other
FROM main.conflicts)sql"},
                               sql::View{"attestations", R"sql(CREATE TEMP VIEW attestations AS
SELECT cid(receipt) AS receipt, cid(cid) AS cid FROM main.attestations)sql"},
                               sql::View{"quarantine", R"sql(CREATE TEMP VIEW quarantine AS
SELECT cid(component) AS component, cid(instruction) AS instruction, cid(kept) AS kept,
  cid(other) AS other, timestamp(since) AS since
FROM main.quarantine)sql"}};

std::optional<std::string> cid_text(const Cell& value) {
  const auto* bytes = std::get_if<BytesView>(&value);
  if (bytes == nullptr) return std::nullopt;
  const auto cid = ipld::Cid::decode(*bytes);
  if (!cid) return std::nullopt;
  return cid->render();
}

std::optional<std::string> timestamp_text(const Cell& value) {
  const auto* time = std::get_if<std::int64_t>(&value);
  if (time == nullptr || *time == 0) return std::nullopt;
  return core::render_timestamp(*time);
}

/// The value that a receipt says, as DAG-JSON: of a success what came out, of a failure what is told of it.
std::optional<std::string> result_text(const Cell& value) {
  const auto* block = std::get_if<BytesView>(&value);
  if (block == nullptr) return std::nullopt;
  const auto receipt = ipld::dag_cbor::decode(*block);
  const ipld::Map* map = receipt ? receipt->if_map() : nullptr;
  const ipld::Value* out = map != nullptr ? map->find("out") : nullptr;
  const ipld::List* pair = out != nullptr ? out->if_list() : nullptr;
  if (pair == nullptr || pair->size() != 2) return std::nullopt;
  auto json = ipld::dag_json::encode((*pair)[1]);
  if (!json) return std::nullopt;
  return std::move(*json);
}

constexpr std::array kFunctions = {sql::TextFunction{"cid", cid_text},
                                   sql::TextFunction{"timestamp", timestamp_text},
                                   sql::TextFunction{"result", result_text}};

}  // namespace

core::Result<std::unique_ptr<Inquiry>> open_inquiry(const std::filesystem::path& file,
                                                    const std::optional<InquiryPart>& content) {
  std::vector<InquiryPart> parts{{file, &schema(), kViews}};
  if (content) parts.push_back(*content);
  return Inquiry::open(parts, kFunctions);
}

core::Result<std::unique_ptr<sql::Connection>> open_snapshot(const std::filesystem::path& file) {
  return sql::open_snapshot(file, schema());
}

}  // namespace every::store
