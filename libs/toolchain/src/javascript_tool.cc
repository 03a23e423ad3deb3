#include "javascript_tool.h"

#include <cstdlib>
#include <system_error>

#include "preload.h"
#include <boost/json.hpp>

#include "every/core/file.h"
#include "every/core/text.h"
#include "every/toolchain/build.h"
#include "every/toolchain/embedded.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using core::ErrorCode;

constexpr int kOldestNode = 18;

/// Each engine's packages are in a folder of their own, `<toolchains>/<name>`, from a lock file of their own.
struct Packages {
  std::string_view name;      ///< of `every toolchain install NAME`
  std::string_view embedded;  ///< the folder of package.json and package-lock.json
  std::string_view tool;      ///< a package that says it is all there
};
Packages packages_of(JavaScriptEngine engine) {
  if (engine == JavaScriptEngine::kStarlingMonkey)
    return {"js-starlingmonkey", "javascript/starlingmonkey", "@bytecodealliance/componentize-js"};
  return {"js", "javascript", "componentize-qjs"};
}

std::string lock_hash(JavaScriptEngine engine) {
  const auto lock = embedded_file(std::string(packages_of(engine).embedded) + "/package-lock.json");
  return hash_of_content(core::as_bytes(lock)).render();
}

fs::path place_of(JavaScriptEngine engine, const BuildContext& context) {
  return context.places.toolchains / packages_of(engine).name;
}

/// Written when npm has done its work: the lock file that it did it for.
fs::path marker_of(const fs::path& place) {
  return place / "installed";
}

enum class Installed : std::uint8_t { kNo, kOther, kYes };
Installed installed(JavaScriptEngine engine, const BuildContext& context) {
  const auto mark = core::read_file(marker_of(place_of(engine, context)));
  if (!mark) return Installed::kNo;
  return core::as_text(*mark) == lock_hash(engine) ? Installed::kYes : Installed::kOther;
}

core::Status ensure_installed(JavaScriptEngine engine, const BuildContext& context) {
  const auto state = installed(engine, context);
  if (state == Installed::kYes) return {};
  const std::string command = "every toolchain install " + std::string(packages_of(engine).name);
  const std::string what = engine == JavaScriptEngine::kStarlingMonkey
                               ? "the StarlingMonkey tools"
                               : "the tools that build TypeScript and JavaScript";
  return core::fail(
      ErrorCode::kNotFound,
      what +
          (state == Installed::kOther ? " are of another version of every; renew them with: "
                                      : " are not installed; install them with: ") +
          command);
}

/// The scripts of this binary, over those of an older one.
core::Status write_scripts(const fs::path& folder) {
  for (const char* part : {"scripts", "guest", "types"})
    EVERY_TRY(write_embedded("javascript/" + std::string(part), folder / part));
  const auto there = core::read_file(folder / "pin.so");
  if (there && core::as_text(*there) == preload_library(Preload::kPin)) return {};
  return core::write_file_atomically(
      folder / "pin.so", core::as_bytes(preload_library(Preload::kPin)), 0755, core::Sync::kNo);
}

/// What `node --version` says; empty when it does not run.
std::string version_of(const fs::path& node, const BuildContext& context) {
  const auto asked =
      run_process({{node.string(), "--version"}, {}, context.environment, {}, {}}, context.cancel);
  return asked ? asked->output.substr(0, asked->output.find('\n')) : std::string();
}

bool is_new_enough(const std::string& version) {
  return version.starts_with('v') && std::atoi(version.c_str() + 1) >= kOldestNode;
}

/// The JavaScript side's own text of a failure without an answer.
core::Error no_answer(const ProcessOutcome& outcome, const fs::path& node,
                      const BuildContext& context) {
  if (const std::string version = version_of(node, context);
      !version.empty() && !is_new_enough(version)) {
    return {ErrorCode::kUnsupported,
            "node in " + node.parent_path().string() + " is " + version +
                ", and building takes version " + std::to_string(kOldestNode) +
                " or later; install one with: " + std::string(kInstallNode) +
                ", or put a newer one into PATH",
            {}};
  }
  const std::string text = core::shorten(outcome.errors + outcome.output, 2000);
  return {
      ErrorCode::kInternal,
      "the JavaScript builder ended with code " + std::to_string(outcome.exit_code) + ": " + text,
      {}};
}

