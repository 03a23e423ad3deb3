#include "every/runtime/node.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include "active_run.h"
#include "homestar_import.h"
#include "housekeeping.h"
#include "run_handle.h"
#include "scheduler.h"
#include "sharing_impl.h"
#include "steering_impl.h"
#include "why.h"
#include "wit_docs.h"

#include "every/blocks/blocks.h"
#include "every/blocks/publisher.h"
#include "every/blocks/remote.h"
#include "every/store/store.h"
#include "every/wasm/executor.h"

namespace every::runtime {
namespace {

void append_load(const Scheduler& scheduler, store::Store& store,
                 std::vector<core::MetricFamily>& families) {
  const Scheduler::Load load = scheduler.load();
  const auto append = [&](const char* name, const char* help, std::uint64_t value) {
    families.push_back(
        {name, help, core::MetricFamily::Type::kGauge, {{{}, static_cast<double>(value), {}}}});
  };
  append("every_runs_active", "Runs under way.", load.runs);
  if (const auto paused = store.count_paused())
    append("every_runs_paused", "Runs that are paused.", *paused);
  append("every_tasks_queued", "Tasks that wait for a worker.", load.queued);
  append("every_tasks_running", "Tasks handed to the workers.", load.started);
}

/// Receipts in the order they were kept, those that were made here with their blocks.
core::Result<std::vector<blocks::KeptReceipt>> receipts_to_publish(store::Store& store,
                                                                   std::int64_t after,
                                                                   std::size_t limit) {
  std::vector<blocks::KeptReceipt> receipts;
  // A row that is damaged is nobody's receipt; a page of nothing else is not the end.
  for (bool end = false; receipts.empty() && !end;) {
    EVERY_TRY_ASSIGN(auto rows, store.list_receipts(after, limit));
    end = rows.empty();
    for (store::ListedReceipt& row : rows) {
      after = row.id;
      if (!row.record) continue;
      const bool ours = row.record->provenance == store::Provenance::kLocal &&
                        row.record->standing != store::Standing::kForgotten;
      receipts.push_back({row.id, row.record->cid,
                          ours ? std::optional(std::move(row.record->block)) : std::nullopt});
    }
  }
  return receipts;
}

class NodeImpl final : public Node {
 public:
  NodeImpl(NodeOptions options, NodeParts parts)
      : options_(std::move(options)),
        parts_(std::move(parts)),
        scheduler_(std::make_shared<Scheduler>(
            options_, *parts_.executor, *parts_.store, *parts_.blocks, parts_.web_files.get(),
            *parts_.logger, *parts_.clock, metrics(), parts_.crash)),
        sharing_(options_, parts_, scheduler_, metrics()),
        steering_(parts_, scheduler_),
        housekeeping_(options_, parts_, scheduler_, [this] { return served(); }),
        explainer_({*parts_.store,
                    *parts_.blocks,
                    *scheduler_,
                    parts_.normalize_url,
                    options_.build_of,
                    [this](const std::string& id) { return NodeImpl::get_run(id); },
                    {.runs = options_.runs_to_compare}}),
        collector_(metrics().add_collector(
            [scheduler = std::weak_ptr(scheduler_),
             store = parts_.store.get()](std::vector<core::MetricFamily>& families) {
              if (const auto alive = scheduler.lock()) append_load(*alive, *store, families);
            })),
        functions_(std::make_shared<const workflow::FunctionTable>()) {
    scheduler_->observe(parts_.observer);
    if (!parts_.publisher) return;
    parts_.publisher->start(
        [store = parts_.store.get()](std::int64_t after, std::size_t limit) {
          return receipts_to_publish(*store, after, limit);
        },
        *parts_.blocks);
    scheduler_->on_commit([publisher = parts_.publisher.get()] { publisher->receipts_kept(); });
  }

  ~NodeImpl() override { NodeImpl::stop(); }
  /// What the store says about who may run. errors: those of the store
  [[nodiscard]] core::Status prepare_to_run() { return sharing_.load_quarantine(); }
  NodeImpl(const NodeImpl&) = delete;
  NodeImpl& operator=(const NodeImpl&) = delete;

