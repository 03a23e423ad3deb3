#include "homestar_import.h"

#include <map>
#include <span>
#include <utility>

#include "run_id.h"

#include "every/ipld/dag_cbor.h"
#include "every/ipld/multihash.h"
#include "every/store/homestar_db.h"

namespace every::runtime {
namespace {

using ipld::List;
using ipld::Map;
using ipld::Value;

constexpr std::size_t kBatch = 1000;
constexpr std::size_t kMostReasons = 5;
constexpr std::string_view kInstructions = "homestar";

/// As the ids of runs made here, which sort by time; the same workflow of the original has the same one each time it is brought over.
std::string run_id_of(const store::HomestarWorkflow& workflow) {
  ipld::Hasher hasher(ipld::HashCode::kSha2_256);
  hasher.update(workflow.cid.encode());
  const core::Bytes digest = hasher.finish();
  return make_run_id(workflow.created, std::span(digest).last<kRunIdTail>());
}

/// The component among what an instruction needs: the first, which is its `rsc`.
Value component_of(const store::HomestarWorkflow::Instruction& instruction) {
  if (instruction.resources.empty()) return {};
  const auto cid = ipld::Cid::parse_reference(instruction.resources.front());
  return cid ? Value(*cid) : Value();
}

/// What is known of the tasks, for the place where runs keep what their document does not say:
/// `{"homestar": [[instruction, component or null, func or null], …]}`.
core::Result<core::Bytes> encode_tasks(const store::HomestarWorkflow& workflow,
                                       const std::map<ipld::Cid, std::string>& funcs) {
  List tasks;
  for (const auto& instruction : workflow.instructions) {
    const auto func = funcs.find(instruction.cid);
    tasks.emplace_back(List{Value(instruction.cid), component_of(instruction),
                            func != funcs.end() ? Value(func->second) : Value()});
  }
  return ipld::dag_cbor::encode(Value(Map{{std::string(kInstructions), Value(std::move(tasks))}}));
}

class Import {
 public:
  Import(store::Store& store, const core::Clock& clock, Believe believe)
      : store_(store), clock_(clock), believe_(believe) {}

  core::Result<HomestarReport> run(store::HomestarDb& db) {
    EVERY_TRY(db.each_receipt([this](core::Result<store::ReceiptRecord> receipt) {
      return take(std::move(receipt),
                  [this](store::ReceiptRecord record) { return take_receipt(std::move(record)); });
    }));
    EVERY_TRY(flush());
    EVERY_TRY(db.each_workflow([this](core::Result<store::HomestarWorkflow> workflow) {
      return take(std::move(workflow),
                  [this](const store::HomestarWorkflow& row) { return take_workflow(row); });
    }));
    EVERY_TRY(flush());
    return std::move(report_);
  }

 private:
  template <typename T, typename Keep>
  core::Status take(core::Result<T> row, Keep keep) {
    if (row) return keep(std::move(*row));
    ++report_.refused;
    if (report_.why.size() < kMostReasons) report_.why.push_back(row.error().message);
    return {};
  }

  core::Status take_receipt(store::ReceiptRecord record) {
    const auto known = store_.find_receipt(record.cid);
    if (known && *known) {
      ++report_.known;
      if (believe_ == Believe::kMyWord && (*known)->standing == store::Standing::kAsItCame &&
          (*known)->provenance == store::Provenance::kImported)
        batch_.standings.push_back({record.cid, store::Standing::kTrusted, clock_.wall()});
    } else {
      // A damaged row is replaced by the same receipt, sound.
      ++report_.receipts;
      record.created = clock_.wall();
      if (believe_ == Believe::kMyWord) {
        record.standing = store::Standing::kTrusted;
        record.decided = record.created;
      }
      batch_.receipts.push_back(std::move(record));
    }
    return flush_when_full();
  }

