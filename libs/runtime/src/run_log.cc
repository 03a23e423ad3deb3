#include "run_log.h"

#include <chrono>

namespace every::runtime::run_log {
namespace {

constexpr std::string_view kWorker = "worker.run";

}  // namespace

void begin(const core::Logger& logger, const ActiveRun& run, Seen seen,
           const std::vector<std::string>& receipts, std::size_t left,
           const std::vector<std::string>& resources, std::chrono::nanoseconds timeout) {
  const std::string cid = run.workflow_cid.render();
  if (seen == Seen::kNever) {
    logger.info("workflow.init.db.check", "workflow",
                "workflow information not available in the database", {{"cid", cid}});
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout).count();
  logger.info("workflow.run", "workflow",
              "running workflow with settings: Settings {\n    reuse: " +
                  std::string(run.request.reuse == Reuse::kFresh ? "fresh" : "memo") +
                  ",\n    timeout: " + std::to_string(seconds) + "s,\n}",
              {{"cid", cid}});
  // Only a workflow that is recorded has receipts of its own to replay; another may still find its tasks known.
  if (seen == Seen::kBefore && !receipts.empty()) {
    std::string joined;
    for (const std::string& receipt : receipts) joined += (joined.empty() ? "" : ", ") + receipt;
    logger.info("workflow.receipts", "workflow", "replaying receipts", {{"receipt_cids", joined}});
  }
  logger.info("fetch_rscs", "fetch", "fetching necessary resources from IPFS");
  for (const std::string& resource : resources)
    logger.info("fetch_rsc", "fetch", "attempting to fetch resource from IPFS",
                {{"rsc", resource}});
  const core::Logger::Fields workflow{{"workflow_cid", cid}};
  logger.info("worker.init_workflow", kWorker, "initializing workflow", workflow);
  logger.info("worker.resolve_receipts", kWorker, "resolving receipts in the background", workflow);
  logger.info("worker.start_workflow", kWorker,
              left == 0 ? "replaying workflow" : "starting workflow", workflow);
  if (!receipts.empty()) {
    logger.info("worker.replay", kWorker,
                std::to_string(left) + " tasks left to run, sending last batch for workflow",
                workflow);
  }
}

void resolving(const core::Logger& logger, const ActiveRun& run, const ipld::Cid& awaited) {
  if (!logger.shows(core::LogLevel::kInfo)) return;
  logger.info("worker.resolve_cid", kWorker, "attempting to resolve workflow args by cid",
              {{"workflow_cid", run.workflow_cid.render()}, {"cid", awaited.render()}});
}

void computed(const core::Logger& logger, const ipld::Cid& receipt) {
  if (!logger.shows(core::LogLevel::kInfo)) return;
  logger.info("worker.receipt", kWorker, "computed receipt", {{"receipt_cid", receipt.render()}});
}

void failed(const core::Logger& logger, const ActiveRun& run, const TaskAnswer& task) {
  core::Logger::Fields fields{
      {"err", task.error ? task.error->message : std::string()},
      {"task", task.name},
      {"func", task.func},
      {"code", task.error ? std::string(core::info(task.error->code).name) : std::string()},
      {"cid", task.instruction.render()},
      {"workflow_cid", run.workflow_cid.render()}};
  logger.error("worker.run.task.err", kWorker, "error in running task", std::move(fields));
}

void end(const core::Logger& logger, const ActiveRun& run, RunState state,
         const std::optional<core::Error>& error) {
  if (state == RunState::kCompleted && !logger.shows(core::LogLevel::kInfo)) return;
  core::Logger::Fields fields{{"workflow_cid", run.workflow_cid.render()}};
  if (state == RunState::kCompleted) {
    logger.info("worker.end_workflow", kWorker, "workflow completed", std::move(fields));
    return;
  }
  if (error) fields.emplace_back("err", error->message);
  logger.error("worker.end_workflow", kWorker,
               state == RunState::kCancelled ? "workflow cancelled" : "workflow failed",
               std::move(fields));
}

}  // namespace every::runtime::run_log
