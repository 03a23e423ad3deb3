#include "language.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace every::wasm {
namespace {

constexpr std::size_t kHeader = 8;
constexpr int kDeepest = 8;

/// Reads from the front; anything that does not fit makes it empty and unsound.
class Reader {
 public:
  explicit Reader(core::BytesView bytes) : left_(bytes) {}
  [[nodiscard]] bool done() const { return left_.empty(); }

  std::uint8_t byte() {
    if (left_.empty()) return 0;
    const std::uint8_t value = left_.front();
    left_ = left_.subspan(1);
    return value;
  }
  std::uint32_t number() {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      if (left_.empty()) return 0;
      const std::uint8_t part = byte();
      value |= static_cast<std::uint32_t>(part & 0x7f) << (shift < 32 ? shift : 31);
      if ((part & 0x80) == 0) return value;
    }
    left_ = {};
    return 0;
  }
  core::BytesView bytes(std::size_t size) {
    if (size > left_.size()) {
      left_ = {};
      return {};
    }
    const core::BytesView value = left_.first(size);
    left_ = left_.subspan(size);
    return value;
  }
  std::string_view text() { return core::as_text(bytes(number())); }

 private:
  core::BytesView left_;
};

/// field → names, as `language: Rust`, `processed-by: rustc`.
using Producers = std::vector<std::pair<std::string, std::string>>;

void read_producers(core::BytesView section, Producers& out) {
  Reader reader(section);
  for (std::uint32_t fields = reader.number(); fields > 0 && !reader.done(); --fields) {
    const std::string field(reader.text());
    for (std::uint32_t values = reader.number(); values > 0 && !reader.done(); --values) {
      out.emplace_back(field, std::string(reader.text()));
      reader.text();  // its version
    }
  }
}

void read_sections(core::BytesView binary, Producers& out, int depth) {
  constexpr std::uint8_t kCustom = 0;
  constexpr std::uint8_t kCoreModule = 1;  // in a component; in a module the types
  constexpr std::uint8_t kComponent = 4;   // in a component; in a module the tables
  if (binary.size() < kHeader || depth > kDeepest) return;
  const bool is_component = binary[6] == 1;  // the layer
  Reader reader(binary.subspan(kHeader));
  while (!reader.done()) {
    const std::uint8_t id = reader.byte();
    const core::BytesView body = reader.bytes(reader.number());
    if (id == kCustom) {
      Reader custom(body);
      const core::BytesView name = custom.bytes(custom.number());
      if (name.empty()) continue;
      const core::BytesView content = body.last(
          static_cast<std::size_t>(body.data() + body.size() - name.data()) - name.size());
      if (core::as_text(name) == "producers") {
        read_producers(content, out);
      } else if (core::as_text(name).starts_with("component-type")) {
        // What a module that is made a component brings along.
        read_sections(content, out, depth + 1);
      }
    } else if (is_component && (id == kCoreModule || id == kComponent)) {
      read_sections(body, out, depth + 1);
    }
  }
}

}  // namespace

std::string language_of(core::BytesView component) {
  // The first that is found wins. Only tools of a language are believed: the adapter inside many a component says `language: Rust`, and so do
  // interpreters of other languages.
  constexpr std::array<std::array<std::string_view, 3>, 11> kSigns{{
      {"processed-by", "ComponentizeJS", "javascript"},
      {"processed-by", "componentize-js", "javascript"},
      {"processed-by", "componentize-py", "python"},
      {"processed-by", "component-init-transform", "python"},
      {"processed-by", "componentize-go", "go"},
      {"processed-by", "TinyGo", "go"},
      {"language", "JavaScript", "javascript"},
      {"language", "Python", "python"},
      {"language", "Go", "go"},
      {"processed-by", "wit-bindgen-rust", "rust"},
      {"language", "C_plus_plus", "c++"},
  }};
  Producers producers;
  read_sections(component, producers, 0);
  for (const auto& [field, value, language] : kSigns) {
    for (const auto& [found_field, found] : producers) {
      if (found_field == field &&
          (found == value || (value == "C_plus_plus" && found.starts_with(value))))
        return std::string(language);
    }
  }
  return {};
}

}  // namespace every::wasm
