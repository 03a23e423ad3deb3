#include "rpc_message.h"

#include <array>

#include "js_json.h"
#include <boost/json.hpp>

#include "every/ipld/dag_json.h"

namespace every::gateway::rpc {
namespace {

using ipld::Map;
using ipld::Value;

std::string_view words_of(int code) {
  switch (code) {
    case kParseError:
      return "Parse error";
    case kInvalidRequest:
      return "Invalid request";
    case kMethodNotFound:
      return "Method not found";
    case kInvalidParams:
      return "Invalid params";
    default:
      return "Internal error";
  }
}

/// The id as JSON; none where it may not be one.
std::optional<std::string> render_id(const Value& id) {
  const bool fits = id.is_null() || id.if_string() != nullptr || id.if_integer() != nullptr ||
                    id.if_float() != nullptr;
  if (!fits) return std::nullopt;
  auto text = ipld::dag_json::encode(id);
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

Entry read_entry(Value& value) {
  Map* map = value.if_map();
  if (map == nullptr) return Refused{"null", failure(kInvalidRequest)};
  Call call;
  const Value* id = map->find("id");
  call.wants_reply = id != nullptr;
  if (id != nullptr) {
    auto text = render_id(*id);
    if (!text) {
      return Refused{"null", failure(kInvalidRequest, "an id is a text, a number or null")};
    }
    call.id = std::move(*text);
  }
  const Value* version = map->find("jsonrpc");
  if (version == nullptr || version->if_string() == nullptr || *version->if_string() != "2.0") {
    return Refused{call.id, failure(kInvalidRequest)};
  }
  const Value* method = map->find("method");
  if (method == nullptr || method->if_string() == nullptr) {
    return Refused{call.id, failure(kInvalidRequest)};
  }
  call.method = *method->if_string();
  if (Value* params = map->find("params")) call.params = std::move(*params);
  return call;
}

/// JSON that DAG-JSON does not take: a `{"/": …}` that is no link, a key that comes twice. Its caller is told what is wrong with it.
std::optional<Refused> read_plain_json(std::string_view text, const core::Error& why) {
  boost::system::error_code error;
  boost::json::parse_options options;
  options.max_depth = ipld::kMaxDepth;
  const auto value = boost::json::parse({text.data(), text.size()}, error, {}, options);
  if (error || !value.is_object()) return std::nullopt;
  Refused refused{"null", failure(kInvalidParams, why.message)};
  if (const auto* id = value.as_object().if_contains("id");
      id != nullptr && (id->is_string() || id->is_number())) {
    refused.id = boost::json::serialize(*id);
  }
  return refused;
}

}  // namespace

Failure failure(int code, std::string data) {
  return {code, std::string(words_of(code)), std::move(data)};
}

Incoming parse(std::string_view text, std::size_t most) {
  Incoming incoming;
  auto document = ipld::dag_json::decode(text);
  if (!document) {
    if (auto refused = read_plain_json(text, document.error())) {
      incoming.entries.emplace_back(std::move(*refused));
    } else {
      incoming.entries.emplace_back(Refused{"null", failure(kParseError)});
    }
    return incoming;
  }
  ipld::List* list = document->if_list();
  if (list == nullptr) {
    incoming.entries.push_back(read_entry(*document));
  } else if (list->empty()) {
    incoming.entries.emplace_back(Refused{"null", failure(kInvalidRequest)});
  } else if (list->size() > most) {
    incoming.entries.emplace_back(Refused{
        "null",
        failure(kInvalidRequest, "a batch has at most " + std::to_string(most) + " calls here")});
  } else {
    incoming.form = Incoming::Form::kBatch;
    for (Value& item : *list) incoming.entries.push_back(read_entry(item));
  }
  return incoming;
}

std::string render_result(std::string_view result, std::string_view id) {
  std::string out = R"({"jsonrpc":"2.0","result":)";
  out += result;
  out += R"(,"id":)";
  out += id;
  return out + "}";
}

std::string render_failure(const Failure& failure, std::string_view id) {
  std::string out = R"({"jsonrpc":"2.0","error":{"code":)" + std::to_string(failure.code);
  out += R"(,"message":)";
  append_json_string(out, failure.message);
  if (!failure.data.empty()) {
    out += R"(,"data":)";
    append_json_string(out, failure.data);
  }
  out += R"(},"id":)";
  out += id;
  return out + "}";
}

std::string render_notification(std::string_view method, std::string_view subscription,
                                std::string_view payload) {
  static const auto kNumbers = [] {
    std::array<std::string, 256> numbers;
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = std::to_string(i) + ",";
    return numbers;
  }();
  std::string out = R"({"jsonrpc":"2.0","method":")";
  out += method;
  out += R"(","params":{"subscription":")";
  out += subscription;
  out += R"(","result":[)";
  out.reserve(out.size() + payload.size() * 4 + 4);
  for (const char c : payload) out += kNumbers[static_cast<unsigned char>(c)];
  if (!payload.empty()) out.pop_back();
  return out + "]}}";
}

}  // namespace every::gateway::rpc
