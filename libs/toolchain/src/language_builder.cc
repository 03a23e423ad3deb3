#include "every/toolchain/language_builder.h"

#include <algorithm>

#include "builders.h"

namespace every::toolchain {

core::Result<ProcessOutcome> BuildContext::run(std::vector<std::string> arguments,
                                               const std::filesystem::path& folder,
                                               const Environment& more) const {
  ProcessSpec spec{std::move(arguments), folder, environment, {}, on_output};
  for (const auto& [name, value] : more) spec.environment[name] = value;
  return run_process(spec, cancel);
}

core::Result<std::filesystem::path> BuildContext::need(std::string_view program,
                                                       std::string_view what_for,
                                                       std::string_view advice) const {
  if (auto found = find_program(environment, program)) return std::move(*found);
  return core::fail(core::ErrorCode::kNotFound,
                    std::string(program) + " is needed to " + std::string(what_for) +
                        " and was not found in PATH; install it with: " + std::string(advice));
}

core::Status LanguageBuilder::install(const BuildContext&) const {
  return core::fail(core::ErrorCode::kUnsupported, "there is nothing to install for this language");
}

std::span<const std::unique_ptr<LanguageBuilder>> language_builders() {
  static const auto kBuilders = [] {
    std::vector<std::unique_ptr<LanguageBuilder>> builders;
    // One line a language.
    builders.push_back(make_rust_builder());
    builders.push_back(make_cpp_builder());
    builders.push_back(make_python_builder());
    builders.push_back(make_javascript_builder());
    builders.push_back(make_starlingmonkey_packages());
    builders.push_back(make_wasm_builder());
    return builders;
  }();
  return kBuilders;
}

core::Result<const LanguageBuilder*> find_builder(Language language) {
  for (const auto& builder : language_builders()) {
    const auto languages = builder->languages();
    if (std::find(languages.begin(), languages.end(), language) != languages.end())
      return builder.get();
  }
  return core::fail(core::ErrorCode::kUnsupported,
                    "this build of every cannot build " + std::string(render_language(language)));
}

}  // namespace every::toolchain
