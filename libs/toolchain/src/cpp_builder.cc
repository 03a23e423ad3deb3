#include <algorithm>
#include <array>
#include <system_error>

#include "builders.h"
#include "cpp_toolchain.h"
#include "cpp_world.h"
#include "project_files.h"

#include "every/core/file.h"
#include "every/toolchain/build.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;

constexpr std::uint32_t kRecipe = 1;
constexpr std::size_t kMostBytes = std::size_t{256} << 20;
constexpr std::array<std::string_view, 4> kLeftOut{"output", "build", "target", "node_modules"};

bool is_source(const fs::path& path) {
  const auto extension = path.extension().string();
  return extension == ".c" || extension == ".cpp" || extension == ".cc" || extension == ".cxx";
}

/// What is compiled: the file that was given, or all of a folder and its `src/`. Relative to the project.
core::Result<std::vector<fs::path>> sources_of(const Source& source) {
  std::error_code failed;
  if (!fs::is_directory(source.given, failed))
    return std::vector{source.entry.lexically_relative(source.project)};
  std::vector<fs::path> found;
  for (const auto& folder : {source.project, source.project / "src"}) {
    if (!fs::is_directory(folder, failed)) continue;
    for (const auto& entry : fs::directory_iterator(folder, failed))
      if (is_source(entry.path())) found.push_back(entry.path().lexically_relative(source.project));
    if (failed) return core::fail(core::system_error("read", folder, failed.value()));
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// The flags of a `compile_flags.txt`, one a line, as clangd reads them.
std::vector<std::string> own_flags(const fs::path& project) {
  std::vector<std::string> flags;
  const auto bytes = core::read_file(project / "compile_flags.txt", kMostBytes);
  if (!bytes) return flags;
  std::string_view text = core::as_text(*bytes);
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.empty()) flags.emplace_back(line);
  }
  return flags;
}

class CppJob final : public BuildJob {
 public:
  CppJob(Source source, CppToolchain tools, Profile profile)
      : source_(std::move(source)), tools_(std::move(tools)), profile_(profile) {}

  core::Status collect(const BuildRequest& request, const BuildContext& context) {
    EVERY_TRY_ASSIGN(sources_, sources_of(source_));
    std::string text;
    for (const auto& path : sources_) {
      EVERY_TRY_ASSIGN(const auto bytes, core::read_file(source_.project / path, kMostBytes));
      text += core::as_text(bytes);
      text += '\n';
    }
    EVERY_TRY_ASSIGN(auto wit, find_wit(source_, request.wit));
    if (!wit) {
      return core::fail(ErrorCode::kInvalidArgument,
                        source_.given.string() +
                            ": C and C++ say what they export in WIT, and there is none in " +
                            source_.project.string() +
                            ", its wit/ or ../wit; say where it is with --wit PATH, or write " +
                            std::string(kWitExample));
    }
    wit_ = std::move(*wit);
    EVERY_TRY_ASSIGN(const auto worlds, context.wasm.worlds(wit_));
    EVERY_TRY_ASSIGN(const auto world, choose_c_world(worlds, request.world, text, wit_));
    EVERY_TRY_ASSIGN(bindings_, context.wasm.c_bindings(wit_, world->name));
    for (const auto& file : bindings_) {
      if (file.path.ends_with(".h"))
        EVERY_TRY(check_c_exports(*world, text, core::as_text(file.content), file.path));
    }
    flags_ = own_flags(source_.project);
    inputs_.language = "cpp";
    inputs_.recipe = kRecipe;
    inputs_.options = {{"profile", profile_ == Profile::kRelease ? "release" : "debug"},
                       {"world", world->name}};
    std::string list;
    for (const auto& path : sources_) list += path.generic_string() + "\n";
    inputs_.options.emplace_back("sources", list);
    inputs_.tools = {{"clang", tools_.version}};
    add_wit(inputs_, wit_);
    return add_folder(inputs_, source_.project, "", kLeftOut);
  }

  [[nodiscard]] const BuildInputs& inputs() const override { return inputs_; }
  [[nodiscard]] fs::path default_output() const override {
    std::error_code failed;
    const auto name =
        fs::is_directory(source_.given, failed) ? source_.project.filename() : source_.entry.stem();
    return source_.project / "output" / (name.string() + ".wasm");
  }
  [[nodiscard]] std::vector<std::string> notices() const override { return wit_.notices; }
  [[nodiscard]] std::vector<fs::path> watched() const override {
    return {source_.project, wit_.origin};
  }

  [[nodiscard]] core::Result<Output> run(const BuildContext& context) override {
    context.progress("Compiling " + source_.given.string() + " with " + tools_.version);
    EVERY_TRY_ASSIGN(const auto work, WorkFolder::make(context.places.cache / "cpp"));
    std::vector<std::string> objects;
    EVERY_TRY(write_bindings(context, work.path(), objects));
    for (const auto& path : sources_) {
      const auto object = "source" + std::to_string(objects.size()) + ".o";
      EVERY_TRY(compile(context, work.path(), path, object));
      objects.push_back((work.path() / object).string());
    }
    return link(context, work.path(), std::move(objects));
  }

