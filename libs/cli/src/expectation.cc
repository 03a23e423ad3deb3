#include "expectation.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "every/core/text.h"

namespace every::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using core::ErrorCode;

constexpr std::string_view kSuffix = ".expected.json";
constexpr std::array<std::string_view, 3> kKeys{"result", "results", "error"};
constexpr std::size_t kMostShown = 500;

/// Equal as values: 3 and 3.0 are one number, and the order of keys does not count.
bool equal(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number()) {
    if (a.is_double() || b.is_double()) return a.to_number<double>() == b.to_number<double>();
    return a == b;
  }
  if (a.is_array() && b.is_array()) {
    const auto& x = a.get_array();
    const auto& y = b.get_array();
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), equal);
  }
  if (a.is_object() && b.is_object()) {
    const auto& x = a.get_object();
    const auto& y = b.get_object();
    return x.size() == y.size() && std::all_of(x.begin(), x.end(), [&](const auto& pair) {
             const auto* other = y.if_contains(pair.key());
             return other != nullptr && equal(pair.value(), *other);
           });
  }
  return a == b;
}

/// JSON with numbers as everybody writes them: Boost says 8.3E0.
void append(std::string& out, const json::value& value) {
  if (value.is_double()) {
    out += core::js_number(value.get_double());
  } else if (value.is_array()) {
    std::string_view between = "[";
    for (const auto& item : value.get_array()) {
      out += between;
      append(out, item);
      between = ",";
    }
    out += value.get_array().empty() ? "[]" : "]";
  } else if (value.is_object()) {
    std::string_view between = "{";
    for (const auto& pair : value.get_object()) {
      out += between;
      out += json::serialize(json::value(pair.key())) + ":";
      append(out, pair.value());
      between = ",";
    }
    out += value.get_object().empty() ? "{}" : "}";
  } else {
    out += json::serialize(value);
  }
}

std::string show(const json::value* value) {
  if (value == nullptr) return "nothing";
  std::string text;
  append(text, *value);
  return core::shorten(text, kMostShown);
}

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

/// What went wrong in a run, in words; empty when nothing did.
std::string failure_of(const json::object& run) {
  const auto* error = run.if_contains("error");
  if (error == nullptr || !error->is_object()) return {};
  const auto& object = error->get_object();
  std::string text = text_of(object, "error");
  if (const auto code = text_of(object, "code"); !code.empty()) text += " (" + code + ")";
  if (const auto task = text_of(object, "task"); !task.empty()) text = "task " + task + ": " + text;
  return text;
}

const json::object* find_task(const json::object& run, std::string_view name) {
  const auto* tasks = run.if_contains("tasks");
  if (tasks == nullptr || !tasks->is_array()) return nullptr;
  for (const auto& task : tasks->get_array()) {
    if (task.is_object() && text_of(task.get_object(), "name") == name) return &task.get_object();
  }
  return nullptr;
}

/// The last task's output: what the run answers.
const json::value* answer_of(const json::object& run) {
  const auto* tasks = run.if_contains("tasks");
  const auto* answer = run.if_contains("answer");
  if (tasks == nullptr || !tasks->is_array() || answer == nullptr || !answer->is_int64())
    return nullptr;
  const auto index = static_cast<std::size_t>(answer->get_int64());
  if (index >= tasks->get_array().size()) return nullptr;
  return tasks->get_array()[index].as_object().if_contains("output");
}

void compare(const std::string& what, const json::value& expected, const json::value* got,
             std::vector<std::string>& out) {
  if (got != nullptr && equal(expected, *got)) return;
  out.push_back(what + ": expected " + show(&expected) + ", got " + show(got));
}

void compare_error(const json::object& expected, const json::object& run,
                   std::vector<std::string>& out) {
  const auto failure = failure_of(run);
  if (failure.empty()) {
    out.push_back("expected it to fail, but it answered " + show(answer_of(run)));
    return;
  }
  const auto& error = run.at("error").get_object();
  for (const std::string_view key : {"code", "task"}) {
    const auto wanted = text_of(expected, key);
    if (!wanted.empty() && wanted != text_of(error, key))
      out.push_back("expected an error with " + std::string(key) + " " + wanted + ", got " +
                    failure);
  }
  const auto wanted = text_of(expected, "message");
  if (text_of(error, "error").find(wanted) == std::string::npos)
    out.push_back("expected an error that says `" + wanted + "`, got " + failure);
}

std::string xml_text(std::string_view text) {
  std::string plain = core::to_valid_utf8(text);
  for (char& c : plain) {
    const bool other_control = static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
    if (other_control) c = '?';  // cannot be written in XML
  }
  return core::escape_markup(plain);
}

bool is_searched(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return !name.starts_with('.') && name != "node_modules" && name != "target" && name != "output";
}

