#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "dag_json_form.h"
#include "text.h"

#include "every/ipld/dag_json.h"
#include "every/ipld/multibase.h"

namespace every::ipld::dag_json {
namespace {

/// Bytes take two objects more than the value they stand for.
constexpr std::size_t kMaxNesting = kMaxDepth + 2;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

struct Failure {
  core::ErrorCode code = core::ErrorCode::kMalformed;
  std::size_t offset = 0;
  std::string why;
};

/// The error at an offset of a text, told by line and column (both from 1, columns in bytes).
core::Error located(std::string_view text, const Failure& failure) {
  const std::string_view before = text.substr(0, failure.offset);
  const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const std::size_t column = failure.offset - line_start + 1;
  core::Error error{failure.code,
                    "dag-json: line " + std::to_string(line) + ", column " +
                        std::to_string(column) + ": " + failure.why,
                    {}};
  error.context.emplace_back("line", std::to_string(line));
  error.context.emplace_back("column", std::to_string(column));
  return error;
}

void append_utf8(std::uint32_t point, std::string& out) {
  const auto add = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xc0 | (point >> 6));
    add(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    add(0xe0 | (point >> 12));
    add(0x80 | ((point >> 6) & 0x3f));
    add(0x80 | (point & 0x3f));
  } else {
    add(0xf0 | (point >> 18));
    add(0x80 | ((point >> 12) & 0x3f));
    add(0x80 | ((point >> 6) & 0x3f));
    add(0x80 | (point & 0x3f));
  }
}

class Reader {
 public:
  Reader(std::string_view text, Strictness strictness) : text_(text), strictness_(strictness) {}

  /// False when the text is not DAG-JSON; failure() then tells why.
  bool read_all(Value& out) {
    if (!read(out)) return false;
    skip_space();
    return at_ == text_.size() || fail(at_, "text left over after the value");
  }

  [[nodiscard]] const Failure& failure() const { return failure_; }

 private:
  bool fail(std::size_t offset, std::string why,
            core::ErrorCode code = core::ErrorCode::kMalformed) {
    failure_ = Failure{code, offset, std::move(why)};
    return false;
  }

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  [[nodiscard]] bool next_is(char character) const {
    return at_ < text_.size() && text_[at_] == character;
  }

  bool take(char character) {
    if (!next_is(character)) return false;
    ++at_;
    return true;
  }

  /// What stands where something else was expected.
  bool unexpected(std::string_view expected) {
    if (at_ >= text_.size()) {
      return fail(text_.size(), "the text ends where " + std::string(expected) + " was expected");
    }
    return fail(at_,
                "found " + shown(text_[at_]) + " where " + std::string(expected) + " was expected");
  }

  bool read(Value& out) {
    skip_space();
    if (at_ == text_.size()) return unexpected("a value");
    switch (text_[at_]) {
      case '{':
        return read_object(out);
      case '[':
        return read_list(out);
      case '"': {
        std::string text;
        if (!read_string(text)) return false;
        out = std::move(text);
        return true;
      }
      case 'n':
        out = nullptr;
        return take_word("null");
      case 't':
        out = true;
        return take_word("true");
      case 'f':
        out = false;
        return take_word("false");
      default:
        break;
    }
    if (text_[at_] == '-' || is_digit(text_[at_])) return read_number(out);
    return unexpected("a value");
  }

  bool take_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return unexpected("a value");
    at_ += word.size();
    return true;
  }

  bool too_deep(std::size_t offset) {
    return fail(offset, "nested deeper than " + std::to_string(kMaxDepth) + " levels",
                core::ErrorCode::kResourceExhausted);
  }

  bool read_list(Value& out) {
    const std::size_t start = at_++;
    if (++depth_ > kMaxDepth) return too_deep(start);
    List list;
    skip_space();
    if (!next_is(']')) {
      do {
        if (!read(list.emplace_back())) return false;
        skip_space();
      } while (take(','));
    }
    if (!take(']')) return unexpected("',' or ']'");
    if (depth_-- == kMaxDepth && std::any_of(list.begin(), list.end(), is_map)) {
      return too_deep(start);
    }
    out = std::move(list);
    return true;
  }

