#include <algorithm>
#include <array>
#include <cctype>

#include "builders.h"
#include "preload.h"
#include "python_source.h"
#include "python_tool.h"
#include "python_warm.h"

#include "every/core/file.h"
#include "every/core/text.h"
#include "every/toolchain/build.h"
#include "every/toolchain/embedded.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;

constexpr std::size_t kMostBytes = std::size_t{64} << 20;

/// `my-world` → `MyWorld`, `my-function` → `my_function`: what componentize-py calls them.
std::string camel(std::string_view name) {
  std::string text;
  bool upper = true;
  for (const char c : name) {
    if (c == '-' || c == '_') {
      upper = true;
      continue;
    }
    text += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = false;
  }
  return text;
}

std::string snake(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

/// `ns:pkg/name@1.0.0` → `name`.
std::string_view interface_name(std::string_view qualified) {
  const auto slash = qualified.rfind('/');
  if (slash != std::string_view::npos) qualified.remove_prefix(slash + 1);
  return qualified.substr(0, qualified.find('@'));
}

/// The world's exports and who implements them, as a Python literal for every_guest.classes. Names here are identifiers, so none
/// needs quoting.
std::string protocols_of(const World& world, const PythonSource& source) {
  std::string text = "{";
  std::vector<std::string> done;
  for (const auto& first : world.exports) {
    if (std::find(done.begin(), done.end(), first.interface) != done.end()) continue;
    done.push_back(first.interface);
    text += "\"" +
            (first.interface.empty() ? camel(source.world_module)
                                     : camel(interface_name(first.interface))) +
            "\": {";
    for (const auto& function : world.exports) {
      if (function.interface != first.interface) continue;
      std::string mine = snake(function.name);
      for (const auto& name : source.functions)
        if (spelling_key(name) == spelling_key(function.name)) mine = name;
      text += "\"" + snake(function.name) + "\": \"" + mine + "\", ";
    }
    text += "}, ";
  }
  return text + "}";
}

bool overlaps(const Worlds& worlds, std::span<const std::string> functions) {
  for (const auto& world : worlds.worlds)
    for (const auto& function : world.exports)
      for (const auto& name : functions)
        if (spelling_key(name) == spelling_key(function.name)) return true;
  return false;
}

/// The last traceback in a text, with the user's paths and without the frames of others; empty where there is none.
std::string own_traceback(const std::string& text, const fs::path& root) {
  const auto begin = text.rfind("Traceback (most recent call last):");
  if (begin == std::string::npos) return {};
  std::string kept;
  bool skipping = false;
  std::size_t at = begin;
  while (at < text.size()) {
    const auto end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.empty()) break;
    if (line.starts_with("  File \"")) skipping = !line.starts_with("  File \"/0/");
    if (!line.starts_with("  ")) skipping = false;
    if (skipping) continue;
    if (line.starts_with("  File \"/0/")) {
      const auto quote = line.find('"', 8);
      kept += "  File \"" + near_path(root / line.substr(11, quote - 11)) + line.substr(quote);
    } else {
      kept += line;
    }
    kept += "\n";
  }
  return kept;
}

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

/// `File "app.py", line 3` of the last frame as `app.py:3`.
std::string place_of(const std::string& traceback) {
  const auto at = traceback.rfind("  File \"");
  if (at == std::string::npos) return {};
  const auto quote = traceback.find('"', at + 8);
  const auto line = quote + std::string_view("\", line ").size();
  return traceback.substr(at + 8, quote - at - 8) + ":" +
         traceback.substr(line, traceback.find_first_not_of("0123456789", line) - line);
}

struct PythonPlan {
  Source source;
  PythonSource python;
  WitFolder wit;
  std::string world;
  std::string app;  ///< text of every_app.py
  PythonTool tool;
  std::optional<PythonPackages> packages;
  std::vector<TextFile> files;  ///< the user's, relative to the root
  std::vector<std::string> notices;
  std::string base;  ///< of the output's name
};

