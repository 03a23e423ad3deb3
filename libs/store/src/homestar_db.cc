#include "every/store/homestar_db.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "every/ipld/dag_cbor.h"
#include "every/sql/connection.h"
#include "every/store/homestar_form.h"

namespace every::store {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;
using sql::Statement;
using Step = Statement::Step;

core::Result<ipld::Cid> parse_cid(std::string_view text, const char* what) {
  auto cid = ipld::Cid::parse(text);
  if (!cid) return core::fail(core::Error(cid.error()).in(what));
  return cid;
}

core::Result<ipld::Value> decode(core::BytesView bytes, const char* what) {
  auto value = ipld::dag_cbor::decode(bytes, ipld::dag_cbor::Strictness::kRequest);
  if (!value) return core::fail(core::Error(value.error()).in(what));
  return value;
}

/// `2026-11-27 02:17:25.935945441`, UTC; the fraction may be shorter or missing. 0 when it is no time.
core::WallNanos parse_time(const std::string& text) {
  std::tm time{};
  int read = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%*1[ T]%2d:%2d:%2d%n", &time.tm_year, &time.tm_mon,
                  &time.tm_mday, &time.tm_hour, &time.tm_min, &time.tm_sec, &read) < 6)
    return 0;
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  core::WallNanos nanos = static_cast<core::WallNanos>(::timegm(&time)) * 1'000'000'000;
  std::size_t at = static_cast<std::size_t>(read);
  if (at >= text.size() || text[at] != '.') return nanos;
  core::WallNanos unit = 100'000'000;
  for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10)
    nanos += (text[at] - '0') * unit;
  return nanos;
}

/// Columns: cid, ran, instruction, out, meta, issuer, prf.
core::Result<ReceiptRecord> read_receipt(const Statement& row) {
  EVERY_TRY_ASSIGN(ipld::Cid cid, parse_cid(row.text(0), "cid"));
  EVERY_TRY_ASSIGN(ipld::Cid ran, parse_cid(row.text(1), "ran"));
  EVERY_TRY_ASSIGN(ipld::Cid instruction, parse_cid(row.text(2), "instruction"));
  EVERY_TRY_ASSIGN(ipld::Value out, decode(row.bytes(3), "out"));
  EVERY_TRY_ASSIGN(ipld::Value meta, decode(row.bytes(4), "meta"));
  EVERY_TRY_ASSIGN(ipld::Value prf, decode(row.bytes(6), "prf"));
  const ipld::List* tagged = out.if_list();
  if (tagged == nullptr || tagged->size() != 2 || tagged->front() != ipld::Value("ok"))
    return core::fail(ErrorCode::kUnsupported, "out: not a success, which alone is taken over");
  ipld::Value issuer = row.is_null(5) ? ipld::Value() : ipld::Value(std::string(row.text(5)));
  const ipld::Value receipt(ipld::Map{{"iss", std::move(issuer)},
                                      {"meta", std::move(meta)},
                                      {"out", std::move(out)},
                                      {"prf", std::move(prf)},
                                      {"ran", ipld::Value(ran)}});
  EVERY_TRY_ASSIGN(core::Bytes block, ipld::dag_cbor::encode(receipt));
  EVERY_TRY_ASSIGN(const bool matches, cid.matches(block));
  if (!matches)
    return core::fail(ErrorCode::kIntegrity, "its columns do not hash to its CID: it was changed");
  ReceiptRecord record{.cid = std::move(cid),
                       .instruction = std::move(instruction),
                       .ran = std::move(ran),
                       .block = std::move(block),
                       .engine = std::string(kHomestarEngine)};
  record.provenance = Provenance::kImported;
  return record;
}

core::Result<std::vector<HomestarWorkflow::Instruction>> read_resources(core::BytesView bytes) {
  EVERY_TRY_ASSIGN(const ipld::Value value, decode(bytes, "resources"));
  const ipld::Map* map = value.if_map();
  if (map == nullptr) return core::fail(ErrorCode::kMalformed, "resources: not a map");
  std::vector<HomestarWorkflow::Instruction> instructions;
  for (const auto& [key, list] : *map) {
    EVERY_TRY_ASSIGN(ipld::Cid cid, parse_cid(key, "resources"));
    HomestarWorkflow::Instruction instruction{std::move(cid), {}};
    if (const ipld::List* items = list.if_list()) {
      for (const ipld::Value& item : *items) {
        if (const auto* url = item.if_string()) instruction.resources.push_back(*url);
        if (const auto* link = item.if_link()) instruction.resources.push_back(link->render());
      }
    }
    instructions.push_back(std::move(instruction));
  }
  return instructions;
}