  core::Status take_workflow(const store::HomestarWorkflow& workflow) {
    store::RunRecord run{.id = run_id_of(workflow),
                         .name = workflow.name,
                         .workflow = workflow.cid,
                         .workflow_block = {},
                         .extra = {},
                         .error_code = {},
                         .error_message = {}};
    EVERY_TRY_ASSIGN(const auto kept, store_.find_run(run.id));
    if (kept) {
      ++report_.known_workflows;
      return {};
    }
    EVERY_TRY_ASSIGN(const std::size_t with_results, add_tasks(workflow, run));
    const std::size_t tasks = workflow.instructions.size();
    run.task_count = static_cast<std::uint32_t>(tasks);
    run.accepted = workflow.created;
    run.finished = workflow.created;
    run.status = store::RunStatus::kCompleted;
    if (with_results < tasks) {
      run.status = store::RunStatus::kFailed;
      run.error_code = core::info(core::ErrorCode::kNotFound).name;
      run.error_message = "the original kept no result of " + std::to_string(tasks - with_results) +
                          " of its " + std::to_string(tasks) +
                          " tasks; run the workflow again: what is known is not run again";
    }
    batch_.runs.push_back(std::move(run));
    ++report_.workflows;
    return flush_when_full();
  }

  /// Says how many tasks have a result.
  core::Result<std::size_t> add_tasks(const store::HomestarWorkflow& workflow,
                                      store::RunRecord& run) {
    std::map<ipld::Cid, ipld::Cid> receipts;
    std::map<ipld::Cid, std::string> funcs;
    for (const ipld::Cid& cid : workflow.receipts) {
      EVERY_TRY_ASSIGN(const auto record, store_.find_receipt(cid));
      if (!record) continue;
      receipts.emplace(record->instruction, cid);
      const auto receipt = invocation::Receipt::decode(record->block, cid);
      if (receipt && !receipt->op().empty()) funcs.emplace(record->instruction, receipt->op());
    }
    std::size_t with_results = 0;
    for (std::uint32_t task = 0; task < workflow.instructions.size(); ++task) {
      const auto receipt = receipts.find(workflow.instructions[task].cid);
      if (receipt == receipts.end()) continue;
      ++with_results;
      batch_.tasks.push_back({.run = run.id,
                              .task = task,
                              .status = store::TaskStatus::kOk,
                              .instruction = receipt->first,
                              .receipt = receipt->second,
                              .error_code = {},
                              .error_message = {}});
    }
    EVERY_TRY_ASSIGN(run.extra, encode_tasks(workflow, funcs));
    return with_results;
  }

  core::Status flush_when_full() {
    const bool full =
        batch_.receipts.size() + batch_.standings.size() + batch_.runs.size() >= kBatch;
    return full ? flush() : core::Status();
  }
  core::Status flush() {
    const bool empty = batch_.receipts.empty() && batch_.standings.empty() && batch_.runs.empty();
    return empty ? core::Status() : store_.commit_and_wait(std::exchange(batch_, {}));
  }

  store::Store& store_;
  const core::Clock& clock_;
  Believe believe_;
  store::Batch batch_;
  HomestarReport report_;
};

}  // namespace

core::Result<HomestarReport> import_homestar(store::Store& store, const core::Clock& clock,
                                             const std::filesystem::path& file, Believe believe) {
  EVERY_TRY_ASSIGN(const auto db, store::HomestarDb::open(file));
  return Import(store, clock, believe).run(*db);
}

core::Result<std::vector<TaskAnswer>> imported_tasks(const store::RunRecord& record) {
  EVERY_TRY_ASSIGN(const Value extra, ipld::dag_cbor::decode(record.extra));
  const Map* map = extra.if_map();
  const Value* list = map != nullptr ? map->find(kInstructions) : nullptr;
  if (list == nullptr || list->if_list() == nullptr)
    return core::fail(core::ErrorCode::kIntegrity, "run " + record.id + " has no workflow");
  std::vector<TaskAnswer> tasks;
  for (const Value& item : *list->if_list()) {
    const List* fields = item.if_list();
    if (fields == nullptr || fields->size() != 3 || (*fields)[0].if_link() == nullptr)
      return core::fail(core::ErrorCode::kIntegrity, "run " + record.id + " has a damaged task");
    TaskAnswer task{
        .name = {}, .func = {}, .component = {}, .instruction = *(*fields)[0].if_link()};
    task.task = static_cast<std::uint32_t>(tasks.size());
    if (const auto* component = (*fields)[1].if_link()) task.component = *component;
    if (const auto* func = (*fields)[2].if_string()) task.func = *func;
    task.name = task.func;
    tasks.push_back(std::move(task));
  }
  return tasks;
}

}  // namespace every::runtime
