#include "request_json.h"

#include <string>

#include "error_body.h"

#include "every/ipld/dag_json.h"

namespace every::gateway {
namespace {

/// `application/json`, `application/<anything>+json`, `application/vnd.ipld.dag-json`, with any parameters.
bool is_json_type(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  constexpr std::string_view kPrefix = "application/";
  if (type.size() < kPrefix.size() ||
      !equals_ignoring_case(type.substr(0, kPrefix.size()), kPrefix)) {
    return false;
  }
  type.remove_prefix(kPrefix.size());
  return equals_ignoring_case(type, "json") || equals_ignoring_case(type, "vnd.ipld.dag-json") ||
         (type.size() > 5 && equals_ignoring_case(type.substr(type.size() - 5), "+json"));
}

}  // namespace

std::expected<ipld::Value, Response> read_json_body(const Request& request) {
  const std::string* type = request.find_header("content-type");
  if (type == nullptr || !is_json_type(*type)) {
    return std::unexpected(
        text_response(400, "Invalid HTTP header: Content-Type=" + (type ? *type : std::string())));
  }
  auto value = ipld::dag_json::decode(request.body, ipld::dag_json::Strictness::kRequest);
  if (value) return std::move(value).value();
  if (value.error().code == core::ErrorCode::kMalformed) {
    Response response = text_response(400, "Malformed JSON in request body");
    add_summary(response, "malformed JSON: " + value.error().message);
    return std::unexpected(std::move(response));
  }
  return std::unexpected(error_response(value.error()));
}

}  // namespace every::gateway
