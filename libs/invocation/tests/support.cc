#include "support.h"

#include <fstream>
#include <sstream>

#include "test_paths.h"
#include <gtest/gtest.h>

#include "every/ipld/dag_json.h"

namespace every::invocation::test {

core::Result<std::string> normalize_url(std::string_view text) {
  if (text.starts_with("ipfs://")) return std::string(text);
  if (text == "https://Host.example:443") return std::string("https://host.example/");
  return core::fail(core::ErrorCode::kMalformed, "relative URL without a base");
}

ipld::Value json(std::string_view text) {
  auto value = ipld::dag_json::decode(text);
  EXPECT_TRUE(value.has_value()) << value.error().message;
  return value ? std::move(*value) : ipld::Value();
}

ipld::Cid cid(std::string_view text) {
  return ipld::Cid::parse(text).value();
}

ipld::Value data_file(const std::string& name) {
  std::ifstream file(std::string(EVERY_TEST_DATA_DIR) + "/" + name);
  EXPECT_TRUE(file.good()) << name;
  std::stringstream text;
  text << file.rdbuf();
  return json(text.str());
}

const ipld::Value& at(const ipld::Value& map, std::string_view key) {
  static const ipld::Value kNone;
  const ipld::Value* found = map.if_map() != nullptr ? map.if_map()->find(key) : nullptr;
  EXPECT_NE(found, nullptr) << "no key " << key;
  return found != nullptr ? *found : kNone;
}

}  // namespace every::invocation::test
