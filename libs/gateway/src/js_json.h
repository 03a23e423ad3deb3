#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "every/ipld/value.h"

namespace every::gateway {

/// JSON as JavaScript's JSON.stringify writes it: numbers by js_number (`5.0` is `5`), Integers in full; bytes and links in their
/// DAG-JSON form. Map keys in bytewise order. Never fails: what is not UTF-8 becomes U+FFFD, what is no JSON number null.
[[nodiscard]] std::string render_js_json(const ipld::Value& value);
void append_js_json(std::string& out, const ipld::Value& value);
/// A text as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view text);
[[nodiscard]] std::string render_json_string(std::string_view text);

/// Writes one JSON object, keys in the order of the calls.
class ObjectWriter {
 public:
  ObjectWriter& text(std::string_view key, std::string_view value);
  /// `json` is a JSON text already.
  ObjectWriter& raw(std::string_view key, std::string_view json);
  /// Numbers under their names.
  ObjectWriter& counts(std::initializer_list<std::pair<std::string_view, std::uint64_t>> numbers);
  [[nodiscard]] bool empty() const { return out_.size() == 1; }
  [[nodiscard]] std::string finish() && { return std::move(out_) + "}"; }

 private:
  std::string out_ = "{";
};

}  // namespace every::gateway
