#include "every/settings/settings.h"

#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <algorithm>
#include <array>

#include "schema.h"
#include <toml++/toml.h>

#include "every/core/text.h"

namespace every::settings {
namespace {

using core::ErrorCode;

constexpr std::array<std::pair<Durability, std::string_view>, 3> kDurabilities{
    {{Durability::kDurable, "durable"},
     {Durability::kRelaxed, "relaxed"},
     {Durability::kMemory, "memory"}}};

/// What a node of the document is called in messages.
std::string describe(const toml::node& node) {
  if (const auto* text = node.as_string())
    return "the text \"" + core::shorten(text->get(), 40) + "\"";
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) return core::js_number(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (node.is_table()) return "a table";
  return node.is_array() ? "a list" : "a date or time";
}

std::string wanted(const Key& key) {
  switch (key.shape) {
    case Shape::kNumber:
      return key.most == std::numeric_limits<std::int64_t>::max()
                 ? "a whole number of at least " + std::to_string(key.least)
                 : "a whole number from " + std::to_string(key.least) + " to " +
                       std::to_string(key.most);
    case Shape::kText:
      return "a text";
    case Shape::kBoolean:
      return "true or false";
    case Shape::kTexts:
      return "a list of texts";
    case Shape::kKeypair:
      break;
  }
  return "\"random\", { existing = { key_type, path } } or { random_seed = { key_type, seed } }";
}

/// Walks a document and puts what it finds into the settings.
class Reader {
 public:
  Reader(const std::filesystem::path& file, Parsed& out) : file_(file), out_(out) {}

  core::Status read(const toml::table& table, const std::string& prefix) {
    for (const auto& [name, node] : table) {
      const std::string path = prefix + std::string(name.str());
      const auto keys = schema();
      const auto key =
          std::ranges::find_if(keys, [&path](const Key& row) { return row.path == path; });
      if (key != keys.end()) {
        EVERY_TRY(take(*key, node));
      } else if (!is_table_of_schema(path)) {
        warn_unknown(path, node);
      } else if (const toml::table* inner = node.as_table()) {
        EVERY_TRY(read(*inner, path + "."));
      } else {
        return std::unexpected(error_at(node, path + " must be a table, not " + describe(node)));
      }
    }
    return {};
  }

 private:
  [[nodiscard]] std::string place(const toml::node& node) const {
    return file_.string() + ":" + std::to_string(node.source().begin.line);
  }
  [[nodiscard]] core::Error error_at(const toml::node& node, const std::string& what) const {
    return {ErrorCode::kInvalidArgument, place(node) + ": " + what, {}};
  }
  [[nodiscard]] core::Error wrong(const Key& key, const toml::node& node) const {
    return error_at(node,
                    std::string(key.path) + " must be " + wanted(key) + ", not " + describe(node));
  }

  static bool is_table_of_schema(const std::string& path) {
    return std::ranges::any_of(
        schema(), [&path](const Key& row) { return row.path.starts_with(path + "."); });
  }

  void warn_unknown(const std::string& path, const toml::node& node) {
    std::vector<std::string> known;
    for (const Key& row : schema()) known.emplace_back(row.path);
    const std::string_view near = core::nearest(path, known);
    out_.warnings.push_back(
        place(node) + ": nobody knows the key " + path +
        (near.empty() ? std::string() : "; did you mean " + std::string(near) + "?"));
  }

  core::Status take(const Key& key, const toml::node& node) {
    if (key.shape == Shape::kKeypair) return take_keypair(key, node);
    Scalar value;
    bool fits = false;
    if (const auto* number = node.as_integer(); number != nullptr && key.shape == Shape::kNumber) {
      fits = number->get() >= key.least && number->get() <= key.most;
      value = number->get();
    } else if (const auto* text = node.as_string(); text != nullptr && key.shape == Shape::kText) {
      fits = true;
      value = text->get();
    } else if (key.shape == Shape::kBoolean) {
      fits = node.is_boolean();
    } else if (const auto* list = node.as_array(); list != nullptr && key.shape == Shape::kTexts) {
      fits = list->empty() || list->is_homogeneous<std::string>();
    }
    if (!fits) return std::unexpected(wrong(key, node));
    if (key.set == nullptr) {
      out_.warnings.push_back(place(node) + ": " + std::string(key.path) +
                              " has no effect in this version");
      return {};
    }
    auto status = key.set(out_.settings, value);
    if (!status)
      return std::unexpected(
          std::move(status).error().in(place(node) + ": " + std::string(key.path)));
    return {};
  }

  core::Status take_keypair(const Key& key, const toml::node& node) {
    Keypair keypair;
    if (const auto* text = node.as_string(); text != nullptr && text->get() == "random") {
      out_.settings.keypair = keypair;
      return {};
    }
    const toml::table* table = node.as_table();
    if (table == nullptr || table->size() != 1) return std::unexpected(wrong(key, node));
    const auto first = table->begin();  // the pair lives in the iterator
    const auto& [name, inner] = *first;
    const toml::table* source = inner.as_table();
    const bool existing = name.str() == "existing";
    if (source == nullptr || (!existing && name.str() != "random_seed"))
      return std::unexpected(wrong(key, node));
    const std::string_view field = existing ? "path" : "seed";
    const auto value = (*source)[field].value<std::string>();
    if (!value)
      return std::unexpected(error_at(inner, std::string(key.path) + "." + std::string(name.str()) +
                                                 " needs the text `" + std::string(field) + "`"));
    EVERY_TRY_ASSIGN(keypair.type, parse_key_type((*source)["key_type"], inner, key));
    keypair.source = existing ? Keypair::Source::kExisting : Keypair::Source::kSeed;
    if (existing) {
      keypair.path = (std::filesystem::absolute(file_).parent_path() / *value).lexically_normal();
    } else {
      keypair.seed = *value;
    }
    out_.settings.keypair = std::move(keypair);
    return {};
  }

  core::Result<KeyType> parse_key_type(toml::node_view<const toml::node> node, const toml::node& at,
                                       const Key& key) const {
    if (!node) return KeyType::kEd25519;
    const auto text = node.value<std::string>();
    if (text == "ed25519") return KeyType::kEd25519;
    if (text == "secp256k1") return KeyType::kSecp256k1;
    return std::unexpected(
        error_at(at, std::string(key.path) + ": key_type must be \"ed25519\" or \"secp256k1\""));
  }

  const std::filesystem::path& file_;
  Parsed& out_;
};

}  // namespace

std::string_view render_durability(Durability durability) {
  for (const auto& [known, text] : kDurabilities) {
    if (known == durability) return text;
  }
  return "durable";
}

core::Result<Durability> parse_durability(std::string_view text) {
  for (const auto& [durability, known] : kDurabilities) {
    if (known == text) return durability;
  }
  return core::fail(ErrorCode::kInvalidArgument,
                    "'" + std::string(text) + "' is not one of durable, relaxed and memory");
}

core::Result<Parsed> parse(std::string_view text, const std::filesystem::path& file,
                           const Settings& base) {
  toml::table document;
  try {
    document = toml::parse(text, file.string());
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    return core::fail(ErrorCode::kMalformed, file.string() + ":" + std::to_string(at.line) + ":" +
                                                 std::to_string(at.column) +
                                                 ": not TOML: " + std::string(error.description()));
  }
  Parsed parsed{base, {}};
  EVERY_TRY(Reader(file, parsed).read(document, ""));
  return parsed;
}

}  // namespace every::settings