std::string lines_of(const json::value& texts) {
  std::string all;
  for (const auto& text : texts.as_array())
    all += (all.empty() ? "" : "\n") + std::string(text.as_string());
  return all;
}

core::Error npm_failed(const ProcessOutcome& outcome, std::string_view name) {
  const std::string text = outcome.errors + outcome.output;
  for (const std::string_view sign : {"ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT",
                                      "ECONNRESET", "ENETUNREACH", "ERR_SOCKET_TIMEOUT"}) {
    if (text.find(sign) == std::string::npos) continue;
    return {ErrorCode::kUnavailable,
            "npm cannot reach its registry (" + std::string(sign) +
                "); connect, or set npm's registry or proxy (npm config set registry URL), and "
                "repeat: every toolchain install " +
                std::string(name),
            {}};
  }
  if (text.find("EINTEGRITY") != std::string::npos)
    return {ErrorCode::kIntegrity,
            "npm got a package that is not the one of the lock file; clear its cache with: npm "
            "cache clean --force, and repeat: every toolchain install " +
                std::string(name),
            {}};
  return {ErrorCode::kIo, "npm install failed: " + core::shorten(text, 2000), {}};
}

}  // namespace

std::string_view render_engine(JavaScriptEngine engine) {
  return engine == JavaScriptEngine::kStarlingMonkey ? "starlingmonkey" : "quickjs";
}

core::Result<JavaScriptEngine> parse_engine(const std::optional<std::string>& text) {
  if (!text || *text == "quickjs") return JavaScriptEngine::kQuickJs;
  if (*text == "starlingmonkey") return JavaScriptEngine::kStarlingMonkey;
  return core::fail(ErrorCode::kInvalidArgument,
                    "there is no JavaScript engine `" + *text +
                        "`; --engine takes quickjs (small, quick to build and to start) or "
                        "starlingmonkey (large, faster in long computations)");
}

std::string JavaScriptTool::version(JavaScriptEngine engine) {
  BuildInputs scripts;
  for (const char* folder : {"javascript/scripts", "javascript/guest"})
    for (const auto& file : embedded_files(folder))
      scripts.add_file(std::string(file.path), core::as_bytes(file.content));
  scripts.tools.emplace_back("javascript", lock_hash(JavaScriptEngine::kQuickJs));
  scripts.tools.emplace_back("engine", lock_hash(engine));
  return scripts.key().render();
}

core::Result<json::object> JavaScriptTool::ask(json::object request, Clock clock,
                                               const BuildContext& context) const {
  EVERY_TRY_ASSIGN(const WorkFolder work, WorkFolder::make(context.places.cache / "javascript"));
  const fs::path answer = work.path() / "answer.json";
  request["answer"] = answer.string();
  request["folder"] = fs::current_path().string();
  request["work"] = work.path().string();
  ProcessSpec spec{{node.string(), (folder / "scripts" / "build.mjs").string()},
                   work.path(),
                   context.environment,
                   json::serialize(request),
                   {}};
  // Settings of the user's own Node.js programs do not reach the builder.
  spec.environment.erase("NODE_OPTIONS");
  spec.environment.erase("NODE_PATH");
  if (clock == Clock::kSteady && !preload_library(Preload::kPin).empty())
    spec.environment["LD_PRELOAD"] = (folder / "pin.so").string();
  EVERY_TRY_ASSIGN(const ProcessOutcome outcome, run_process(spec, context.cancel));
  const auto text = core::read_file(answer, std::size_t{256} << 20);
  if (!text) return core::fail(no_answer(outcome, node, context));
  boost::system::error_code failed;
  const json::value parsed = json::parse(core::as_text(*text), failed);
  const auto* object = parsed.if_object();
  if (failed || object == nullptr) return core::fail(no_answer(outcome, node, context));
  if (!object->at("ok").as_bool()) {
    const auto* ours = object->if_contains("internal");
    return core::fail(ours != nullptr ? ErrorCode::kInternal : ErrorCode::kInvalidArgument,
                      lines_of(object->at("errors")));
  }
  return *object;
}