 private:
  /// Writes header, source and type object of the world; compiles the source.
  core::Status write_bindings(const BuildContext& context, const fs::path& work,
                              std::vector<std::string>& objects) const {
    for (const auto& file : bindings_) {
      const auto path = work / file.path;
      EVERY_TRY(core::write_file_atomically(path, file.content, 0600, core::Sync::kNo));
      if (file.path.ends_with(".o")) objects.push_back(path.string());
    }
    for (const auto& file : bindings_) {
      if (!file.path.ends_with(".c")) continue;
      const auto object = work / "bindings.o";
      auto command = tools_.c;
      for (const char* flag : {"-c", "-Os", "-w", "-std=gnu17"}) command.emplace_back(flag);
      command.insert(command.end(), {file.path, "-o", object.string()});
      EVERY_TRY_ASSIGN(const auto outcome, context.run(std::move(command), work));
      if (!outcome.ok())
        return core::fail(ErrorCode::kInternal, "the generated C bindings do not compile");
      objects.push_back(object.string());
    }
    return {};
  }

  [[nodiscard]] core::Status compile(const BuildContext& context, const fs::path& work,
                                     const fs::path& source, const std::string& object) const {
    const bool is_c = source.extension() == ".c";
    auto command = is_c ? tools_.c : tools_.cpp;
    command.insert(command.end(), {"-c", source.string(), "-o", (work / object).string(), "-Wall",
                                   "-I" + work.string(), is_c ? "-std=gnu17" : "-std=c++20",
                                   // No folder of this machine in the module.
                                   "-ffile-prefix-map=" + work.string() + "=bindings",
                                   "-ffile-prefix-map=" + source_.project.string() + "=.",
                                   "-fdebug-compilation-dir=."});
    if (!is_c) command.insert(command.end(), {"-fno-exceptions", "-fno-rtti"});
    if (profile_ == Profile::kRelease) {
      command.insert(command.end(), {"-O2", "-DNDEBUG"});
    } else {
      command.insert(command.end(), {"-O0", "-g"});
    }
    if (context.colour == BuildContext::Colour::kAlways)
      command.emplace_back("-fcolor-diagnostics");
    command.insert(command.end(), flags_.begin(), flags_.end());
    EVERY_TRY_ASSIGN(const auto outcome, context.run(std::move(command), source_.project));
    if (outcome.ok()) return {};
    std::string text =
        (source_.given).string() + " does not compile; " + who_says_why(outcome, "the compiler");
    if (outcome.errors.find("exceptions disabled") != std::string::npos)
      text += ". Exceptions do not exist in WebAssembly here: return a result<…> instead";
    return core::fail(ErrorCode::kInvalidArgument, std::move(text));
  }

  [[nodiscard]] core::Result<Output> link(const BuildContext& context, const fs::path& work,
                                          std::vector<std::string> objects) const {
    const auto module = work / "module.wasm";
    auto command = tools_.cpp;
    command.insert(command.end(),
                   {"-mexec-model=reactor", "-fno-exceptions", "-o", module.string()});
    if (profile_ == Profile::kRelease) command.emplace_back("-Wl,--strip-debug");
    command.insert(command.end(), objects.begin(), objects.end());
    EVERY_TRY_ASSIGN(const auto outcome, context.run(std::move(command), source_.project));
    if (!outcome.ok()) {
      return core::fail(ErrorCode::kInvalidArgument,
                        source_.given.string() + " does not link; " +
                            who_says_why(outcome, "the linker") +
                            " (an undefined symbol is a "
                            "function that is declared and not defined in any of the sources)");
    }
    EVERY_TRY_ASSIGN(auto bytes, core::read_file(module, kMostBytes));
    return Output{std::move(bytes), Keep::kRecord};
  }

  Source source_;
  CppToolchain tools_;
  Profile profile_;
  std::vector<fs::path> sources_;
  std::vector<std::string> flags_;
  WitFolder wit_;
  std::vector<WasmTools::File> bindings_;
  BuildInputs inputs_;
};

class CppBuilder final : public LanguageBuilder {
 public:
  [[nodiscard]] std::span<const Language> languages() const override {
    static constexpr std::array kLanguages{Language::kCpp, Language::kC};
    return kLanguages;
  }
  [[nodiscard]] core::Result<std::unique_ptr<BuildJob>> prepare(
      const Source& source, const BuildRequest& request,
      const BuildContext& context) const override {
    EVERY_TRY_ASSIGN(auto tools, find_cpp(context));
    auto job = std::make_unique<CppJob>(source, std::move(tools), request.profile);
    EVERY_TRY(job->collect(request, context));
    return job;
  }
  [[nodiscard]] std::vector<ToolCheck> check(const BuildContext& context) const override {
    ToolCheck check{
        "clang or zig", "compile C and C++ to WebAssembly", ToolCheck::State::kOk, {}, {}};
    if (const auto tools = find_cpp(context)) {
      check.found = tools->version;
    } else {
      check.state = ToolCheck::State::kMissing;
      check.found = tools.error().message.substr(0, tools.error().message.find(';'));
      check.install = kCppAdvice;
    }
    return {check};
  }
  [[nodiscard]] std::string_view summary() const override {
    return "C++ or C with its types in WIT; needs clang with wasi-libc, or zig";
  }
};

}  // namespace

std::unique_ptr<LanguageBuilder> make_cpp_builder() {
  return std::make_unique<CppBuilder>();
}

}  // namespace every::toolchain
