#include <algorithm>
#include <array>

#include "builders.h"
#include "javascript_tool.h"
#include <boost/json.hpp>

#include "every/core/file.h"
#include "every/core/text.h"
#include "every/toolchain/build.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::vector<std::string> strings_of(const json::value* list) {
  std::vector<std::string> out;
  if (list == nullptr) return out;
  for (const auto& item : list->as_array()) out.emplace_back(item.as_string());
  return out;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

json::value part_json(const WitFunction::Param& part) {
  return json::object{{"name", part.name}, {"shape", json::parse(part.shape)}};
}

/// A world as the scripts read it.
json::object world_json(const World& world) {
  json::array functions;
  for (const auto& function : world.exports) {
    json::array params;
    for (const auto& param : function.params) params.push_back(part_json(param));
    functions.push_back(json::object{
        {"interface", function.interface},
        {"name", function.name},
        {"params", std::move(params)},
        {"result", function.result ? part_json(*function.result) : json::value(nullptr)}});
  }
  return {{"exports", json::object{{"functions", std::move(functions)}}},
          {"imports", json::object{{"interfaces", json::array(world.import_interfaces.begin(),
                                                              world.import_interfaces.end())}}}};
}

/// Does the source have all exports of one of the worlds?
bool any_fits(const Worlds& worlds, std::span<const std::string> exports) {
  return std::any_of(worlds.worlds.begin(), worlds.worlds.end(), [&](const World& world) {
    return !world.exports.empty() &&
           std::all_of(world.exports.begin(), world.exports.end(), [&](const auto& function) {
             return !function.interface.empty() ||
                    std::any_of(exports.begin(), exports.end(), [&](const auto& name) {
                      return spelling_key(name) == spelling_key(function.name);
                    });
           });
  });
}

class JavaScriptJob final : public BuildJob {
 public:
  JavaScriptJob(Source source, JavaScriptTool tool, JavaScriptEngine engine, json::object request,
                std::vector<std::string> notices, const std::optional<WitFolder>& wit)
      : source_(std::move(source)),
        tool_(std::move(tool)),
        engine_(engine),
        request_(std::move(request)),
        notices_(std::move(notices)) {
    const fs::path root = text_of(request_, "root");
    for (const auto& file : strings_of(request_.if_contains("files")))
      watched_.push_back(root / file);
    for (const char* name : {"package.json", "tsconfig.json"}) {
      std::error_code ignored;
      if (fs::exists(root / name, ignored)) watched_.push_back(root / name);
    }
    if (wit) watched_.push_back(wit->origin);
    inputs_.language = "javascript";
    inputs_.add_file("bundle", core::as_bytes(text_of(request_, "bundle")));
    for (const auto& [path, text] : request_.at("wit").as_object())
      inputs_.add_file("wit/" + std::string(path), core::as_bytes(std::string(text.as_string())));
    // How types look to the source is not all in the WIT: an array or a typed array, null or undefined.
    if (const auto* functions = request_.if_contains("functions"))
      inputs_.add_file("functions", core::as_bytes(json::serialize(*functions)));
    inputs_.options.emplace_back("world", text_of(request_, "world"));
    inputs_.options.emplace_back("engine", std::string(render_engine(engine_)));
    inputs_.tools.emplace_back("javascript", JavaScriptTool::version(engine_));
  }

  [[nodiscard]] const BuildInputs& inputs() const override { return inputs_; }
  [[nodiscard]] std::vector<std::string> notices() const override { return notices_; }
  [[nodiscard]] std::vector<fs::path> watched() const override { return watched_; }
  [[nodiscard]] fs::path default_output() const override {
    const std::string folder = text_of(request_, "out_dir");
    const fs::path place = folder.empty() ? source_.project / "output" : fs::path(folder);
    return place / (text_of(request_, "base") + "-" + text_of(request_, "tag") + ".wasm");
  }

  [[nodiscard]] core::Result<Output> run(const BuildContext& context) override {
    context.progress("Building " + text_of(request_, "base") + " (" +
                     std::string(render_engine(engine_)) + ")");
    EVERY_TRY_ASSIGN(const WorkFolder work, WorkFolder::make(context.places.cache / "javascript"));
    const fs::path out = work.path() / "component.wasm";
    json::object request = request_;
    request["command"] = "componentize";
    request["out"] = out.string();
    EVERY_TRY(tool_.ask(std::move(request), JavaScriptTool::Clock::kSteady, context));
    EVERY_TRY_ASSIGN(auto bytes, core::read_file(out, std::size_t{1} << 30));
    return Output{std::move(bytes)};
  }

 private:
  Source source_;
  JavaScriptTool tool_;
  JavaScriptEngine engine_;
  json::object request_;  ///< what analysing gave, and the WIT
  std::vector<std::string> notices_;
  std::vector<fs::path> watched_;
  BuildInputs inputs_;
};

/// What a source is, before anything is made of it.
struct Analysis {
  json::object answer;
  std::optional<WitFolder> wit;  ///< none: it comes from the types
  std::vector<std::string> notices;
};

class JavaScriptBuilder final : public LanguageBuilder {
 public:
  [[nodiscard]] std::span<const Language> languages() const override {
    static constexpr std::array kLanguages{Language::kTypeScript, Language::kJavaScript};
    return kLanguages;
  }