class PythonJob final : public BuildJob {
 public:
  explicit PythonJob(PythonPlan plan) : plan_(std::move(plan)) {
    inputs_.language = "python";
    for (const auto& file : plan_.files) inputs_.add_file(file.path, core::as_bytes(file.text));
    for (const auto& file : plan_.wit.files)
      inputs_.add_file("wit/" + file.path, core::as_bytes(file.text));
    for (const auto& file : embedded_files("python/guest"))
      inputs_.add_file(std::string(file.path), core::as_bytes(file.content));
    inputs_.add_file("every_app.py", core::as_bytes(plan_.app));
    inputs_.options = {{"world", plan_.world}, {"world-module", plan_.python.world_module}};
    inputs_.tools = {{"componentize-py", plan_.tool.version}};
    if (plan_.packages)
      for (const auto& package : plan_.packages->versions) inputs_.tools.push_back(package);
  }

  [[nodiscard]] const BuildInputs& inputs() const override { return inputs_; }
  [[nodiscard]] fs::path default_output() const override {
    return plan_.source.project / "output" / (plan_.base + ".wasm");
  }
  [[nodiscard]] std::vector<std::string> notices() const override {
    auto all = plan_.wit.notices;
    all.insert(all.end(), plan_.notices.begin(), plan_.notices.end());
    return all;
  }
  [[nodiscard]] std::vector<fs::path> watched() const override {
    std::vector<fs::path> all{plan_.source.entry};
    for (const auto& file : plan_.python.files) all.push_back(plan_.python.root / file);
    if (!plan_.wit.origin.empty()) all.push_back(plan_.wit.origin);
    for (const char* name : {"requirements.txt", "pyproject.toml"})
      if (fs::exists(plan_.source.project / name)) all.push_back(plan_.source.project / name);
    return all;
  }

  [[nodiscard]] core::Result<Output> run(const BuildContext& context) override {
    context.progress("Building " + plan_.base + " with componentize-py " + plan_.tool.version);
    if (auto made = run_warm(context)) return Output{std::move(*made), Keep::kRecord};
    EVERY_TRY_ASSIGN(const WorkFolder work, WorkFolder::make(context.places.cache / "python"));
    EVERY_TRY(lay_out(work.path()));
    EVERY_TRY_ASSIGN(ProcessOutcome outcome,
                     componentize(work.path(), can_be_steady() ? "steady" : "loose", context));
    if (outcome.exit_code == kNotSteady) {
      plan_.notices.push_back(
          "this system does not let a build be evened out (" + last_line(outcome.errors) +
          "): another machine may get another CID from the same source; the build record can be "
          "shared instead (every build --export-records FILE)");
      EVERY_TRY_ASSIGN(outcome, componentize(work.path(), "loose", context));
    }
    if (!outcome.ok()) return core::fail(failure(outcome, context));
    EVERY_TRY_ASSIGN(auto bytes, core::read_file(work.path() / "out.wasm", std::size_t{1} << 30));
    return Output{std::move(bytes), Keep::kRecord};
  }

  void warm_up(const BuildContext& context) const override {
    if (auto tool = warm_tool(context)) context.warm->keep(plan_.source.entry, std::move(tool));
  }

 private:
  static constexpr int kNotSteady = 3;

  static bool can_be_steady() { return !preload_library(Preload::kSteady).empty(); }

  /// All that the tool sees before it looks at the content of a source.
  [[nodiscard]] std::string what_is_warm() const {
    BuildInputs what = inputs_;
    what.files.clear();
    for (const auto& file : sources()) what.add_file(file.path, {});
    for (const auto& file : plan_.wit.files)
      what.add_file("wit/" + file.path, core::as_bytes(file.text));
    return what.key().render();
  }

