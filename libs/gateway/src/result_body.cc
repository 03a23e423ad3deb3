#include "result_body.h"

#include <charconv>

#include "js_json.h"
#include "sniff.h"

#include "every/core/text.h"

namespace every::gateway {
namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kJson = "application/json; charset=utf-8";

/// Integers a JavaScript number holds exactly.
bool is_safe(const ipld::Integer& value) {
  constexpr std::int64_t kMax = (std::int64_t{1} << 53) - 1;
  const auto number = value.as_int64();
  return number && *number >= -kMax && *number <= kMax;
}

Body text_body(std::string_view type, std::string_view js_type, std::string bytes) {
  return {std::string(type), js_type, std::move(bytes)};
}

bool admits_null(const wit::TypePtr& type) {
  return type == nullptr || type->kind == wit::Kind::kOption;
}

/// `{"0":137,"1":80}`, as JSON.stringify writes a Uint8Array.
std::string render_byte_map(const core::Bytes& bytes) {
  std::string out = "{";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0) out += ',';
    out += '"';
    out += std::to_string(i);
    out += "\":";
    out += std::to_string(bytes[i]);
  }
  return out + "}";
}

}  // namespace

Body render_body(const ipld::Value& value) {
  switch (value.kind()) {
    case ipld::Kind::kNull:
      return text_body(kJson, "Null", "null");
    case ipld::Kind::kBool:
      return text_body(kJson, "Boolean", render_js_json(value));
    case ipld::Kind::kInteger:
      return text_body(kText, is_safe(*value.if_integer()) ? "Number" : "BigInt",
                       value.if_integer()->render());
    case ipld::Kind::kFloat:
      return text_body(kText, "Number", core::js_number(*value.if_float()));
    case ipld::Kind::kString:
      return text_body(is_svg(*value.if_string()) ? "image/svg+xml" : kText, "String",
                       *value.if_string());
    case ipld::Kind::kBytes:
      return text_body(sniff_bytes(*value.if_bytes()), "Uint8Array",
                       std::string(core::as_text(*value.if_bytes())));
    case ipld::Kind::kList:
      return text_body(kJson, "Array", render_js_json(value));
    case ipld::Kind::kMap:
    case ipld::Kind::kLink:
      break;
  }
  return text_body(kJson, "Object", render_js_json(value));
}

std::optional<ResultParts> split_result(const ipld::Value& value, const wit::Type* type) {
  if (type == nullptr || type->kind != wit::Kind::kResult) return std::nullopt;
  const ipld::List* pair = value.if_list();
  if (pair == nullptr || pair->size() != 2) return std::nullopt;
  const ipld::Value& ok = (*pair)[0];
  const ipld::Value& err = (*pair)[1];
  // Both null: the payload is an absent option. Without a payload a branch says 1, so only an option's branch can be meant.
  const bool is_ok =
      !ok.is_null() || (err.is_null() && type->element && admits_null(type->element));
  if (is_ok) return ResultParts{ResultParts::Branch::kOk, type->element ? ok : ipld::Value()};
  return ResultParts{ResultParts::Branch::kErr, type->error ? err : ipld::Value()};
}

void append_all_results_entry(std::string& out, const runtime::TaskAnswer& task) {
  const ipld::Value none;
  const ipld::Value& value = task.value ? *task.value : none;
  const Body body = render_body(value);
  ObjectWriter headers;
  headers.text("Content-Type", body.content_type);
  ObjectWriter entry;
  switch (value.kind()) {
    case ipld::Kind::kBytes:
      entry.raw("out", render_byte_map(*value.if_bytes()));
      headers.raw("Content-Length", std::to_string(value.if_bytes()->size()));
      break;
    case ipld::Kind::kNull:
    case ipld::Kind::kBool:
    case ipld::Kind::kFloat:
      entry.raw("out", body.bytes);
      break;
    case ipld::Kind::kInteger:
      // Beyond 2^53 a JSON number would reach a JavaScript client rounded.
      if (is_safe(*value.if_integer())) {
        entry.raw("out", body.bytes);
      } else {
        entry.text("out", body.bytes);
      }
      break;
    default:
      entry.text("out", body.bytes);
  }
  entry.text("type", body.js_type);
  entry.raw("headers", std::move(headers).finish());
  entry.raw("replayed", task.replayed ? "true" : "false");
  if (task.state != runtime::TaskState::kOk) {
    entry.text("state", runtime::render_state(task.state));
    if (task.error) entry.text("error", task.error->message);
  }
  out += std::move(entry).finish();
}

}  // namespace every::gateway
