#include "verbs/new.h"

#include <filesystem>

#include "node_request.h"

#include "every/toolchain/templates.h"

namespace every::cli {
namespace {

std::string list_templates() {
  std::string text;
  for (const auto& made : toolchain::templates()) {
    std::string word(made.language);
    word.resize(8, ' ');
    text += word + std::string(made.summary) + "\n";
  }
  return text;
}

}  // namespace

void NewVerb::define(Options& options) {
  options.optional_word("NAME", name, "The project, and the folder that is made for it");
  options.value("--lang", "LANGUAGE", language, "rust, ts, js, python or cpp");
  options.flag("--list", what, What::kList, "List the templates there are");
}

core::Result<int> NewVerb::run(const Console& console) {
  if (what == What::kList) {
    print(list_templates());
    return 0;
  }
  if (!name || !language) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      std::string("say ") + (name ? "in which language" : "how it is called") +
                          ": every new " + name.value_or("NAME") + " --lang " +
                          language.value_or("rust|ts|js|python|cpp"));
  }
  EVERY_TRY_ASSIGN(const auto known, toolchain::parse_language(*language));
  EVERY_TRY_ASSIGN(const auto files,
                   toolchain::new_project(toolchain::render_language(known), *name,
                                          std::filesystem::current_path()));
  console.done("Made " + *name + " with " + std::to_string(files.size()) + " files; next:");
  console.line("    cd " + *name);
  console.line("    cat README.md");
  return 0;
}

const VerbInfo kNewVerb{"new", "Make a project with one function, its WIT and a workflow",
                        "  every new hello --lang rust\n"
                        "  every new --list               the languages there are\n",
                        make_verb<NewVerb>};

}  // namespace every::cli