  /// The files whose content may change under a waiting tool, relative to the work folder.
  [[nodiscard]] std::vector<TextFile> sources() const {
    std::vector<TextFile> all{{"glue/every_app.py", plan_.app}};
    for (const auto& file : plan_.files) all.push_back({"source/" + file.path, file.text});
    return all;
  }

  /// The tool that waits for this source, or a new one; null where there can be none.
  [[nodiscard]] std::unique_ptr<WarmPython> warm_tool(const BuildContext& context) const {
    // Where the tool stops was looked up in the version that is locked.
    if (context.warm == nullptr || !can_be_steady() || plan_.tool.version != locked_tool_version())
      return nullptr;
    const auto what = what_is_warm();
    auto kept = context.warm->take(plan_.source.entry);
    if (auto* const warm = dynamic_cast<WarmPython*>(kept.get());
        warm != nullptr && warm->alive() && warm->what() == what) {
      (void)kept.release();
      return std::unique_ptr<WarmPython>(warm);
    }
    auto work = WorkFolder::make(context.places.cache / "python");
    if (!work || !lay_out(work->path())) return nullptr;
    const auto spec = tool_call(work->path(), "warm", context);
    auto started = WarmPython::start(std::move(*work), spec, what);
    return started ? std::move(*started) : nullptr;
  }

  [[nodiscard]] std::optional<core::Bytes> run_warm(const BuildContext& context) const {
    auto tool = warm_tool(context);
    if (!tool) return std::nullopt;
    auto made = tool->build(sources(), context.cancel);
    if (tool->alive()) context.warm->keep(plan_.source.entry, std::move(tool));
    return made;
  }

  /// The tool sees copies, and nothing else: it writes into the folders it reads.
  core::Status lay_out(const fs::path& work) const {
    EVERY_TRY(write_files(plan_.files, work / "source"));
    EVERY_TRY(write_files(plan_.wit.files, work / "wit"));
    EVERY_TRY(write_embedded("python/guest", work / "glue"));
    EVERY_TRY(write_embedded("python/scripts", work / "scripts"));
    const std::array app{TextFile{"every_app.py", plan_.app}};
    EVERY_TRY(write_files(app, work / "glue"));
    std::error_code failed;
    // Stands in for a virtual environment, so that the tool adds no packages of this machine.
    fs::create_directories(work / "environment" / "lib" / "site-packages", failed);
    fs::create_directories(work / "tmp", failed);
    if (plan_.packages) {
      // Links where the file system has them: packages can be large.
      fs::copy(plan_.packages->folder, work / "packages",
               fs::copy_options::recursive | fs::copy_options::copy_symlinks, failed);
    }
    if (failed) return core::fail(core::system_error("make folders in", work, failed.value()));
    for (const auto& [name, library] :
         {std::pair("steady.so", Preload::kSteady), std::pair("warm.so", Preload::kWarm)}) {
      EVERY_TRY(core::write_file_atomically(work / name, core::as_bytes(preload_library(library)),
                                            0755, core::Sync::kNo));
    }
    return {};
  }

  [[nodiscard]] core::Result<ProcessOutcome> componentize(const fs::path& work,
                                                          const std::string& how,
                                                          const BuildContext& context) const {
    return run_process(tool_call(work, how, context), context.cancel);
  }