  bool read_object(Value& out) {
    const std::size_t start = at_++;
    if (++depth_ > kMaxNesting) return too_deep(start);
    std::vector<MapEntry> entries;
    skip_space();
    if (!next_is('}')) {
      do {
        skip_space();
        if (!next_is('"')) return unexpected("a key in quotes");
        MapEntry& entry = entries.emplace_back();
        if (!read_string(entry.key)) return false;
        skip_space();
        if (!take(':')) return unexpected("':'");
        if (!read(entry.value)) return false;
        skip_space();
      } while (take(','));
    }
    if (!take('}')) return unexpected("',' or '}'");
    auto map = Map::from_entries(std::move(entries));
    if (!map) return fail(start, map.error().message);
    return finish_object(start, std::move(*map), out);
  }

  static bool is_map(const Value& value) { return value.if_map() != nullptr; }

  /// Tells maps from links and bytes, and measures the depth only of maps. Below the limit `{"bytes":"…"}` passes for now: it
  /// may be the inside of bytes. What holds it knows; if it is a map or a list, it refuses it.
  bool finish_object(std::size_t start, Map map, Value& out) {
    const std::size_t depth = depth_--;
    if (is_reserved(map)) return read_form(start, map, out);
    const bool maybe_form = map.size() == 1 && map.begin()->key == kBytesKey &&
                            map.begin()->value.if_string() != nullptr;
    if (depth > kMaxDepth && !maybe_form) return too_deep(start);
    if (depth == kMaxDepth &&
        std::any_of(map.begin(), map.end(), [](const MapEntry& e) { return is_map(e.value); })) {
      return too_deep(start);
    }
    out = std::move(map);
    return true;
  }

  bool read_form(std::size_t start, const Map& map, Value& out) {
    if (map.size() != 1) {
      return fail(start, "an object whose first key is \"/\" with a link or bytes has other keys");
    }
    const Value& inner = map.begin()->value;
    if (const std::string* const link = inner.if_string()) {
      auto cid = Cid::parse(*link);
      if (!cid) return fail(start, "{\"/\": …} is not a link: " + cid.error().message);
      out = std::move(*cid);
      return true;
    }
    if (inner.if_map()->size() != 1) {
      return fail(start, "{\"/\":{\"bytes\": …}} has other keys beside \"bytes\"");
    }
    std::string_view encoded = *inner.if_map()->begin()->value.if_string();
    if (encoded.size() % 4 == 0 && encoded.ends_with('=')) {
      encoded.remove_suffix(encoded.ends_with("==") ? 2 : 1);
    }
    auto bytes = decode_base64(encoded);
    if (!bytes) return fail(start, "{\"/\":{\"bytes\": …}}: " + bytes.error().message);
    out = std::move(*bytes);
    return true;
  }