core::Result<JavaScriptTool> find_javascript_tool(JavaScriptEngine engine,
                                                  const BuildContext& context) {
  EVERY_TRY_ASSIGN(const fs::path node,
                   context.need("node", "build TypeScript and JavaScript", kInstallNode));
  EVERY_TRY(ensure_installed(JavaScriptEngine::kQuickJs, context));
  EVERY_TRY(ensure_installed(engine, context));
  const fs::path folder = place_of(JavaScriptEngine::kQuickJs, context);
  EVERY_TRY(write_scripts(folder));
  return JavaScriptTool{node, folder};
}

core::Status install_javascript_tool(JavaScriptEngine engine, const BuildContext& context) {
  EVERY_TRY(context.need("node", "build TypeScript and JavaScript", kInstallNode));
  EVERY_TRY_ASSIGN(const fs::path npm,
                   context.need("npm", "fetch the JavaScript tools", kInstallNode));
  if (installed(engine, context) == Installed::kYes) return {};
  const Packages packages = packages_of(engine);
  const fs::path place = place_of(engine, context);
  std::error_code failed;
  fs::create_directories(place, failed);
  if (failed) return core::fail(core::system_error("make", place, failed.value()));
  fs::remove(marker_of(place), failed);
  for (const char* name : {"package.json", "package-lock.json"}) {
    const auto content = embedded_file(std::string(packages.embedded) + "/" + name);
    EVERY_TRY(
        core::write_file_atomically(place / name, core::as_bytes(content), 0644, core::Sync::kNo));
  }
  context.progress("Fetching " + std::string(packages.tool) + " and what it needs");
  // No package's own script is needed, so none is run. Not `npm ci`: componentize-qjs names packages for other systems that were never
  // published, which no lock file can hold; what the lock file holds is checked by its hash all the same.
  ProcessSpec spec{{npm.string(), "install", "--ignore-scripts", "--no-audit", "--no-fund",
                    "--fetch-retries=1", "--loglevel=error"},
                   place,
                   context.environment,
                   {},
                   {}};
  EVERY_TRY_ASSIGN(const ProcessOutcome outcome, run_process(spec, context.cancel));
  if (!outcome.ok()) return core::fail(npm_failed(outcome, packages.name));
  if (!fs::exists(place / "node_modules" / packages.tool / "package.json", failed)) {
    return core::fail(ErrorCode::kIo, "npm ended without installing " + std::string(packages.tool) +
                                          "; see its log in ~/.npm/_logs");
  }
  if (engine == JavaScriptEngine::kQuickJs) EVERY_TRY(write_scripts(place));
  return core::write_file_atomically(marker_of(place), core::as_bytes(lock_hash(engine)), 0644,
                                     core::Sync::kNo);
}

std::vector<ToolCheck> check_javascript_tool(JavaScriptEngine engine, const BuildContext& context) {
  std::vector<ToolCheck> checks;
  using State = ToolCheck::State;
  if (engine == JavaScriptEngine::kQuickJs) {
    ToolCheck node{"node", "builds TypeScript and JavaScript", State::kMissing, "not in PATH",
                   std::string(kInstallNode)};
    if (const auto found = find_program(context.environment, "node")) {
      const std::string version = version_of(*found, context);
      const bool fits = is_new_enough(version);
      node.state = fits ? State::kOk : State::kOutdated;
      node.found = version + " " + found->string();
      if (fits) node.install.clear();
    }
    checks.push_back(std::move(node));
  }
  const Packages packages = packages_of(engine);
  const auto state = installed(engine, context);
  checks.push_back({std::string(packages.tool), "makes components of JavaScript",
                    state == Installed::kYes     ? State::kOk
                    : state == Installed::kOther ? State::kOutdated
                                                 : State::kMissing,
                    state == Installed::kYes     ? place_of(engine, context).string()
                    : state == Installed::kOther ? "of another version of every"
                                                 : "not installed",
                    state == Installed::kYes
                        ? std::string()
                        : "every toolchain install " + std::string(packages.name)});
  return checks;
}

}  // namespace every::toolchain