  /// in: how   steady, loose (as the machine is), warm (steady, and waiting before it looks at the sources)
  [[nodiscard]] ProcessSpec tool_call(const fs::path& work, const std::string& how,
                                      const BuildContext& context) const {
    std::vector<std::string> arguments{plan_.tool.python.string(),
                                       "-I",
                                       "-B",
                                       (work / "scripts" / "driver.py").string(),
                                       plan_.tool.folder.empty() ? "-" : plan_.tool.folder.string(),
                                       how == "loose" ? "loose" : "steady",
                                       "--quiet",
                                       "-d",
                                       (work / "wit").string(),
                                       "-w",
                                       plan_.world,
                                       "--world-module",
                                       plan_.python.world_module,
                                       "componentize",
                                       "every_app",
                                       "-p",
                                       (work / "source").string(),
                                       "-p",
                                       (work / "glue").string()};
    if (plan_.packages) {
      arguments.emplace_back("-p");
      arguments.push_back((work / "packages").string());
    }
    arguments.emplace_back("-o");
    arguments.push_back((work / "out.wasm").string());
    ProcessSpec spec{std::move(arguments), work, context.environment, {}, {}};
    spec.environment["TMPDIR"] = (work / "tmp").string();
    spec.environment["VIRTUAL_ENV"] = (work / "environment").string();
    // Relative to the folder it runs in: a path with a blank would be two.
    if (how == "steady") spec.environment["LD_PRELOAD"] = "./steady.so";
    if (how == "warm") spec.environment["LD_PRELOAD"] = "./steady.so:./warm.so";
    return spec;
  }

  [[nodiscard]] core::Error failure(const ProcessOutcome& outcome,
                                    const BuildContext& context) const {
    const std::string all = outcome.output + outcome.errors;
    const std::string traceback = own_traceback(all, plan_.python.root);
    if (context.on_output) context.on_output(traceback.empty() ? all : traceback);
    if (traceback.empty()) {
      return {ErrorCode::kInvalidArgument,
              near_path(plan_.source.entry) + ": no component was made; " +
                  who_says_why(outcome, "componentize-py"),
              {}};
    }
    const std::string place = place_of(traceback);
    std::string text = (place.empty() ? near_path(plan_.source.entry) : place) + ": " +
                       last_line(traceback) +
                       " (a module's top level runs when the component is built)";
    if (traceback.find("ModuleNotFoundError") != std::string::npos)
      text += "; name a package in requirements.txt to have it in the component";
    return {ErrorCode::kInvalidArgument, std::move(text), {}};
  }

  PythonPlan plan_;
  BuildInputs inputs_;
};

class PythonBuilder final : public LanguageBuilder {
 public:
  [[nodiscard]] std::span<const Language> languages() const override {
    static constexpr std::array kLanguages{Language::kPython};
    return kLanguages;
  }
  [[nodiscard]] std::string_view installable() const override { return "python"; }
  [[nodiscard]] std::string_view summary() const override {
    return "plain functions with type hints; the WIT is made from them";
  }
  [[nodiscard]] core::Status install(const BuildContext& context) const override {
    return install_python_tool(context);
  }

  [[nodiscard]] std::vector<ToolCheck> check(const BuildContext& context) const override {
    std::vector<ToolCheck> checks;
    const auto python = find_python(context);
    checks.push_back({"python3", "runs the tools for Python",
                      python ? ToolCheck::State::kOk : ToolCheck::State::kMissing,
                      python ? python->string() : "not in PATH", std::string(kInstallPython)});
    const auto tool = find_python_tool(fs::path("."), context);
    checks.push_back({"componentize-py", "makes components of Python",
                      tool ? ToolCheck::State::kOk : ToolCheck::State::kMissing,
                      tool ? tool->version + " in " +
                                 (tool->folder.empty() ? tool->python : tool->folder).string()
                           : "not installed",
                      std::string(kInstallPythonTool)});
    return checks;
  }

  [[nodiscard]] core::Result<std::unique_ptr<BuildJob>> prepare(
      const Source& source, const BuildRequest& request,
      const BuildContext& context) const override {
    PythonPlan plan;
    plan.source = source;
    EVERY_TRY_ASSIGN(const fs::path python, find_python(context));
    EVERY_TRY_ASSIGN(plan.python, describe_python(source, python, context));
    EVERY_TRY(choose_wit(request, context, plan));
    EVERY_TRY_ASSIGN(plan.tool, find_python_tool(source.project, context));
    EVERY_TRY(bundle(context, plan));
    for (const auto& file : plan.python.files) {
      EVERY_TRY_ASSIGN(const auto bytes, core::read_file(plan.python.root / file, kMostBytes));
      plan.files.push_back({file, std::string(core::as_text(bytes))});
    }
    const std::string stem = source.entry.stem().string();
    plan.base = stem == "app" || stem == "main" ? base_of_app(plan) : stem;
    return std::make_unique<PythonJob>(std::move(plan));
  }

