#include "python_source.h"

#include <boost/json.hpp>

#include "every/toolchain/embedded.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using core::ErrorCode;

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::vector<std::string> texts_of(const json::object& object, std::string_view name) {
  std::vector<std::string> texts;
  if (const auto* value = object.if_contains(name); value != nullptr && value->is_array())
    for (const auto& text : value->get_array()) texts.emplace_back(text.get_string());
  return texts;
}

/// `app.py:3: the parameter a of add has no type; …`
core::Error problem_of(const json::object& problem, const fs::path& root) {
  std::string place = near_path(root / text_of(problem, "file"));
  if (const auto* line = problem.if_contains("line"); line != nullptr && line->to_number<int>() > 0)
    place += ":" + std::to_string(line->to_number<int>());
  return core::Error{ErrorCode::kInvalidArgument, place + ": " + text_of(problem, "message"), {}};
}

core::Result<PythonSource> parse(const std::string& text) {
  boost::system::error_code failed;
  const json::value parsed = json::parse(text, failed);
  if (failed || !parsed.is_object())
    return core::fail(ErrorCode::kInternal, "the Python source could not be described: " + text);
  const json::object& object = parsed.get_object();
  PythonSource source;
  source.root = text_of(object, "root");
  if (const auto* problem = object.if_contains("problem"))
    return core::fail(problem_of(problem->get_object(), source.root));
  source.module = text_of(object, "module");
  source.world_module = text_of(object, "world_module");
  source.has_class = !text_of(object, "class").empty();
  source.functions = texts_of(object, "functions");
  if (object.contains("wit")) source.wit = text_of(object, "wit");
  source.hints = text_of(object, "hints");
  if (const auto* problem = object.if_contains("wit_problem"))
    source.wit_problem = problem_of(problem->get_object(), source.root);
  source.files = texts_of(object, "files");
  const json::object& requirements = object.at("requirements").get_object();
  source.requirements_file = text_of(requirements, "file");
  source.packages = texts_of(requirements, "lines");
  source.tools = texts_of(requirements, "tools");
  return source;
}

}  // namespace

std::string near_path(const fs::path& path) {
  std::error_code failed;
  const fs::path here = fs::current_path(failed);
  const std::string relative = failed ? std::string() : path.lexically_relative(here).string();
  return relative.empty() || relative.starts_with("../..") ? path.string() : relative;
}

core::Result<PythonSource> describe_python(const Source& source, const fs::path& python,
                                           const BuildContext& context) {
  const fs::path scripts = context.places.cache / "python" / "scripts";
  EVERY_TRY(write_embedded("python/scripts", scripts));
  const ProcessSpec spec{{python.string(), "-I", "-B", (scripts / "describe.py").string(),
                          source.entry.string(), source.project.string()},
                         source.project,
                         context.environment,
                         {},
                         {}};
  EVERY_TRY_ASSIGN(const ProcessOutcome outcome, run_process(spec, context.cancel));
  if (!outcome.ok()) {
    return core::fail(ErrorCode::kUnsupported,
                      python.string() + " could not read the source (Python 3.10 or later is " +
                          "needed): " + outcome.errors);
  }
  return parse(outcome.output);
}

}  // namespace every::toolchain