  [[nodiscard]] core::Result<std::shared_ptr<const LoadedComponent>> load(
      const std::string& label, const std::string& origin, core::BytesView bytes) override {
    EVERY_TRY_ASSIGN(const ipld::Cid cid, blocks::cid_of_file(bytes));
    const HousekeepingImpl::Hold hold(housekeeping_, cid);
    auto component = prepare(cid, bytes);
    if (!component)
      return core::fail(std::move(component).error().in(origin).with("origin", origin));
    return serve(label, origin, std::move(*component));
  }

  [[nodiscard]] core::Result<std::shared_ptr<const LoadedComponent>> load_known(
      const std::string& label, const std::string& origin, const ipld::Cid& cid) override {
    const HousekeepingImpl::Hold hold(housekeeping_, cid);
    EVERY_TRY_ASSIGN(const bool kept, parts_.blocks->has(cid));
    // A collection may be taking its blocks away.
    if (!kept || housekeeping_.collecting()) return Node::load_known(label, origin, cid);
    EVERY_TRY_ASSIGN(const auto info, parts_.executor->prepare_known(cid));
    note_for_kubo(cid);
    return serve(label, origin, describe(*info));
  }

  void set_problem(SourceProblem problem) override {
    const std::lock_guard lock(mutex_);
    if (problem.message.empty()) {
      problems_.erase(problem.label);
    } else {
      problems_.insert_or_assign(problem.label, problem);
    }
  }

  [[nodiscard]] std::vector<SourceProblem> problems() const override {
    const std::lock_guard lock(mutex_);
    std::vector<SourceProblem> all;
    for (const auto& [label, problem] : problems_) all.push_back(problem);
    return all;
  }

  [[nodiscard]] std::vector<std::shared_ptr<const LoadedComponent>> components() const override {
    const std::lock_guard lock(mutex_);
    return components_;
  }

  [[nodiscard]] std::shared_ptr<const workflow::FunctionTable> functions() const override {
    const std::lock_guard lock(mutex_);
    return functions_;
  }

  [[nodiscard]] const invocation::NormalizeUrl& normalize_url() const override {
    return parts_.normalize_url;
  }

  [[nodiscard]] core::Result<std::shared_ptr<RunHandle>> submit(RunRequest request,
                                                                RunObserver observer) override {
    EVERY_TRY_ASSIGN(auto run, scheduler_->submit(std::move(request), std::move(observer)));
    housekeeping_.note_run(run->request.workflow.workflow);
    return make_handle(scheduler_, std::move(run));
  }

  [[nodiscard]] core::Result<std::optional<Submitted>> find_submitted(
      const std::string& key) override {
    EVERY_TRY_ASSIGN(auto record, parts_.store->find_submission(key));
    if (!record) return std::nullopt;
    return Submitted{std::move(record->run), std::move(record->digest)};
  }

  [[nodiscard]] std::shared_ptr<RunHandle> find_active(const std::string& id) override {
    auto run = scheduler_->find(id);
    return run ? make_handle(scheduler_, std::move(run)) : nullptr;
  }

  [[nodiscard]] core::Result<std::shared_ptr<const RunAnswer>> get_run(
      const std::string& id) override {
    if (const auto run = scheduler_->find(id))
      return std::make_shared<const RunAnswer>(scheduler_->snapshot(*run));
    EVERY_TRY_ASSIGN(const store::RunRecord record, find_record(*parts_.store, id));
    EVERY_TRY_ASSIGN(RunAnswer answer, load_answer(*parts_.store, record, parts_.normalize_url));
    return std::make_shared<const RunAnswer>(std::move(answer));
  }

  [[nodiscard]] core::Result<std::vector<RunSummary>> list_runs(
      std::size_t limit, const std::string& before) override {
    // Known runs are recorded behind their answers: whoever had one finds it here. What cannot be written is not listed either.
    if (scheduler_->has_unwritten()) std::ignore = parts_.store->commit_and_wait({});
    EVERY_TRY_ASSIGN(auto records, parts_.store->list_runs(limit, before));
    std::vector<RunSummary> rows;
    for (store::RunRecord& record : records) {
      rows.push_back({std::move(record.id), std::move(record.name), record.workflow,
                      from_status(record.status), record.task_count, std::move(record.error_code),
                      std::move(record.error_message), record.accepted, record.finished});
    }
    return rows;
  }