 private:
  /// `app.py` says nothing: the only function's name, else the folder's.
  static std::string base_of_app(const PythonPlan& plan) {
    if (plan.python.functions.size() == 1) return plan.python.functions.front();
    const std::string folder = plan.source.project.filename().string();
    return folder.empty() ? "app" : folder;
  }

  static void use_hints(PythonPlan& plan) {
    plan.wit = wit_of_text("app.wit", *plan.python.wit);
    const auto& text = *plan.python.wit;
    const auto begin = text.find("world ") + 6;
    plan.world = text.substr(begin, text.find(' ', begin) - begin);
    if (plan.world.starts_with('%')) plan.world.erase(0, 1);
    // The class that is looked up is called like the bindings' module, which a source with hints has no say in.
    plan.python.world_module = "wit_world";
    plan.app = app_text(plan.python, plan.python.hints, "{}");
  }

  static std::string app_text(const PythonSource& source, const std::string& hints,
                              const std::string& given) {
    return "import every_guest\n\nglobals().update(every_guest.classes(\"" + source.module +
           "\", \"" + source.world_module + "\", " + hints + ", " + given + "))\n";
  }

  static core::Status choose_wit(const BuildRequest& request, const BuildContext& context,
                                 PythonPlan& plan) {
    EVERY_TRY_ASSIGN(auto wit, find_wit(plan.source, request.wit));
    if (!wit) {
      if (plan.python.wit_problem) return core::fail(*plan.python.wit_problem);
      if (plan.python.wit) {
        use_hints(plan);
        return {};
      }
      return core::fail(ErrorCode::kInvalidArgument,
                        near_path(plan.source.entry) +
                            " is written for a world, and no WIT with it was found in " +
                            plan.source.project.string() + ", wit/ or ../wit; say where it is " +
                            "with --wit PATH, or write plain functions with type hints");
    }
    EVERY_TRY_ASSIGN(const Worlds worlds, context.wasm.worlds(*wit));
    const bool asked = request.wit || request.world;
    if (!asked && plan.python.wit && !overlaps(worlds, plan.python.functions)) {
      plan.notices.push_back("no world in " + wit->origin.string() + " has a function of " +
                             near_path(plan.source.entry) + "; its type hints are used instead");
      use_hints(plan);
      return {};
    }
    EVERY_TRY_ASSIGN(const World* world,
                     choose_world(worlds, request.world, plan.python.functions, *wit));
    plan.world = world->name;
    plan.app = app_text(plan.python, "[]", protocols_of(*world, plan.python));
    plan.wit = std::move(*wit);
    return {};
  }

  static core::Status bundle(const BuildContext& context, PythonPlan& plan) {
    for (const auto& tool : plan.python.tools) {
      std::string text =
          plan.python.requirements_file + " names " + tool + ", a tool: it is not bundled";
      if (tool.starts_with("componentize"))
        text += ", and componentize-py " + plan.tool.version + " builds this";
      plan.notices.push_back(std::move(text));
    }
    if (plan.tool.version != locked_tool_version()) {
      plan.notices.push_back("componentize-py " + plan.tool.version + " is used, from " +
                             plan.tool.python.string() + "; " + locked_tool_version() +
                             " gives the CID that others get: " + std::string(kInstallPythonTool));
    }
    if (plan.python.packages.empty()) return {};
    EVERY_TRY_ASSIGN(plan.packages,
                     python_packages(plan.python.packages, plan.python.requirements_file, context));
    return {};
  }
};

}  // namespace

std::unique_ptr<LanguageBuilder> make_python_builder() {
  return std::make_unique<PythonBuilder>();
}

}  // namespace every::toolchain
