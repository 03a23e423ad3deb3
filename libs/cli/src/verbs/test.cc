#include "verbs/test.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "expectation.h"
#include "node_access.h"
#include "node_request.h"
#include "toolchain_access.h"
#include <boost/json.hpp>

#include "every/core/file.h"

namespace every::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t kMostBytes = std::size_t{64} << 20;

/// The components of a project when none is named: those in the folder and in its `output/`.
std::vector<std::string> components_of(const fs::path& path) {
  std::error_code failed;
  const fs::path folder = fs::is_directory(path, failed) ? path : path.parent_path();
  std::vector<std::string> out;
  for (const auto& place : {folder, folder / "output"}) {
    for (const auto& entry : fs::directory_iterator(place.empty() ? "." : place, failed))
      if (entry.path().extension() == ".wasm") out.push_back(entry.path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

core::Result<std::vector<std::string>> problems_of(const WorkflowTest& test, NodeAccess& node) {
  EVERY_TRY_ASSIGN(const auto text, core::read_file(test.expectation, kMostBytes));
  EVERY_TRY_ASSIGN(const auto expectation, Expectation::parse(core::as_text(text)));
  EVERY_TRY_ASSIGN(const auto workflow, core::read_file(test.workflow, kMostBytes));
  EVERY_TRY_ASSIGN(const auto response,
                   node.send(json_post("/-/workflows", std::string(core::as_text(workflow)))));
  boost::system::error_code problem;
  const auto run = json::parse(response.body, problem);
  if (response.status != 200 || problem || !run.is_object()) {
    // A workflow that is refused can be what is expected.
    const auto error = error_from(response);
    return expectation.differences(
        {{"error", {{"error", error.message}, {"code", core::info(error.code).name}}}});
  }
  return expectation.differences(run.get_object());
}

TestOutcome run_test(const WorkflowTest& test, NodeAccess& node) {
  const auto begin = std::chrono::steady_clock::now();
  auto problems = problems_of(test, node);
  TestOutcome outcome{test.name, {}, 0};
  if (problems) {
    outcome.problems = std::move(*problems);
  } else {
    outcome.problems.push_back(test.expectation.string() + ": " + problems.error().message);
  }
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return outcome;
}

std::string to_json(const std::vector<TestOutcome>& outcomes) {
  json::array rows;
  for (const auto& outcome : outcomes) {
    rows.push_back({{"name", outcome.name},
                    {"passed", outcome.problems.empty()},
                    {"problems", json::array(outcome.problems.begin(), outcome.problems.end())},
                    {"seconds", outcome.seconds}});
  }
  return json::serialize(rows) + "\n";
}

void say(const TestOutcome& outcome, const Console& console) {
  if (outcome.problems.empty()) {
    console.done(outcome.name);
    return;
  }
  console.failed(outcome.name);
  for (const auto& problem : outcome.problems) console.line("    " + problem);
}

}  // namespace

void TestVerb::define(Options& options) {
  options.word("PATH", path, "A folder, or one workflow").completes(Completion::kFiles);
  add_function_option(options, node);
  options.value("--junit", "FILE", junit, "Write the outcomes as JUnit XML too")
      .completes(Completion::kFiles);
  options.flag("--json", output, Output::kJson, "As JSON");
  add_node_options(options, node);
}

core::Result<int> TestVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(const auto tests, find_workflow_tests(path));
  if (node.functions.empty()) node.functions = components_of(path);
  EVERY_TRY_ASSIGN(node.functions, build_sources(node.functions, node.home, console));
  // A node of its own, so that no known result of another answers; gone with all it knew at the end.
  std::optional<toolchain::WorkFolder> work;
  if (!node.home) {
    EVERY_TRY_ASSIGN(auto made, toolchain::WorkFolder::make(fs::temp_directory_path()));
    work.emplace(std::move(made));
    node.home = work->path().string();
  }
  std::vector<TestOutcome> outcomes;
  {
    EVERY_TRY_ASSIGN(const auto access, NodeAccess::open(node, console));
    EVERY_TRY(access->load(node.functions));
    for (const auto& test : tests) {
      outcomes.push_back(run_test(test, *access));
      if (output == Output::kText) say(outcomes.back(), console);
    }
  }
  const auto failed = std::count_if(outcomes.begin(), outcomes.end(),
                                    [](const auto& one) { return !one.problems.empty(); });
  if (output == Output::kJson) print(to_json(outcomes));
  if (junit)
    EVERY_TRY(core::write_file_atomically(*junit, core::as_bytes(render_junit(outcomes)), 0644));
  if (output == Output::kText) {
    console.line(std::to_string(outcomes.size() - static_cast<std::size_t>(failed)) + " of " +
                 std::to_string(outcomes.size()) + " workflows answered what they must");
  }
  return failed == 0 ? 0 : 1;
}

const VerbInfo kTestVerb{"test", "Run workflows that have an expected result",
                         "  every test .                               all below the folder, with "
                         "the components of ./output\n"
                         "  every test workflows --fn math.wasm        with these components\n"
                         "  every test . --junit report.xml            for CI systems\n",
                         make_verb<TestVerb>};

}  // namespace every::cli