  [[nodiscard]] core::Result<std::vector<GuestLine>> logs_of(const std::string& id,
                                                             std::size_t limit) override {
    // A run under way may have no record yet, and no lines then either.
    if (scheduler_->find(id) == nullptr) EVERY_TRY(find_record(*parts_.store, id));
    EVERY_TRY_ASSIGN(auto records, parts_.store->logs_of(id, limit));
    std::vector<GuestLine> lines;
    for (auto& record : records)
      lines.push_back({record.time, record.level, std::move(record.category),
                       std::move(record.message), record.task});
    return lines;
  }

  [[nodiscard]] core::Result<core::Bytes> get_receipt(const ipld::Cid& cid) override {
    EVERY_TRY_ASSIGN(auto block, parts_.store->find_receipt_block(cid));
    if (!block) {
      // One that nothing ties to an instruction is content alone.
      EVERY_TRY_ASSIGN(block, find_block(cid, Reach::kHere));
      if (block && !invocation::Receipt::decode(*block, cid)) block.reset();
    }
    if (!block)
      return core::fail(core::ErrorCode::kNotFound,
                        "receipt " + cid.render() + " is not known here");
    return std::move(*block);
  }

  [[nodiscard]] core::Result<std::optional<core::Bytes>> find_block(const ipld::Cid& cid,
                                                                    Reach reach) override {
    EVERY_TRY_ASSIGN(const bool is_content, parts_.blocks->has(cid));
    if (is_content) return parts_.blocks->find(cid);
    if (cid.codec() == ipld::Codec::kDagCbor) {
      EVERY_TRY_ASSIGN(auto receipt, parts_.store->find_receipt_block(cid));
      if (receipt) return receipt;
    }
    if (reach == Reach::kHere) return std::nullopt;
    return parts_.blocks->find(cid);
  }

  [[nodiscard]] core::Status put_blocks(std::span<const ipld::car::Block> blocks) override {
    housekeeping_.note_upload(blocks);
    return parts_.blocks->put(blocks);
  }

  [[nodiscard]] core::Status note_added(const ipld::Cid& root) override {
    blocks::Housekeeping* keeping = parts_.blocks->housekeeping();
    // What is kept in memory stays as long as the node.
    if (keeping == nullptr) return {};
    return keeping->pin(root, blocks::PinKind::kAdded, parts_.clock->wall());
  }

  [[nodiscard]] core::Result<HomestarReport> import_homestar(const std::filesystem::path& file,
                                                             Believe believe) override {
    return runtime::import_homestar(*parts_.store, *parts_.clock, file, believe);
  }

  [[nodiscard]] Sharing* sharing() override { return &sharing_; }
  [[nodiscard]] Explaining* explaining() override { return &explainer_; }
  [[nodiscard]] Steering* steering() override { return &steering_; }

  [[nodiscard]] Housekeeping* housekeeping() override { return &housekeeping_; }

  [[nodiscard]] core::Result<std::size_t> resume_unfinished() override {
    return steering_.take_up_unfinished();
  }

  [[nodiscard]] Health health() const override {
    const auto store = parts_.store->health();
    return {store.writable, store.problem, scheduler_->active()};
  }

  void stop() override {
    if (std::exchange(stopped_, true)) return;
    sharing_.cancel();
    scheduler_->stop(core::Deadline(parts_.clock->steady() + options_.stop_within));
    if (parts_.publisher) parts_.publisher->stop();
    sharing_.stop();
    housekeeping_.stop();
    if (auto closed = parts_.store->close(); !closed) {
      parts_.logger->error("store.close.err", "store", closed.error().message);
    }
  }

 private:
  [[nodiscard]] std::vector<ipld::Cid> served() const {
    const std::lock_guard lock(mutex_);
    std::vector<ipld::Cid> cids;
    for (const auto& component : components_) cids.push_back(component->cid);
    return cids;
  }
  [[nodiscard]] core::Metrics& metrics() {
    return parts_.metrics != nullptr ? *parts_.metrics : own_metrics_;
  }

