#include <algorithm>
#include <array>

#include "builders.h"
#include "project_files.h"
#include "rust_project.h"
#include "rust_shadow.h"
#include "rust_toolchain.h"

#include "every/core/file.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;

constexpr std::uint32_t kRecipe = 1;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;
constexpr std::array<std::string_view, 2> kLeftOut{"target", "node_modules"};

std::string_view folder_of(Profile profile) {
  return profile == Profile::kRelease ? "release" : "debug";
}

std::string variable(const Environment& environment, const std::string& name) {
  const auto at = environment.find(name);
  return at == environment.end() ? std::string() : at->second;
}

/// As a basic string of TOML: the name of a folder may have quotes.
std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// Flags that keep this machine's folders out of the module: panics and debug information name files.
std::vector<std::string> remap_flags(const BuildContext& context, const RustProject& project) {
  std::vector<std::pair<std::string, std::string>> folders;
  // Later ones win, so the most particular come last.
  if (const auto home = variable(context.environment, "HOME"); !home.empty()) {
    folders.emplace_back(home, "/home");
    folders.emplace_back(home + "/.cargo", "/cargo");
    folders.emplace_back(home + "/.rustup", "/rustup");
  }
  if (const auto home = variable(context.environment, "CARGO_HOME"); !home.empty())
    folders.emplace_back(home, "/cargo");
  folders.emplace_back(project.workspace.string(), "/source");
  if (project.folder != project.workspace)
    folders.emplace_back(project.folder.string(), "/source/" + project.package);
  std::vector<std::string> flags;
  for (const auto& [from, to] : folders) flags.push_back("--remap-path-prefix=" + from + "=" + to);
  return flags;
}

/// All files cargo read for the module, from the dependency file it leaves beside it.
bool reads_only(const fs::path& dep_info, const std::vector<fs::path>& known) {
  const auto bytes = core::read_file(dep_info, kMostBytes);
  if (!bytes) return false;
  std::string_view text = core::as_text(*bytes);
  text = text.substr(std::min(text.find(": ") + 2, text.size()));
  text = text.substr(0, text.find('\n'));
  while (!text.empty()) {
    std::size_t end = 0;
    while (end < text.size() && (text[end] != ' ' || text[end - 1] == '\\')) ++end;
    const auto path = fs::path(text.substr(0, end)).lexically_normal().string();
    text.remove_prefix(std::min(end + 1, text.size()));
    if (path.empty()) continue;
    const bool inside = std::any_of(known.begin(), known.end(), [&](const fs::path& folder) {
      return path.starts_with(folder.string() + "/");
    });
    if (!inside) return false;
  }
  return true;
}

class RustJob final : public BuildJob {
 public:
  RustJob(RustToolchain rust, RustProject project, Profile profile)
      : rust_(std::move(rust)), project_(std::move(project)), profile_(profile) {}

  core::Status collect(const Source& source, const BuildRequest& request) {
    inputs_.language = "rust";
    inputs_.recipe = kRecipe;
    inputs_.options = {{"profile", std::string(folder_of(profile_))},
                       {"target", std::string(kRustTarget)},
                       {"package", project_.package}};
    inputs_.tools = {{"rustc", rust_.version}};
    EVERY_TRY(add_folder(inputs_, project_.folder, "", kLeftOut));
    if (project_.workspace != project_.folder) {
      for (const char* name : {"Cargo.toml", "Cargo.lock"}) {
        if (const auto bytes = core::read_file(project_.workspace / name, kMostBytes))
          inputs_.add_file(std::string("workspace:") + name, *bytes);
      }
    }
    for (const auto& folder : project_.dependencies) {
      const auto name = folder.lexically_relative(project_.folder).generic_string();
      EVERY_TRY(add_folder(inputs_, folder, name + "/", kLeftOut));
    }
    EVERY_TRY_ASSIGN(wit_, find_wit(source, request.wit));
    if (wit_) add_wit(inputs_, *wit_);
    is_mended_ = wit_ && !wit_->notices.empty() && reads_wit_itself(project_);
    return {};
  }

  [[nodiscard]] const BuildInputs& inputs() const override { return inputs_; }
  [[nodiscard]] fs::path default_output() const override {
    return project_.target / "wasm32-wasi" / folder_of(profile_) / (project_.library + ".wasm");
  }
  [[nodiscard]] std::vector<fs::path> watched() const override {
    std::vector<fs::path> out = project_.dependencies;
    out.push_back(project_.folder);
    if (wit_) out.push_back(wit_->origin);
    return out;
  }
  [[nodiscard]] std::vector<std::string> notices() const override {
    return is_mended_ ? wit_->notices : std::vector<std::string>();
  }