  bool read_string(std::string& out) {
    const std::size_t start = at_++;
    std::size_t plain = at_;
    while (at_ < text_.size()) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '"') {
        out.append(text_, plain, at_ - plain);
        ++at_;
        return is_text(out) || fail(start, "the string is not UTF-8");
      }
      if (byte < 0x20)
        return fail(at_, "a control character " + shown(text_[at_]) +
                             " in a string; write it as \\u00" + core::to_hex({&byte, 1}));
      if (byte != '\\') {
        ++at_;
        continue;
      }
      out.append(text_, plain, at_ - plain);
      if (!read_escape(out)) return false;
      plain = at_;
    }
    return fail(start, "the string does not end");
  }

  bool read_escape(std::string& out) {
    const std::size_t start = at_++;
    if (at_ == text_.size()) return fail(start, "the string does not end");
    switch (const char kind = text_[at_++]) {
      case '"':
      case '\\':
      case '/':
        out += kind;
        return true;
      case 'b':
        out += '\b';
        return true;
      case 'f':
        out += '\f';
        return true;
      case 'n':
        out += '\n';
        return true;
      case 'r':
        out += '\r';
        return true;
      case 't':
        out += '\t';
        return true;
      case 'u':
        return read_code_point(start, out);
      default:
        return fail(start, "unknown escape \\" + shown(kind));
    }
  }

  bool read_hex4(std::uint32_t& unit) {
    const std::string_view digits = text_.substr(at_, 4);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
    if (digits.size() < 4 || parsed.ptr != digits.data() + digits.size()) return false;
    at_ += 4;
    return true;
  }

  bool read_code_point(std::size_t start, std::string& out) {
    std::uint32_t point = 0;
    if (!read_hex4(point)) return fail(start, "\\u needs four hexadecimal digits");
    if (point >= 0xd800 && point <= 0xdfff) {
      std::uint32_t low = 0;
      const bool paired = point < 0xdc00 && take('\\') && take('u') && read_hex4(low) &&
                          low >= 0xdc00 && low <= 0xdfff;
      if (!paired) return fail(start, "half of a surrogate pair");
      point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(point, out);
    return true;
  }

  bool read_number(Value& out) {
    const std::size_t start = at_;
    std::size_t end = start + (text_[start] == '-' ? 1 : 0);
    const std::size_t first_digit = end;
    end = skip_digits(text_, end);
    if (end == first_digit) return fail(start, "a number without digits");
    if (text_[first_digit] == '0' && end - first_digit > 1) {
      return fail(start, "a number with a leading zero");
    }
    const std::size_t integer_end = end;
    if (end < text_.size() && text_[end] == '.') {
      const std::size_t fraction = end + 1;
      end = skip_digits(text_, fraction);
      if (end == fraction) return fail(start, "a number without digits after its point");
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      std::size_t exponent = end + 1;
      if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) ++exponent;
      end = skip_digits(text_, exponent);
      if (end == exponent) return fail(start, "a number without digits in its exponent");
    }
    at_ = end;
    const std::string_view number = text_.substr(start, end - start);
    if (end == integer_end && read_integer(number, out)) return true;
    return read_float(start, number, out);
  }

  /// False when the number is a float: −0, or too big; for a request below −2^63 too, where the original reads floats.
  [[nodiscard]] bool read_integer(std::string_view number, Value& out) const {
    const bool negative = number.starts_with('-');
    const std::string_view digits = number.substr(negative ? 1 : 0);
    if (negative && digits == "0") return false;
    if (negative && strictness_ == Strictness::kBlock && digits == "18446744073709551616") {
      out = Integer::from_negative(UINT64_MAX);
      return true;
    }
    std::uint64_t magnitude = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude);
    if (parsed.ec != std::errc()) return false;
    if (!negative) {
      out = Integer::from_unsigned(magnitude);
      return true;
    }
    const std::uint64_t n = magnitude - 1;
    if (strictness_ == Strictness::kRequest && n > static_cast<std::uint64_t>(INT64_MAX)) {
      return false;
    }
    out = Integer::from_negative(n);
    return true;
  }

  bool read_float(std::size_t start, std::string_view number, Value& out) {
    double value = 0;
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), value);
    if (parsed.ec == std::errc::result_out_of_range) {
      if (!rounds_to_zero(number)) {
        return fail(start, "the number " + quoted(number) + " overflows a double");
      }
      value = number.starts_with('-') ? -0.0 : 0.0;
    }
    out = value;
    return true;
  }

  /// Of a number no double is near: whether it is too small rather than too big. Judged by the place of its first digit
  /// that is not zero; the exponent saturates.
  static bool rounds_to_zero(std::string_view number) {
    const std::size_t mark = std::min(number.find_first_of("eE"), number.size());
    const std::size_t first = number.find_first_of("123456789");
    if (first >= mark) return true;
    const std::size_t point = std::min(number.find('.'), mark);
    std::int64_t place = first < point ? static_cast<std::int64_t>(point - first)
                                       : -static_cast<std::int64_t>(first - point);
    if (mark < number.size()) {
      std::string_view exponent = number.substr(mark + 1);
      const bool negative = exponent.starts_with('-');
      if (negative || exponent.starts_with('+')) exponent.remove_prefix(1);
      std::int64_t size = INT64_MAX / 2;
      std::int64_t exact = 0;
      if (std::from_chars(exponent.data(), exponent.data() + exponent.size(), exact).ec ==
          std::errc()) {
        size = std::min(size, exact);
      }
      place += negative ? -size : size;
    }
    return place < 0;
  }

  std::string_view text_;
  Strictness strictness_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  Failure failure_;
};

}  // namespace

core::Result<Value> decode(std::string_view text, Strictness strictness) {
  Reader reader(text, strictness);
  Value value;
  if (!reader.read_all(value)) return core::fail(located(text, reader.failure()));
  if (strictness == Strictness::kRequest) return value;
  // There is one canonical text of a value, so canonical is what encodes to itself.
  EVERY_TRY_ASSIGN(const std::string canonical, encode(value));
  const auto differs =
      std::mismatch(text.begin(), text.end(), canonical.begin(), canonical.end()).first;
  if (differs == text.end() && text.size() == canonical.size()) return value;
  const auto offset = static_cast<std::size_t>(differs - text.begin());
  return core::fail(
      located(text, {core::ErrorCode::kMalformed, offset, "not the canonical text of this value"}));
}

}  // namespace every::ipld::dag_json
