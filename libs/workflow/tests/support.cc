#include "support.h"

#include <gtest/gtest.h>

#include "every/ipld/dag_json.h"

namespace every::workflow::test {

ipld::Value json(std::string_view text) {
  auto value = ipld::dag_json::decode(text);
  EXPECT_TRUE(value.has_value()) << text << ": " << value.error().message;
  return value ? std::move(*value) : ipld::Value();
}

std::string to_json(const ipld::Value& value) {
  return ipld::dag_json::encode(value).value();
}
ipld::Cid cid(std::string_view text) {
  return ipld::Cid::parse(text).value();
}

core::Result<std::string> normalize_url(std::string_view text) {
  if (text.starts_with("ipfs://")) return std::string(text);
  if (text == "https://host") return std::string("https://host/");
  return core::fail(core::ErrorCode::kMalformed, "relative URL without a base");
}

wit::TypePtr p(wit::Kind kind) {
  return wit::make_primitive(kind);
}

NamedFunction function(const std::string& name, std::vector<wit::Param> params,
                       const char* component, const std::string& label,
                       const std::string& interface_name) {
  auto type = std::make_shared<wit::Function>();
  type->interface_name = interface_name;
  type->name = name;
  type->params = std::move(params);
  type->result = p(wit::Kind::kF64);
  return {type->listed_name(), label, cid(component), type};
}

FunctionTable functions() {
  const auto number = p(wit::Kind::kF64);
  const auto point = wit::make_record(
      "point", {{"x-at", p(wit::Kind::kS32), ""}, {"y", wit::make_option(p(wit::Kind::kS32)), ""}});
  return FunctionTable({
      function("add", {{"a", number}, {"b", number}}),
      function("divide", {{"a", number}, {"b", number}}),
      function("nothing", {}, kTypes, "types"),
      function("subtract", {{"a", number}, {"b", number}}, kSubtract, "subtract"),
      function("echo", {{"text", p(wit::Kind::kString)}}, kTypes, "types"),
      function("sum", {{"values", wit::make_list(number)}}, kTypes, "types"),
      function("opt",
               {{"first", p(wit::Kind::kU32)},
                {"second", wit::make_option(number)},
                {"third", wit::make_option(p(wit::Kind::kString))}},
               kTypes, "types"),
      function("make-point", {{"at-place", point}}, kTypes, "types"),
      function("flag", {{"on", p(wit::Kind::kBool)}}, kTypes, "types"),
      function("both", {{"outcome", wit::make_result(number, p(wit::Kind::kString))}}, kTypes,
               "types"),
  });
}

std::string run(const std::string& name, const std::string& func, const std::string& args) {
  return R"({"name":")" + name + R"(","input":{"func":")" + func + R"(","args":)" + args + "}}";
}

std::string request(const std::vector<std::string>& runs) {
  std::string out;
  for (const std::string& one : runs) out += (out.empty() ? "" : ",") + (R"({"run":)" + one + "}");
  return R"({"tasks":[)" + out + "]}";
}

NamedWorkflow parse(const std::string& text) {
  auto parsed = parse_short_form(json(text), functions(), {});
  EXPECT_TRUE(parsed.has_value()) << text << ": " << parsed.error().summary;
  return parsed ? std::move(*parsed) : NamedWorkflow();
}

ValidationError refuse(const std::string& text) {
  auto parsed = parse_short_form(json(text), functions(), {});
  EXPECT_FALSE(parsed.has_value()) << "should be refused: " << text;
  if (parsed) return {{{}}, ""};
  EXPECT_FALSE(parsed.error().entries.empty());
  EXPECT_FALSE(parsed.error().summary.empty());
  return std::move(parsed).error();
}

std::string entries(const ValidationError& error) {
  ipld::List out;
  for (const auto& entry : error.entries) {
    out.emplace_back(ipld::Map{{"instancePath", entry.instance_path},
                               {"schemaPath", entry.schema_path},
                               {"keyword", entry.keyword},
                               {"params", entry.params},
                               {"message", entry.message}});
  }
  return to_json(out);
}

ipld::Value args(const NamedWorkflow& workflow, std::size_t task) {
  EXPECT_LT(task, workflow.workflow.tasks.size());
  if (task >= workflow.workflow.tasks.size()) return {};
  return *workflow.workflow.tasks[task].run.args().value();
}

std::string workflow_cid(const NamedWorkflow& workflow) {
  return workflow.workflow.cid().value().render();
}
std::string instruction_cid(const NamedWorkflow& workflow, std::size_t task) {
  return workflow.workflow.tasks.at(task).run.cid().value().render();
}

}  // namespace every::workflow::test
