#include "js_json.h"

#include <cmath>

#include "every/core/text.h"
#include "every/ipld/dag_json.h"

namespace every::gateway {

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::string repaired = core::is_utf8(text) ? std::string() : core::to_valid_utf8(text);
  if (!repaired.empty()) text = repaired;
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += kDigits[static_cast<unsigned char>(c) >> 4];
          out += kDigits[static_cast<unsigned char>(c) & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

std::string render_json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

ObjectWriter& ObjectWriter::text(std::string_view key, std::string_view value) {
  return raw(key, render_json_string(value));
}

ObjectWriter& ObjectWriter::raw(std::string_view key, std::string_view json) {
  if (!empty()) out_ += ',';
  append_json_string(out_, key);
  out_ += ':';
  out_ += json;
  return *this;
}

ObjectWriter& ObjectWriter::counts(
    std::initializer_list<std::pair<std::string_view, std::uint64_t>> numbers) {
  for (const auto& [name, number] : numbers) raw(name, std::to_string(number));
  return *this;
}

void append_js_json(std::string& out, const ipld::Value& value) {
  switch (value.kind()) {
    case ipld::Kind::kNull:
      out += "null";
      return;
    case ipld::Kind::kBool:
      out += *value.if_bool() ? "true" : "false";
      return;
    case ipld::Kind::kInteger:
      out += value.if_integer()->render();
      return;
    case ipld::Kind::kFloat:
      out += std::isfinite(*value.if_float()) ? core::js_number(*value.if_float()) : "null";
      return;
    case ipld::Kind::kString:
      append_json_string(out, *value.if_string());
      return;
    case ipld::Kind::kBytes:
    case ipld::Kind::kLink:
      out += ipld::dag_json::encode(value).value_or("null");
      return;
    case ipld::Kind::kList: {
      out += '[';
      bool first = true;
      for (const ipld::Value& item : *value.if_list()) {
        if (!first) out += ',';
        first = false;
        append_js_json(out, item);
      }
      out += ']';
      return;
    }
    case ipld::Kind::kMap: {
      out += '{';
      bool first = true;
      for (const ipld::MapEntry& entry : *value.if_map()) {
        if (!first) out += ',';
        first = false;
        append_json_string(out, entry.key);
        out += ':';
        append_js_json(out, entry.value);
      }
      out += '}';
      return;
    }
  }
}

std::string render_js_json(const ipld::Value& value) {
  std::string out;
  append_js_json(out, value);
  return out;
}

}  // namespace every::gateway