  [[nodiscard]] core::Result<Output> run(const BuildContext& context) override {
    context.progress("Compiling " + project_.package + " with " + rust_.version);
    RustProject project = project_;
    if (is_mended_) {
      const auto name = hash_of_content(core::as_bytes(project_.folder.native())).render();
      EVERY_TRY_ASSIGN(project,
                       make_rust_shadow(project_, *wit_, context.places.cache / "rust" / name));
    }
    const auto flags = remap_flags(context, project);
    Environment environment = rust_.environment;
    environment["RUSTC"] = rust_.rustc.string();
    if (context.colour == BuildContext::Colour::kAlways) environment["CARGO_TERM_COLOR"] = "always";
    auto command = command_of(context, flags, environment);
    if (is_mended_) command.insert(command.end(), {"--target-dir", project_.target.string()});
    EVERY_TRY_ASSIGN(const auto outcome,
                     context.run(std::move(command), project.folder, environment));
    if (!outcome.ok()) return core::fail(ErrorCode::kInvalidArgument, what_failed(outcome));
    const auto made = project_.target / kRustTarget / folder_of(profile_);
    EVERY_TRY_ASSIGN(auto module, core::read_file(made / (project_.library + ".wasm"), kMostBytes));
    // A file from elsewhere (include_str!("../../x")) is not among the inputs, so no record may be kept.
    std::vector<fs::path> known = project.dependencies;
    known.push_back(project.folder);
    if (is_mended_) known.push_back(context.places.cache / "rust");
    if (wit_) known.push_back(fs::absolute(wit_->origin).lexically_normal());
    const auto keep =
        reads_only(made / (project_.library + ".d"), known) ? Keep::kRecord : Keep::kNothing;
    return Output{std::move(module), keep};
  }

 private:
  [[nodiscard]] std::vector<std::string> command_of(const BuildContext& context,
                                                    const std::vector<std::string>& flags,
                                                    Environment& environment) const {
    std::vector<std::string> command{rust_.cargo.string(),     "build",     "--target",
                                     std::string(kRustTarget), "--package", project_.package};
    if (profile_ == Profile::kRelease) command.emplace_back("--release");
    command.insert(command.end(), rust_.flags.begin(), rust_.flags.end());
    // Flags of the user's environment replace those of all files, so ours join them there.
    if (const auto set = variable(context.environment, "RUSTFLAGS"); !set.empty()) {
      environment["RUSTFLAGS"] = set;
      for (const auto& flag : flags) environment["RUSTFLAGS"] += " " + flag;
      return command;
    }
    std::string list;
    for (const auto& flag : flags) list += (list.empty() ? "" : ",") + toml_string(flag);
    command.emplace_back("--config");
    command.push_back("target." + std::string(kRustTarget) + ".rustflags=[" + list + "]");
    return command;
  }

  [[nodiscard]] std::string what_failed(const ProcessOutcome& outcome) const {
    std::string text = project_.package + " does not compile; " + who_says_why(outcome, "cargo");
    if (!wit_ && outcome.errors.find("failed to read path for WIT") != std::string::npos) {
      text += ". There is no WIT in " + project_.folder.string() + ", its wit/ or ../wit; write " +
              std::string(kWitExample);
    }
    return text;
  }

  RustToolchain rust_;
  RustProject project_;
  Profile profile_;
  BuildInputs inputs_;
  std::optional<WitFolder> wit_;
  bool is_mended_ = false;  ///< a macro reads the WIT, and it has names of old: a copy is built
};

class RustBuilder final : public LanguageBuilder {
 public:
  [[nodiscard]] std::span<const Language> languages() const override {
    static constexpr std::array kLanguages{Language::kRust};
    return kLanguages;
  }
  [[nodiscard]] core::Result<std::unique_ptr<BuildJob>> prepare(
      const Source& source, const BuildRequest& request,
      const BuildContext& context) const override {
    EVERY_TRY_ASSIGN(auto rust, find_rust(context));
    EVERY_TRY_ASSIGN(auto project, read_rust_project(context, rust, source.entry));
    auto job = std::make_unique<RustJob>(std::move(rust), std::move(project), request.profile);
    EVERY_TRY(job->collect(source, request));
    return job;
  }
  [[nodiscard]] std::vector<ToolCheck> check(const BuildContext& context) const override {
    ToolCheck check{
        "cargo and rustc", "compile Rust to WebAssembly", ToolCheck::State::kOk, {}, {}};
    if (const auto rust = find_rust(context)) {
      check.found = rust->version + " in " + rust->cargo.parent_path().string();
    } else {
      check.state = ToolCheck::State::kMissing;
      check.found = rust.error().message.substr(0, rust.error().message.find(';'));
      check.install = rust_advice(context.environment);
    }
    return {check};
  }
  [[nodiscard]] std::string_view summary() const override {
    return "a Cargo project with wit-bindgen; needs cargo and rustc";
  }
};

}  // namespace

std::unique_ptr<LanguageBuilder> make_rust_builder() {
  return std::make_unique<RustBuilder>();
}

}  // namespace every::toolchain
