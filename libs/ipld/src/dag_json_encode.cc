#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "dag_json_form.h"
#include "text.h"
#include "value_path.h"

#include "every/ipld/dag_json.h"
#include "every/ipld/multibase.h"

namespace every::ipld::dag_json {
namespace {

/// The shortest digits that read back, always with a point or an exponent: a point while the number has at most 16 digits
/// before it and at most 4 zeros behind it, as the original prints.
void append_float(double number, std::string& out) {
  if (number == 0) {
    out += std::signbit(number) ? "-0.0" : "0.0";
    return;
  }
  std::array<char, 32> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                     std::chars_format::scientific);
  std::string_view text(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));
  if (text.starts_with('-')) {
    out += '-';
    text.remove_prefix(1);
  }
  const std::size_t mark = text.find('e');
  int exponent = 0;
  const std::size_t exponent_at = mark + (text[mark + 1] == '+' ? 2 : 1);
  std::from_chars(text.data() + exponent_at, text.data() + text.size(), exponent);
  std::string digits(1, text[0]);
  if (mark > 2) digits += text.substr(2, mark - 2);

  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // the number is 0.DIGITS × 10^point
  if (count <= point && point <= 16) {
    out += digits;
    out.append(static_cast<std::size_t>(point - count), '0');
    out += ".0";
  } else if (0 < point && point <= 16) {
    out += digits.insert(static_cast<std::size_t>(point), 1, '.');
  } else if (-5 < point && point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += digits;
  } else {
    if (count > 1) digits.insert(1, 1, '.');
    out += digits;
    out += 'e';
    out += std::to_string(exponent);
  }
}

void append_escaped(char character, std::string& out) {
  switch (character) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<std::uint8_t>(character);
  out += "\\u00";
  out += core::to_hex({&byte, 1});
}

void append_text(std::string_view text, std::string& out) {
  out += '"';
  std::size_t plain = 0;  // start of what needs no escape
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(text, plain, i - plain);
    append_escaped(text[i], out);
    plain = i + 1;
  }
  out.append(text, plain);
  out += '"';
}

class Writer {
 public:
  /// False when the value cannot be written; failure() then tells why.
  bool write(const Value& value) {
    switch (value.kind()) {
      case Kind::kNull:
        out_ += "null";
        return true;
      case Kind::kBool:
        out_ += *value.if_bool() ? "true" : "false";
        return true;
      case Kind::kInteger:
        out_ += value.if_integer()->render();
        return true;
      case Kind::kFloat:
        return write_float(*value.if_float());
      case Kind::kString:
        return write_text(*value.if_string());
      case Kind::kBytes:
        out_ += R"({"/":{"bytes":")";
        out_ += encode_base64(*value.if_bytes());
        out_ += R"("}})";
        return true;
      case Kind::kList:
        return write_list(*value.if_list());
      case Kind::kMap:
        return write_map(*value.if_map());
      case Kind::kLink:
        out_ += R"({"/":")";
        out_ += value.if_link()->render();
        out_ += R"("})";
        return true;
    }
    return true;
  }

  [[nodiscard]] std::string take() && { return std::move(out_); }
  [[nodiscard]] std::unexpected<core::Error> failure() && {
    return std::move(path_).failure("dag-json");
  }

 private:
  bool write_float(double number) {
    if (!std::isfinite(number)) {
      return path_.fail(core::ErrorCode::kInvalidArgument,
                        "NaN and infinities have no JSON form; give a finite number");
    }
    append_float(number, out_);
    return true;
  }

  bool write_text(std::string_view text) {
    if (!is_text(text)) {
      return path_.fail(core::ErrorCode::kInvalidArgument,
                        "the string is not UTF-8; give it as bytes");
    }
    append_text(text, out_);
    return true;
  }

  bool enter() {
    if (depth_ == kMaxDepth) {
      return path_.fail(core::ErrorCode::kResourceExhausted,
                        "nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    ++depth_;
    return true;
  }

  bool write_list(const List& list) {
    if (!enter()) return false;
    out_ += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i > 0) out_ += ',';
      if (!write(list[i])) return path_.inside(i);
    }
    out_ += ']';
    --depth_;
    return true;
  }

  bool write_map(const Map& map) {
    if (is_reserved(map)) {
      return path_.fail(core::ErrorCode::kInvalidArgument,
                        "a map with this \"/\" would read as a link or bytes; rename the key");
    }
    if (!enter()) return false;
    out_ += '{';
    bool first = true;
    for (const MapEntry& entry : map) {
      if (!first) out_ += ',';
      first = false;
      if (!write_text(entry.key)) return path_.inside(entry.key);
      out_ += ':';
      if (!write(entry.value)) return path_.inside(entry.key);
    }
    out_ += '}';
    --depth_;
    return true;
  }

  std::string out_;
  std::size_t depth_ = 0;
  ValuePath path_;
};

}  // namespace

core::Result<std::string> encode(const Value& value) {
  Writer writer;
  if (!writer.write(value)) return std::move(writer).failure();
  return std::move(writer).take();
}

}  // namespace every::ipld::dag_json
