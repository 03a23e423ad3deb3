#include "request_body.h"

#include <cstdint>
#include <optional>
#include <string>

#include "error_body.h"

#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"

namespace every::gateway {
namespace {

enum class Form : std::uint8_t { kJson, kCbor };

/// What a content type says, with any parameters: `application/json`, `application/<anything>+json` or `application/vnd.ipld.dag-json`;
/// `application/cbor` or `application/vnd.ipld.dag-cbor`.
std::optional<Form> form_of(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  constexpr std::string_view kPrefix = "application/";
  if (type.size() < kPrefix.size() ||
      !equals_ignoring_case(type.substr(0, kPrefix.size()), kPrefix)) {
    return std::nullopt;
  }
  type.remove_prefix(kPrefix.size());
  const bool json =
      equals_ignoring_case(type, "json") || equals_ignoring_case(type, "vnd.ipld.dag-json") ||
      (type.size() > 5 && equals_ignoring_case(type.substr(type.size() - 5), "+json"));
  if (json) return Form::kJson;
  if (equals_ignoring_case(type, "cbor") || equals_ignoring_case(type, "vnd.ipld.dag-cbor"))
    return Form::kCbor;
  return std::nullopt;
}

std::expected<ipld::Value, Response> read_cbor(std::string_view body) {
  auto value = ipld::dag_cbor::decode(core::as_bytes(body), ipld::dag_cbor::Strictness::kRequest);
  if (value) return std::move(value).value();
  return std::unexpected(
      error_response(std::move(value).error().in("the request body is no DAG-CBOR")));
}

}  // namespace

std::expected<ipld::Value, Response> read_body(const Request& request) {
  const std::string* type = request.find_header("content-type");
  const auto form = type != nullptr ? form_of(*type) : std::nullopt;
  if (form == Form::kCbor) return read_cbor(request.body);
  if (!form) {
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