  [[nodiscard]] core::Result<std::shared_ptr<LoadedComponent>> prepare(const ipld::Cid& cid,
                                                                       core::BytesView bytes) {
    const core::SteadyTime begun = parts_.clock->steady();
    EVERY_TRY_ASSIGN(const auto info, parts_.executor->prepare(cid, bytes));
    compile_time_.observe(parts_.clock->steady() - begun);
    EVERY_TRY_ASSIGN(const bool kept, parts_.blocks->has(cid));
    // A collection may be taking its blocks away; from now on it does not.
    if (!kept || housekeeping_.collecting()) EVERY_TRY(blocks::add_file(*parts_.blocks, bytes));
    if (!kept && parts_.blocks->housekeeping() != nullptr)
      EVERY_TRY(parts_.blocks->housekeeping()->note_component(cid));
    note_for_kubo(cid);
    return describe(*info);
  }

  void note_for_kubo(const ipld::Cid& cid) {
    if (!parts_.publisher) return;
    // The component runs all the same.
    if (const auto noted = parts_.publisher->component_kept(cid); !noted)
      parts_.logger->warn(
          "ipfs.publish.err", "ipfs",
          "component " + cid.render() +
              " is not put on the list of what goes to Kubo: " + noted.error().message);
  }

  [[nodiscard]] static std::shared_ptr<LoadedComponent> describe(const wasm::ComponentInfo& info) {
    auto component = std::make_shared<LoadedComponent>(LoadedComponent{.label = {},
                                                                       .origin = {},
                                                                       .cid = info.cid,
                                                                       .size = info.size,
                                                                       .functions = info.functions,
                                                                       .imports = info.imports,
                                                                       .wit = info.wit,
                                                                       .language = info.language});
    const auto docs = docs_in_wit(component->wit);
    for (auto& function : component->functions) {
      const auto found = docs.find(function->qualified_name());
      if (found == docs.end() || !function->docs.empty()) continue;
      auto told = std::make_shared<wit::Function>(*function);
      told->docs = found->second;
      function = std::move(told);
    }
    return component;
  }

  std::shared_ptr<const LoadedComponent> serve(const std::string& label, const std::string& origin,
                                               std::shared_ptr<LoadedComponent> component) {
    component->label = label;
    component->origin = origin;
    const std::lock_guard lock(mutex_);
    const auto same = std::find_if(components_.begin(), components_.end(),
                                   [&](const auto& other) { return other->label == label; });
    if (same != components_.end()) {
      *same = component;
    } else {
      components_.push_back(component);
    }
    problems_.erase(label);
    rebuild_functions();
    return component;
  }

  void rebuild_functions() {
    std::vector<workflow::NamedFunction> named;
    for (const auto& component : components_) {
      for (const auto& function : component->functions)
        named.push_back({function->listed_name(), component->label, component->cid, function});
    }
    functions_ = std::make_shared<const workflow::FunctionTable>(std::move(named));
  }

  const NodeOptions options_;
  NodeParts parts_;
  core::Metrics own_metrics_;  // counts for nobody when none were given
  std::shared_ptr<Scheduler> scheduler_;
  SharingImpl sharing_;
  SteeringImpl steering_;
  HousekeepingImpl housekeeping_;
  Explainer explainer_;
  std::shared_ptr<void> collector_;
  core::Histogram& compile_time_{RunMetrics(metrics()).compile_time};
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const LoadedComponent>> components_;
  std::map<std::string, SourceProblem> problems_;  // by label
  std::shared_ptr<const workflow::FunctionTable> functions_;
  bool stopped_ = false;
};

}  // namespace

core::Result<std::unique_ptr<Node>> Node::open(NodeOptions options, NodeParts parts) {
  EVERY_CHECK(parts.executor && parts.store && parts.blocks && parts.logger != nullptr &&
              parts.clock != nullptr && parts.normalize_url);
  auto node = std::make_unique<NodeImpl>(std::move(options), std::move(parts));
  EVERY_TRY(node->prepare_to_run());
  return node;
}

}  // namespace every::runtime