class SqliteHomestarDb final : public HomestarDb {
 public:
  static core::Result<std::unique_ptr<HomestarDb>> open(const fs::path& file) {
    auto db = std::make_unique<SqliteHomestarDb>();
    sql::OpenOptions options;
    options.mode = sql::Mode::kReadOnly;
    EVERY_TRY_ASSIGN(db->connection_, sql::Connection::open(file, options));
    EVERY_TRY_ASSIGN(const std::int64_t tables,
                     db->connection_->query_integer(
                         "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN "
                         "('workflows', 'receipts', 'workflows_receipts', "
                         "'__diesel_schema_migrations')"));
    if (tables != 4)
      return core::fail(ErrorCode::kMalformed,
                        file.string() +
                            " is no database of the original runtime: it has not its "
                            "tables (workflows, receipts, workflows_receipts)");
    EVERY_TRY_ASSIGN(db->receipts_, db->connection_->prepare(
                                        "SELECT cid, ran, instruction, out, meta, issuer, prf "
                                        "FROM receipts ORDER BY rowid"));
    EVERY_TRY_ASSIGN(db->workflows_,
                     db->connection_->prepare("SELECT cid, name, num_tasks, resources, created_at, "
                                              "status FROM workflows ORDER BY rowid"));
    EVERY_TRY_ASSIGN(db->links_,
                     db->connection_->prepare("SELECT receipt_cid FROM workflows_receipts "
                                              "WHERE workflow_cid = ? ORDER BY receipt_cid"));
    return db;
  }

  [[nodiscard]] core::Status each_receipt(const Take<ReceiptRecord>& take) override {
    return each<ReceiptRecord>(receipts_, "receipt", take,
                               [](const Statement& row) { return read_receipt(row); });
  }
  [[nodiscard]] core::Status each_workflow(const Take<HomestarWorkflow>& take) override {
    return each<HomestarWorkflow>(workflows_, "workflow", take,
                                  [this](const Statement& row) { return read_workflow(row); });
  }

 private:
  template <typename T, typename Read>
  static core::Status each(Statement& rows, const char* what, const Take<T>& take, Read read) {
    const sql::ResetAtEnd reset(rows);
    for (;;) {
      EVERY_TRY_ASSIGN(const Step step, rows.step());
      if (step == Step::kDone) return {};
      core::Result<T> record = read(rows);
      if (!record)
        record = core::fail(
            std::move(record).error().in(std::string(what) + " " + std::string(rows.text(0))));
      EVERY_TRY(take(std::move(record)));
    }
  }

  core::Result<HomestarWorkflow> read_workflow(const Statement& row) {
    EVERY_TRY_ASSIGN(ipld::Cid cid, parse_cid(row.text(0), "cid"));
    const std::string text = cid.render();
    HomestarWorkflow workflow{
        .cid = std::move(cid), .name = text, .status = {}, .instructions = {}, .receipts = {}};
    if (!row.is_null(1)) workflow.name = row.text(1);
    workflow.tasks = static_cast<std::uint32_t>(row.integer(2));
    EVERY_TRY_ASSIGN(workflow.instructions, read_resources(row.bytes(3)));
    workflow.created = parse_time(std::string(row.text(4)));
    workflow.status = row.text(5);
    const sql::ResetAtEnd reset(links_);
    links_.bind(1, std::string_view(text));
    for (;;) {
      EVERY_TRY_ASSIGN(const Step step, links_.step());
      if (step == Step::kDone) return workflow;
      EVERY_TRY_ASSIGN(ipld::Cid receipt, parse_cid(links_.text(0), "a receipt's link"));
      workflow.receipts.push_back(std::move(receipt));
    }
  }

  std::unique_ptr<sql::Connection> connection_;
  Statement receipts_;
  Statement workflows_;
  Statement links_;
};

}  // namespace

core::Result<std::unique_ptr<HomestarDb>> HomestarDb::open(const fs::path& file) {
  std::error_code problem;
  if (!fs::exists(file, problem))
    return core::fail(ErrorCode::kNotFound, "there is no file " + file.string() +
                                                "; the original's database is homestar.db in the "
                                                "folder it was started in, or its --db");
  auto db = SqliteHomestarDb::open(file);
  // What is no database is not damaged: it never was one.
  if (!db && db.error().code == ErrorCode::kIntegrity)
    return core::fail(ErrorCode::kMalformed,
                      file.string() + " cannot be read as a database: " + db.error().message);
  return db;
}

}  // namespace every::store