std::optional<WorkflowTest> test_of(const fs::path& expectation, const fs::path& base) {
  const std::string path = expectation.string();
  if (!path.ends_with(kSuffix)) return std::nullopt;
  const fs::path workflow = path.substr(0, path.size() - kSuffix.size()) + ".json";
  return WorkflowTest{workflow.lexically_relative(base).replace_extension().generic_string(),
                      workflow, expectation};
}

}  // namespace

core::Result<Expectation> Expectation::parse(std::string_view text) {
  boost::system::error_code problem;
  const auto value = json::parse(text, problem);
  if (problem || !value.is_object()) {
    return core::fail(ErrorCode::kMalformed,
                      problem ? "it is not JSON: " + problem.message()
                              : std::string("it is no JSON object, e.g. {\"result\": 8.3}"));
  }
  Expectation expectation;
  expectation.expected_ = value.get_object();
  if (expectation.expected_.empty()) {
    return core::fail(ErrorCode::kInvalidArgument,
                      "it expects nothing; say result, results or error, e.g. {\"result\": 8.3}");
  }
  for (const auto& pair : expectation.expected_) {
    if (std::find(kKeys.begin(), kKeys.end(), pair.key()) == kKeys.end()) {
      return core::fail(ErrorCode::kMalformed, "it has a key `" + std::string(pair.key()) +
                                                   "`; the keys are result, results and error");
    }
    if (pair.key() != "result" && !pair.value().is_object()) {
      return core::fail(ErrorCode::kMalformed,
                        "its `" + std::string(pair.key()) + "` is no JSON object");
    }
  }
  return expectation;
}

std::vector<std::string> Expectation::differences(const boost::json::object& run) const {
  std::vector<std::string> out;
  if (const auto* error = expected_.if_contains("error")) {
    compare_error(error->get_object(), run, out);
  } else if (const auto failure = failure_of(run); !failure.empty()) {
    return {"it failed: " + failure};
  }
  if (const auto* result = expected_.if_contains("result"))
    compare("result", *result, answer_of(run), out);
  if (const auto* results = expected_.if_contains("results")) {
    for (const auto& pair : results->get_object()) {
      const std::string name(pair.key());
      const auto* task = find_task(run, name);
      if (task == nullptr) {
        out.push_back("the workflow has no task " + name);
      } else {
        compare("task " + name, pair.value(), task->if_contains("output"), out);
      }
    }
  }
  return out;
}

core::Result<std::vector<WorkflowTest>> find_workflow_tests(const std::filesystem::path& path) {
  std::error_code failed;
  std::vector<WorkflowTest> tests;
  if (!fs::exists(path, failed))
    return core::fail(ErrorCode::kNotFound, path.string() + " does not exist");
  if (!fs::is_directory(path, failed)) {
    const fs::path given = path.string().ends_with(kSuffix)
                               ? path
                               : fs::path(path).replace_extension().concat(std::string(kSuffix));
    if (fs::exists(given, failed)) tests.push_back(*test_of(given, path.parent_path()));
  } else {
    fs::recursive_directory_iterator at(path, failed);
    for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
      if (at->is_directory(failed) && !is_searched(at->path())) at.disable_recursion_pending();
      if (auto test = test_of(at->path(), path)) tests.push_back(std::move(*test));
    }
    if (failed)
      return core::fail(ErrorCode::kIo, "cannot read " + path.string() + ": " + failed.message());
  }
  if (tests.empty()) {
    return core::fail(ErrorCode::kNotFound,
                      path.string() + " has no workflow with an expected result; beside add.json " +
                          "write add.expected.json, e.g. {\"result\": 8.3}");
  }
  std::sort(tests.begin(), tests.end(),
            [](const WorkflowTest& a, const WorkflowTest& b) { return a.name < b.name; });
  return tests;
}

std::string render_junit(const std::vector<TestOutcome>& outcomes) {
  const auto failures = std::count_if(outcomes.begin(), outcomes.end(),
                                      [](const auto& one) { return !one.problems.empty(); });
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"every\" "
      "tests=\"" +
      std::to_string(outcomes.size()) + "\" failures=\"" + std::to_string(failures) + "\">\n";
  for (const auto& outcome : outcomes) {
    out += "<testcase classname=\"every\" name=\"" + xml_text(outcome.name) + "\" time=\"" +
           core::js_number(outcome.seconds) + "\"";
    if (outcome.problems.empty()) {
      out += "/>\n";
      continue;
    }
    std::string text;
    for (const auto& problem : outcome.problems) text += problem + "\n";
    out += ">\n<failure message=\"" + xml_text(outcome.problems.front()) + "\">" + xml_text(text) +
           "</failure>\n</testcase>\n";
  }
  return out + "</testsuite>\n</testsuites>\n";
}

}  // namespace every::cli
