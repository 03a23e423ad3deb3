#include "routes.h"
#include "support.h"
#include <gtest/gtest.h>

namespace every::gateway {
namespace {

struct DescribeTest : ::testing::Test, ServiceFixture {
  boost::json::value openapi() { return json(get("/-/openapi.json")); }
};

/// Every `$ref` of a document.
void collect_references(const boost::json::value& value, std::vector<std::string>& out) {
  if (const auto* object = value.if_object()) {
    for (const auto& [key, inner] : *object) {
      if (key == "$ref" && inner.is_string()) out.emplace_back(inner.as_string().c_str());
      collect_references(inner, out);
    }
  } else if (const auto* array = value.if_array()) {
    for (const auto& inner : *array) collect_references(inner, out);
  }
}

TEST_F(DescribeTest, TellsWhatAFunctionTakesAndGives) {
  const auto functions = json(get("/-/functions")).at("functions").as_array();
  ASSERT_EQ(functions.size(), 6u);
  const auto& add = functions[0];
  EXPECT_EQ(text_of(add, "name"), "add");
  EXPECT_EQ(text_of(add, "path"), "/add");
  EXPECT_EQ(text_of(add, "signature"), "func(a: f64, b: f64) -> f64");
  EXPECT_EQ(text_of(add.at("parameters").at(1), "name"), "b");
  EXPECT_EQ(text_of(add.at("result"), "type"), "f64");
  EXPECT_TRUE(add.at("docs").is_null());
  const auto& hello = functions[2];
  EXPECT_FALSE(hello.at("parameters").at(1).at("required").as_bool());
}

TEST_F(DescribeTest, TellsWhereComponentsComeFrom) {
  const auto component = json(get("/-/functions")).at("components").at(0);
  EXPECT_EQ(text_of(component, "label"), "fake");
  EXPECT_EQ(text_of(component, "origin"), "fake.wasm");
  EXPECT_EQ(text_of(component, "wit"), "world fake {}");
  EXPECT_EQ(component.at("size").as_int64(), 4);
  EXPECT_EQ(component.at("imports").at(0).as_string(), "wasi:logging/logging");
}

TEST_F(DescribeTest, GivesASchemaOfARunRequest) {
  const Response response = get("/-/schema");
  EXPECT_EQ(header(response, "content-type"), "application/schema+json");
  const auto schema = json(response);
  EXPECT_EQ(text_of(schema, "$schema"), "https://json-schema.org/draft/2020-12/schema");
  const auto& rules = schema.at("$defs").at("input").at("allOf").as_array();
  EXPECT_EQ(rules.size(), 6u);
  EXPECT_EQ(rules[2].at("then").at("properties").at("args").at("minItems").as_int64(), 1);
  EXPECT_EQ(rules[2].at("then").at("properties").at("args").at("maxItems").as_int64(), 2);
  std::vector<std::string> references;
  collect_references(schema, references);
  for (const std::string& reference : references) {
    EXPECT_TRUE(reference.starts_with("#/$defs/"));
    EXPECT_TRUE(schema.at("$defs").as_object().contains(reference.substr(8))) << reference;
  }
}

TEST_F(DescribeTest, IsAnOpenApiDocumentWhoseReferencesLead) {
  const auto document = openapi();
  EXPECT_EQ(text_of(document, "openapi"), "3.1.0");
  std::vector<std::string> references;
  collect_references(document, references);
  EXPECT_GT(references.size(), 50u);
  for (const std::string& reference : references) {
    boost::system::error_code error;
    EXPECT_NE(document.find_pointer(reference.substr(1), error), nullptr) << reference;
  }
}

TEST_F(DescribeTest, DocumentsEveryRoute) {
  const auto document = openapi();
  const auto& paths = document.at("paths").as_object();
  for (const Route& route : routes()) {
    const std::string pattern(route.pattern);
    // Functions have paths of their own; components and blocks come over the home's socket only.
    if (pattern == "/:name" || pattern == "/-/components" || pattern == "/-/blocks") continue;
    std::string path;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] == '*') {
        path += "{path}";
        continue;
      }
      if (pattern[i] != ':') {
        path += pattern[i];
        continue;
      }
      const std::size_t end = std::min(pattern.find('/', i), pattern.size());
      path += "{" + pattern.substr(i + 1, end - i - 1) + "}";
      i = end - 1;
    }
    ASSERT_TRUE(paths.contains(path)) << path;
    const std::string method = route.method == Method::kGet ? "get" : "post";
    EXPECT_TRUE(paths.at(path).as_object().contains(method)) << method << " " << path;
  }
  for (const char* name : {"/add", "/divide", "/hello", "/tick", "/check", "/sum"}) {
    EXPECT_TRUE(paths.at(name).as_object().contains("get")) << name;
    EXPECT_TRUE(paths.at(name).as_object().contains("post")) << name;
  }
}

TEST_F(DescribeTest, EveryOperationHasItsOwnIdAndSaysWhatFails) {
  std::set<std::string> ids;
  const auto document = openapi();
  for (const auto& [path, item] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      EXPECT_TRUE(ids.insert(text_of(operation, "operationId")).second) << path;
      EXPECT_TRUE(operation.at("responses").as_object().contains("default")) << path;
    }
  }
}

TEST_F(DescribeTest, ItsExamplesWork) {
  const auto document = openapi();
  for (const char* name : {"add", "divide", "hello", "tick", "check", "sum"}) {
    const auto& post_operation = document.at("paths").at(std::string("/") + name).at("post");
    const auto& example =
        post_operation.at("requestBody").at("content").at("application/json").at("example");
    const Response response = post(std::string("/") + name, boost::json::serialize(example));
    EXPECT_EQ(response.status, 200) << name << ": " << response.body;
  }
  const auto& run = document.at("paths").at("/run").at("post").at("requestBody");
  const auto& example = run.at("content").at("application/json").at("example");
  EXPECT_EQ(post("/run", boost::json::serialize(example)).status, 200);
}

}  // namespace
}  // namespace every::gateway
