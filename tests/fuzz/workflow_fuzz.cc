#include "fuzz.h"

#include "every/ipld/dag_json.h"
#include "every/workflow/graph.h"
#include "every/workflow/short_form.h"

using namespace every;
using fuzz::require;

namespace {

/// A function with a parameter of nearly every kind, all of them optional from the second on.
workflow::FunctionTable functions() {
  using wit::Kind;
  const auto p = [](Kind kind) { return wit::make_primitive(kind); };
  const auto point = wit::make_record(
      "point", {{"x-at", p(Kind::kS32), ""}, {"y", wit::make_option(p(Kind::kU8)), ""}});
  const auto shape =
      wit::make_variant("shape", {{"circle", p(Kind::kF64), ""}, {"nothing", nullptr, ""}});
  auto type = std::make_shared<wit::Function>();
  type->name = "f";
  const auto add = [&](const char* name, wit::TypePtr one) {
    type->params.push_back({name, std::move(one)});
  };
  add("number", p(Kind::kF64));
  add("bytes", wit::make_option(wit::make_list(p(Kind::kU8))));
  add("nested", wit::make_option(wit::make_option(point)));
  add("shapes", wit::make_option(wit::make_list(shape)));
  add("outcome", wit::make_option(wit::make_result(p(Kind::kU64), p(Kind::kChar))));
  add("flags", wit::make_option(wit::make_flags("flags", {"one", "two-words"})));
  add("pairs", wit::make_option(wit::make_map(p(Kind::kU16), p(Kind::kString))));
  const auto component =
      ipld::Cid::parse("bafkreig3krpwdgv2zb4f4kul5bf3vp2r3squnvkce2eb4zvfszd7bed6ny").value();
  return workflow::FunctionTable({{"f", "label", component, type}});
}

core::Result<std::string> as_it_stands(std::string_view url) {
  return std::string(url);
}

void require_sound(const workflow::NamedWorkflow& named) {
  const std::size_t tasks = named.workflow.tasks.size();
  require(named.task_names.size() == tasks && named.functions.size() == tasks,
          "a name and a type a task");
  const auto graph = workflow::Graph::build(named.workflow, named.task_names);
  if (!graph) return;
  require(graph->order.size() == graph->nodes.size(), "every node has its turn");
  std::vector<bool> done(graph->nodes.size(), false);
  for (const std::uint32_t node : graph->order) {
    for (const workflow::Edge& edge : graph->nodes[node].needs) {
      require(edge.node == workflow::Edge::kOutside || done[edge.node],
              "what is needed comes first");
    }
    done[node] = true;
  }
}

}  // namespace

/// Any JSON as a request, in both forms: what is taken can be hashed, and means the same when it is read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const workflow::FunctionTable kFunctions = functions();
  const auto document = ipld::dag_json::decode(core::as_text(core::BytesView(data, size)));
  if (!document) return 0;
  if (const auto full = workflow::parse_full_form(*document, kFunctions, as_it_stands)) {
    const auto again = workflow::parse_full_form(full->workflow.render(), kFunctions, as_it_stands);
    require(again && again->workflow.render() == full->workflow.render(),
            "reading normalises once");
    require_sound(*full);
  }
  const auto parsed = workflow::parse_short_form(*document, kFunctions, {});
  if (!parsed) {
    require(!parsed.error().entries.empty() && !parsed.error().summary.empty(),
            "a refusal says why");
    return 0;
  }
  require(parsed->workflow.cid().has_value(), "what is taken can be hashed");
  const auto full = workflow::parse_full_form(parsed->workflow.render(), kFunctions, as_it_stands);
  require(full && full->workflow.cid().value() == parsed->workflow.cid().value(),
          "the short form becomes the full form");
  require_sound(*parsed);
  return 0;
}