  [[nodiscard]] core::Result<std::unique_ptr<BuildJob>> prepare(
      const Source& source, const BuildRequest& request,
      const BuildContext& context) const override {
    EVERY_TRY_ASSIGN(const auto engine, parse_engine(request.engine));
    EVERY_TRY_ASSIGN(const auto tool, find_javascript_tool(engine, context));
    EVERY_TRY_ASSIGN(auto found, analyse(source, request, engine, tool, context));
    found.answer["engine"] = render_engine(engine);
    for (auto& warning : strings_of(found.answer.if_contains("warnings")))
      found.notices.push_back(std::move(warning));
    return std::make_unique<JavaScriptJob>(source, tool, engine, std::move(found.answer),
                                           std::move(found.notices), found.wit);
  }

  [[nodiscard]] std::vector<ToolCheck> check(const BuildContext& context) const override {
    return check_javascript_tool(JavaScriptEngine::kQuickJs, context);
  }
  [[nodiscard]] std::string_view installable() const override { return "js"; }
  [[nodiscard]] core::Status install(const BuildContext& context) const override {
    return install_javascript_tool(JavaScriptEngine::kQuickJs, context);
  }
  [[nodiscard]] std::string_view summary() const override {
    return "TypeScript and JavaScript: export functions with types; WIT is made from the types, or "
           "given";
  }

 private:
  static core::Result<json::object> ask(const Source& source, std::string_view wit,
                                        JavaScriptEngine engine, const JavaScriptTool& tool,
                                        const BuildContext& context) {
    const bool manifest = source.entry.filename() == "package.json";
    return tool.ask({{"command", "analyse"},
                     {"path", (manifest ? source.project : source.entry).string()},
                     {"wit", wit},
                     {"engine", render_engine(engine)}},
                    JavaScriptTool::Clock::kReal, context);
  }

  /// With the WIT that is there, if one of its worlds is meant; else with WIT from the types.
  static core::Result<Analysis> analyse(const Source& source, const BuildRequest& request,
                                        JavaScriptEngine engine, const JavaScriptTool& tool,
                                        const BuildContext& context) {
    Analysis found;
    EVERY_TRY_ASSIGN(found.wit, find_wit(source, request.wit));
    if (found.wit) {
      // WIT beside the project may be another function's: then the types say it.
      const bool shared =
          !request.wit && !request.world && !is_below(found.wit->origin, source.project);
      EVERY_TRY_ASSIGN(found.answer,
                       ask(source, shared ? "shared" : "given", engine, tool, context));
      EVERY_TRY_ASSIGN(const Worlds worlds, context.wasm.worlds(*found.wit));
      const auto exports = strings_of(found.answer.if_contains("exports"));
      if (!shared || any_fits(worlds, exports)) {
        EVERY_TRY_ASSIGN(const World* world,
                         choose_world(worlds, request.world, exports, *found.wit));
        found.answer.erase("functions");
        found.answer["world"] = world->name;
        found.answer["world_json"] = world_json(*world);
        json::object files;
        for (const auto& file : found.wit->files) files[file.path] = file.text;
        found.answer["wit"] = std::move(files);
        found.notices = found.wit->notices;
        return found;
      }
      found.notices.push_back("no world in " + found.wit->origin.string() +
                              " fits what the source exports, so the WIT is made from its types");
      found.wit.reset();
      // What stands in the way of that, if anything does.
      if (const auto* errors = found.answer.if_contains("types_errors")) {
        return core::fail(core::ErrorCode::kInvalidArgument,
                          joined(strings_of(errors)) + "\n(" + found.notices.front() + ")");
      }
      return found;
    } else if (request.world) {
      return core::fail(
          core::ErrorCode::kInvalidArgument,
          "--world " + *request.world +
              " names a world, but there is no WIT here; give "
              "it with --wit, or leave --world out: the WIT is then made from the types");
    }
    EVERY_TRY_ASSIGN(found.answer, ask(source, "types", engine, tool, context));
    return found;
  }

  static bool is_below(const fs::path& path, const fs::path& folder) {
    std::error_code ignored;
    const auto relative = fs::weakly_canonical(path, ignored).lexically_relative(folder);
    return !relative.empty() && *relative.begin() != "..";
  }
};

/// StarlingMonkey's packages are many and large, so they are fetched apart. It builds nothing by itself.
class StarlingMonkeyPackages final : public LanguageBuilder {
 public:
  [[nodiscard]] std::span<const Language> languages() const override { return {}; }
  [[nodiscard]] core::Result<std::unique_ptr<BuildJob>> prepare(
      const Source&, const BuildRequest&, const BuildContext&) const override {
    return core::fail(core::ErrorCode::kInternal, "a set of packages builds nothing");
  }
  [[nodiscard]] std::vector<ToolCheck> check(const BuildContext&) const override { return {}; }
  [[nodiscard]] std::string_view installable() const override { return "js-starlingmonkey"; }
  [[nodiscard]] core::Status install(const BuildContext& context) const override {
    return install_javascript_tool(JavaScriptEngine::kStarlingMonkey, context);
  }
  [[nodiscard]] std::string_view summary() const override { return {}; }
};

}  // namespace

std::unique_ptr<LanguageBuilder> make_javascript_builder() {
  return std::make_unique<JavaScriptBuilder>();
}

std::unique_ptr<LanguageBuilder> make_starlingmonkey_packages() {
  return std::make_unique<StarlingMonkeyPackages>();
}

}  // namespace every::toolchain
