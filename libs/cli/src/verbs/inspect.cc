#include "verbs/inspect.h"

#include <algorithm>

#include "assemble.h"
#include "functions.h"
#include "node_request.h"
#include "places.h"
#include "purity.h"
#include "run_view.h"
#include "sizes.h"
#include <boost/json.hpp>

#include "every/blocks/blocks.h"
#include "every/wasm/executor.h"
#include "every/wit/json_schema.h"

namespace every::cli {
namespace {

namespace json = boost::json;

std::string render_text(const FunctionFile& file, const wasm::ComponentInfo& info) {
  std::string text = "file       " + file.origin + "\nCID        " + info.cid.render() +
                     "\nsize       " + size_text(file.bytes.size()) + "\npurity     " +
                     purity_statement(info.imports) + "\n\nFunctions:\n";
  if (info.functions.empty()) text += "  none\n";
  for (const auto& function : info.functions) {
    text += "  " + function->qualified_name() + ": " + wit::render(*function) + "\n";
    if (function->listed_name() != function->qualified_name())
      text += "    called as " + function->listed_name() + " in workflows and addresses, too\n";
    text += "    " + json::serialize(wit::parameters_schema(*function)) + "\n";
  }
  text += "\nImports:\n";
  std::vector<std::vector<std::string>> rows;
  for (const std::string& import : info.imports)
    rows.push_back({"  " + import, std::string(answer_of_import(import))});
  text += rows.empty() ? "  none\n" : render_table(rows);
  text += "\nWIT:\n" + info.wit;
  if (!text.ends_with('\n')) text += "\n";
  return text;
}

json::value render_json(const FunctionFile& file, const wasm::ComponentInfo& info) {
  json::array functions;
  for (const auto& function : info.functions) {
    functions.push_back(json::object{{"name", function->listed_name()},
                                     {"qualified_name", function->qualified_name()},
                                     {"wit", wit::render(*function)},
                                     {"schema", wit::parameters_schema(*function)}});
  }
  json::array imports;
  for (const std::string& import : info.imports)
    imports.push_back(json::object{{"name", import}, {"answer", answer_of_import(import)}});
  return json::object{{"file", file.origin},
                      {"cid", info.cid.render()},
                      {"size", file.bytes.size()},
                      {"pure", true},
                      {"purity", purity_statement(info.imports)},
                      {"functions", std::move(functions)},
                      {"imports", std::move(imports)},
                      {"wit", info.wit}};
}

/// Compiled code is kept where the next `every dev` looks for it, if there is such a place.
Places places_for(const NodeChoices& node) {
  auto places = find_places(node.home, system_environment);
  return places ? std::move(*places) : Places{};
}

}  // namespace

void InspectVerb::define(Options& options) {
  options.word("FILE", file, "A component (.wasm), a core module that can become one, or .wat")
      .completes(Completion::kFiles);
  options.flag("--json", output, Output::kJson, "As JSON");
  add_home_option(options, node);
}

core::Result<int> InspectVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(const FunctionFile read, read_function(file, make_labels({file}).front()));
  EVERY_TRY_ASSIGN(const ipld::Cid cid, blocks::cid_of_file(read.bytes));
  EVERY_TRY_ASSIGN(const auto executor, open_compiler(places_for(node)));
  const auto info =
      compile_with_notice(read, [&] { return executor->prepare(cid, read.bytes); }, console);
  executor->stop();
  if (!info) {
    core::Error error = info.error();
    error.message = describe_loading_error(file, error);
    return std::unexpected(std::move(error));
  }
  if (output == Output::kJson) {
    print(json::serialize(render_json(read, **info)) + "\n");
  } else {
    print(render_text(read, **info));
  }
  return 0;
}

const VerbInfo kInspectVerb{
    "inspect", "Show what a component offers and asks for: functions, imports, WIT, CID",
    "  every inspect math.wasm             functions with their JSON Schemas, imports, WIT\n"
    "  every inspect math.wasm --json      for other programs\n",
    make_verb<InspectVerb>};

}  // namespace every::cli
