#include "verbs/runs_steer.h"

#include "answer.h"
#include "node_request.h"
#include "run_view.h"
#include "verbs/runs.h"
#include <boost/json.hpp>

#include "every/core/text.h"

namespace every::cli {
namespace {

using gateway::Response;

void define_steering(Options& options, std::string& id, Output& output, const char* shown) {
  options.word("RUN", id, "Its id, as `every runs` lists it");
  options.flag("--json", output, Output::kJson, shown);
}

void add_access(Options& options, NodeChoices& node) {
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<Response> steer(const NodeChoices& node, const std::string& id, std::string_view how,
                             const Console& console) {
  return ask_about_runs(node, json_post("/-/runs/" + url_encode(id) + std::string(how), ""),
                        console);
}

/// `add (math) → 3`, as a sentence about a task that had its step.
std::string render_step(const boost::json::object& task) {
  const std::string name = "'" + text_at(task, "name") + "'";
  const std::string state = text_at(task, "state");
  if (state == "pending")
    return "Task " + name + " is under way and takes longer; `every runs show` shows when it ended";
  const auto* replayed = task.if_contains("replayed");
  const bool known = replayed != nullptr && replayed->is_bool() && replayed->as_bool();
  if (state != "ok") {
    const auto* error = task.if_contains("error");
    const std::string why =
        error != nullptr && error->is_object() ? text_at(error->as_object(), "error") : state;
    return "Task " + name + " " + state + ": " + why;
  }
  return "Task " + name + (known ? " was known: " : " ran: ") + output_of_task(task);
}

}  // namespace

void RunsPauseVerb::define(Options& options) {
  define_steering(options, id, output, "Print the run as JSON");
  add_access(options, node);
}

core::Result<int> RunsPauseVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(const Response response, steer(node, id, "/pause", console));
  if (output == Output::kJson) {
    print(response.body + "\n");
  } else {
    console.done("Run " + id + " is paused; tasks under way end and are recorded. " +
                 how_to_go_on(id));
  }
  return 0;
}

const VerbInfo kRunsPauseVerb{
    "runs pause", "Start nothing more of a run until it is resumed",
    "  every runs pause <RUN>          it stays paused, whatever happens to the node\n"
    "  every runs step <RUN>           one task of it\n"
    "  every runs resume <RUN>         all that is left\n",
    make_verb<RunsPauseVerb>};

void RunsResumeVerb::define(Options& options) {
  define_steering(options, id, output, "Print the run as JSON");
  add_access(options, node);
}

core::Result<int> RunsResumeVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(const Response response, steer(node, id, "/resume", console));
  if (output == Output::kJson) {
    print(response.body + "\n");
  } else if (response.status == 202) {
    console.warn("Run " + id +
                 " is not paused any more and goes on when a node is started: `every dev`, `every "
                 "start`");
  } else {
    console.done("Run " + id + " goes on");
  }
  return 0;
}

const VerbInfo kRunsResumeVerb{
    "runs resume", "Let a paused run go on, or one in quarantine",
    "  every runs resume <RUN>         on the node that is running; else when one is started\n",
    make_verb<RunsResumeVerb>};

void RunsStepVerb::define(Options& options) {
  options.word("RUN", id, "Its id, as `every runs` lists it");
  options.value("--task", "NAME", task,
                "The task (default: the first that is ready, in the workflow's order)");
  options.flag("--json", output, Output::kJson,
               "Print the task, what is ready now and the run as JSON");
  add_access(options, node);
}

core::Result<int> RunsStepVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(const Response response,
                   steer(node, id, task ? "/step?task=" + url_encode(*task) : "/step", console));
  if (output == Output::kJson) {
    print(response.body + "\n");
    return 0;
  }
  EVERY_TRY_ASSIGN(const boost::json::object body, parse_object(response.body));
  const auto* ran = body.if_contains("task");
  const auto* run = body.if_contains("run");
  if (ran == nullptr || !ran->is_object() || run == nullptr || !run->is_object())
    return core::fail(core::ErrorCode::kMalformed, "the node's answer has no task");
  print(render_step(ran->as_object()) + "\n");
  const std::string state = text_at(run->as_object(), "state");
  const auto ready = texts_at(body, "ready");
  if (state != "paused") {
    console.done("Run " + id + " is " + state);
  } else if (ready.empty()) {
    console.line("Nothing is ready until what is under way ends");
  } else {
    console.line("Ready: " + core::join_words(ready));
  }
  return 0;
}

const VerbInfo kRunsStepVerb{
    "runs step", "Run one task of a paused run",
    "  every run wf.json --paused          prints the id of a run of which nothing has started\n"
    "  every runs step <RUN>               runs the first task that is ready, and says what came "
    "out\n"
    "  every runs step <RUN> --task sum    that one\n"
    "  every runs resume <RUN>             all that is left\n",
    make_verb<RunsStepVerb>};

}  // namespace every::cli
