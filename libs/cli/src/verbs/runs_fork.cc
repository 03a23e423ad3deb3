#include "verbs/runs_fork.h"

#include <algorithm>

#include "add_files.h"
#include "answer.h"
#include "content_access.h"
#include "node_access.h"
#include "node_request.h"
#include "run_view.h"
#include "run_wait.h"
#include "toolchain_access.h"
#include <boost/json.hpp>

#include "every/core/file.h"
#include "every/core/text.h"

namespace every::cli {
namespace {

namespace json = boost::json;
using core::ErrorCode;
using gateway::Response;

constexpr std::size_t kMostBytes = std::size_t{64} << 20;

/// JSON, or else the text itself: `--set name=Ada` needs no quotes.
json::value value_of(const std::string& text) {
  boost::system::error_code problem;
  json::value value = json::parse(text, problem);
  return problem ? json::value(text) : value;
}

/// What changes, by name or number. errors: kInvalidArgument; those of core::read_file
core::Result<json::object> changed_arguments(const RunsForkVerb& command) {
  json::object changed;
  if (command.arguments) {
    EVERY_TRY_ASSIGN(const core::Bytes bytes, core::read_file(*command.arguments, kMostBytes));
    boost::system::error_code problem;
    const json::value value = json::parse(core::as_text(bytes), problem);
    if (problem || (!value.is_object() && !value.is_array()))
      return core::fail(
          ErrorCode::kInvalidArgument,
          *command.arguments + " holds no JSON object of arguments by name, and no list of them");
    if (value.is_object()) changed = value.get_object();
    for (std::size_t i = 0; value.is_array() && i < value.get_array().size(); ++i)
      changed[std::to_string(i)] = value.get_array()[i];
  }
  for (const std::string& text : command.set) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return core::fail(ErrorCode::kInvalidArgument,
                        "--set takes NAME=JSON, such as --set b=5, and got '" + text + "'");
    changed[text.substr(0, equals)] = value_of(text.substr(equals + 1));
  }
  return changed;
}

/// Has the component kept by the node, without serving its functions: what others find there does not change.
core::Result<std::string> send_component(NodeAccess& node, const std::string& file) {
  ContentAccess content(node);
  EVERY_TRY_ASSIGN(const Added added, add_path(file, content.sink(), {}));
  EVERY_TRY(content.flush());
  return added.cid.render();
}

/// Task by task, what came out before and what comes out now.
std::string compare(const json::object& was, const json::object& now) {
  std::vector<std::vector<std::string>> rows{{"TASK", "STATE", "BEFORE", "NOW"}};
  const json::array& before = list_at(was, "tasks");
  const json::array& after = list_at(now, "tasks");
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (!after[i].is_object()) continue;
    const bool known = i < before.size() && before[i].is_object();
    rows.push_back({text_at(after[i].get_object(), "name"), state_of_task(after[i].get_object()),
                    known ? output_of_task(before[i].get_object()) : "-",
                    output_of_task(after[i].get_object())});
  }
  return render_table(rows);
}

void tell(const json::object& forked, const std::string& of, const std::string& id,
          const Console& console) {
  console.done("Run " + id + " is made of " + of +
               "; done anew: " + core::join_words(texts_at(forked, "anew")));
  for (const json::value& entry : list_at(forked, "changes")) {
    if (!entry.is_object()) continue;
    console.line("  " + text_at(entry.get_object(), "name") + ": " +
                 core::join_words(texts_at(entry.get_object(), "why")));
  }
}

/// The answer of a run that was made: what was asked, and the two runs.
struct Both {
  json::object forked;
  json::object was;
  json::object now;
  std::string id;
};

}  // namespace

