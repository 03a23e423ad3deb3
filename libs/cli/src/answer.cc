#include "answer.h"

#include <utility>

#include "node_access.h"
#include <boost/json.hpp>

namespace every::cli {

namespace json = boost::json;

core::Result<json::object> parse_object(std::string_view text) {
  boost::system::error_code problem;
  json::value value = json::parse(text, problem);
  if (problem || !value.is_object())
    return core::fail(core::ErrorCode::kMalformed, "the node's answer is not a JSON object");
  return std::move(value.as_object());
}

core::Result<json::object> report_in(const gateway::Response& response) {
  if (response.status != 200) return std::unexpected(error_from(response));
  return parse_object(response.body);
}

std::uint64_t count_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return 0;
  boost::system::error_code problem;
  const auto number = value->to_number<std::uint64_t>(problem);
  return problem ? 0 : number;
}

std::string text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

const json::array& list_at(const json::object& object, std::string_view key) {
  static const json::array none;
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_array() ? value->get_array() : none;
}

std::vector<std::string> texts_at(const json::object& object, std::string_view key) {
  std::vector<std::string> texts;
  for (const json::value& item : list_at(object, key)) {
    if (item.is_string()) texts.emplace_back(item.get_string());
  }
  return texts;
}

}  // namespace every::cli
