#include "fuzz.h"

#include "every/ipld/dag_json.h"
#include "every/workflow/short_form.h"

using namespace every;
using fuzz::require;

namespace {

workflow::FunctionTable echo_of_text() {
  auto type = std::make_shared<wit::Function>();
  type->name = "echo";
  type->params = {{"text", wit::make_primitive(wit::Kind::kString)}};
  const auto component =
      ipld::Cid::parse("bafkreig3krpwdgv2zb4f4kul5bf3vp2r3squnvkce2eb4zvfszd7bed6ny").value();
  return workflow::FunctionTable({{"echo", "label", component, type}});
}

ipld::Value run(std::string name, ipld::Value argument) {
  const ipld::Map input = {{"func", "echo"}, {"args", ipld::List{std::move(argument)}}};
  return ipld::Map{{"run", ipld::Map{{"name", std::move(name)}, {"input", input}}}};
}

}  // namespace

/// Any text as an argument beside a task called `a`: refused, or text as it was, or something else in its place.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(core::as_text(core::BytesView(data, size)));
  if (!ipld::dag_json::encode(text)) return 0;  // not UTF-8: no request holds it
  static const workflow::FunctionTable kFunctions = echo_of_text();
  const ipld::Map request = {{"tasks", ipld::List{run("a", "first"), run("b", text)}}};
  const auto parsed = workflow::parse_short_form(request, kFunctions, {});
  if (!parsed) {
    require(!parsed.error().entries.empty() && !parsed.error().summary.empty(),
            "a refusal says why");
    require(text.find("{{") != std::string::npos, "text without braces is never refused");
    return 0;
  }
  const ipld::Value& argument = parsed->workflow.tasks[1].run.args().value()->front();
  if (argument != ipld::Value(text)) {
    require(text.starts_with("{{") && text.ends_with("}}"), "only a whole placeholder is replaced");
  }
  return 0;
}