void RunsForkVerb::define(Options& options) {
  options.word("RUN", id, "The run, which stays as it is; `every runs` lists them");
  options.value("--from", "TASK", from,
                "The first task that is done anew, with all that depends on it");
  options.values("--set", "NAME=JSON", set,
                 "An argument of that task, by its name or its number from 0; may be given again");
  options
      .value("--args", "FILE", arguments,
             "The same from a file: a JSON object of arguments by name, or a list")
      .completes(Completion::kFiles);
  options
      .value("--fn", "FILE", function,
             "A component (or a source or project, which is built first) in place of that task's, "
             "wherever it is called anew")
      .completes(Completion::kFiles);
  options.value("--name", "NAME", name, "What the new run is called (default: as the other)");
  options.flag("--detach", wait, Wait::kForAccept,
               "Print the new run's id and do not wait for its end");
  options.flag("--paused", start, runtime::Start::kPaused,
               "Start nothing of it yet and print its id; see every runs step");
  options.flag("--json", output, Output::kJson,
               "Print what is done anew, what changed and the new run as JSON");
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<int> RunsForkVerb::run(const Console& console) {
  if (!from)
    return core::fail(ErrorCode::kInvalidArgument,
                      "--from TASK is missing: the first task that is to be done anew; `every runs "
                      "show " +
                          id + "` lists them");
  const bool waits = wait == Wait::kForEnd && start == runtime::Start::kAtOnce;
  if (!waits && start == runtime::Start::kAtOnce) EVERY_TRY(need_node(node));
  EVERY_TRY_ASSIGN(json::object changed, changed_arguments(*this));
  std::vector<std::string> components;
  if (function) {
    EVERY_TRY_ASSIGN(components, build_sources({*function}, node.home, console));
  }
  json::object body{{"from", *from}, {"set", std::move(changed)}};
  if (name) body["name"] = *name;
  const std::string target =
      "/-/runs/" + url_encode(id) + "/fork" + (start == runtime::Start::kPaused ? "?paused=1" : "");
  Both both;
  Response accepted;
  EVERY_TRY_ASSIGN(
      const Response response,
      converse(node, console, [&](NodeAccess& access) -> core::Result<Response> {
        if (!components.empty()) {
          EVERY_TRY_ASSIGN(const std::string component, send_component(access, components.front()));
          body["component"] = component;
        }
        EVERY_TRY_ASSIGN(accepted, access.send(json_post(target, json::serialize(body))));
        if (accepted.status != 202) return accepted;
        EVERY_TRY_ASSIGN(both.forked, parse_object(accepted.body));
        const std::string* made = accepted.find_header("every-run");
        both.id = made != nullptr ? *made : "";
        if (output == Output::kText) tell(both.forked, id, both.id, console);
        if (!waits) return accepted;
        EVERY_TRY_ASSIGN(Response ended, wait_for_end(access, both.id, Output::kJson));
        const auto was = access.send(get("/-/runs/" + url_encode(id)));
        if (was && was->status == 200) {
          EVERY_TRY_ASSIGN(both.was, parse_object(was->body));
        }
        return ended;
      }));
  if (response.status >= 300) return std::unexpected(error_from(response));
  if (!waits) {
    print(output == Output::kJson ? accepted.body + "\n" : both.id + "\n");
    if (output == Output::kText && start == runtime::Start::kPaused)
      console.warn("It is paused: " + how_to_go_on(both.id));
    return 0;
  }
  EVERY_TRY_ASSIGN(both.now, parse_object(response.body));
  if (output == Output::kJson) {
    both.forked["run"] = both.now;
    print(json::serialize(both.forked) + "\n");
  } else {
    print(compare(both.was, both.now));
  }
  EVERY_TRY(outcome_of_run(response.body));
  return 0;
}

const VerbInfo kRunsForkVerb{
    "runs fork", "Make a new run of another, anew from a task on",
    "  every runs fork <RUN> --from sum                      what sum gave, once more\n"
    "  every runs fork <RUN> --from sum --set b=5            with another argument\n"
    "  every runs fork <RUN> --from sum --fn mended.wasm     with another component\n"
    "  every runs fork <RUN> --from sum --paused             and then every runs step\n",
    make_verb<RunsForkVerb>};

}  // namespace every::cli
