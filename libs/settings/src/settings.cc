#include "every/settings/settings.h"

#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <algorithm>
#include <charconv>

#include "schema.h"
#include <toml++/toml.h>

#include "every/core/text.h"

namespace every::settings {
namespace {

using core::ErrorCode;

constexpr std::string_view kPrefix = "HOMESTAR__";

std::string variable_of(const std::string& path) {
  std::string name(kPrefix);
  for (const char c : path) {
    if (c == '.') {
      name += "__";
    } else {
      name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
  }
  return name;
}

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
    case Shape::kPath:
      return "a file's path";
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
  /// in: file     for messages; empty: the document stands for environment variables
  ///     folder   what relative paths are relative to
  Reader(std::filesystem::path file, std::filesystem::path folder, Parsed& out)
      : file_(std::move(file)), folder_(std::move(folder)), out_(out) {}

  core::Status read(const toml::table& table, const std::string& prefix) {
    for (const auto& [name, node] : table) {
      const std::string path = prefix + std::string(name.str());
      path_ = path;
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
    if (file_.empty()) return "environment variable " + variable_of(path_);
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
    auto value = read_scalar(key, node);
    if (!value) return std::unexpected(wrong(key, node));
    if (key.set == nullptr) {
      out_.settings.unused[std::string(key.path)] = render_json(*value);
      // What the original writes by itself into every file is nothing to be told of.
      if (out_.settings.unused[std::string(key.path)] != key.original)
        out_.warnings.push_back(place(node) + ": " + std::string(key.path) +
                                " has no effect in this version");
    } else if (auto status = key.set(out_.settings, *value); !status) {
      return std::unexpected(
          std::move(status).error().in(place(node) + ": " + std::string(key.path)));
    }
    out_.origins[std::string(key.path)] = place(node);
    return {};
  }

  [[nodiscard]] std::optional<Scalar> read_scalar(const Key& key, const toml::node& node) const {
    if (const auto* number = node.as_integer(); number != nullptr && key.shape == Shape::kNumber) {
      if (number->get() < key.least || number->get() > key.most) return std::nullopt;
      return Scalar(number->get());
    }
    if (const auto* text = node.as_string(); text != nullptr) {
      if (key.shape == Shape::kText) return Scalar(text->get());
      if (key.shape == Shape::kPath && !text->get().empty()) return Scalar(absolute(text->get()));
    }
    if (const auto* flag = node.as_boolean(); flag != nullptr && key.shape == Shape::kBoolean)
      return Scalar(flag->get());
    const auto* list = node.as_array();
    if (list == nullptr || key.shape != Shape::kTexts) return std::nullopt;
    std::vector<std::string> texts;
    for (const toml::node& entry : *list) {
      if (!entry.is_string()) return std::nullopt;
      texts.push_back(entry.as_string()->get());
    }
    return Scalar(std::move(texts));
  }

  [[nodiscard]] std::string absolute(const std::string& path) const {
    return (std::filesystem::absolute(folder_) / path).lexically_normal().string();
  }

  core::Status take_keypair(const Key& key, const toml::node& node) {
    Keypair keypair;
    out_.origins[std::string(key.path)] = place(node);
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
      keypair.path = absolute(*value);
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

  std::filesystem::path file_;
  std::filesystem::path folder_;
  Parsed& out_;
  std::string path_;  // of the key being read
};

/// A variable's text as what its key takes; as text where that does not fit, so that the reader refuses it by name.
void insert_as(toml::table& table, const std::string& name, const Key* key,
               const std::string& text) {
  const Shape shape = key != nullptr ? key->shape : Shape::kText;
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (shape == Shape::kNumber && problem == std::errc() && end == text.data() + text.size()) {
    table.insert_or_assign(name, number);
  } else if (shape == Shape::kBoolean && (text == "true" || text == "false")) {
    table.insert_or_assign(name, text == "true");
  } else if (shape == Shape::kTexts) {
    toml::array list;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t comma = std::min(text.find(',', at), text.size());
      if (comma > at) list.push_back(text.substr(at, comma - at));
      at = comma + 1;
    }
    table.insert_or_assign(name, std::move(list));
  } else {
    table.insert_or_assign(name, text);
  }
}

}  // namespace

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
  Parsed parsed{base, {}, {}};
  EVERY_TRY(Reader(file, std::filesystem::absolute(file).parent_path(), parsed).read(document, ""));
  return parsed;
}

core::Result<Parsed> parse_environment(
    std::span<const std::pair<std::string, std::string>> variables, const Settings& base) {
  toml::table document;
  for (const auto& [variable, text] : variables) {
    if (!variable.starts_with(kPrefix) || variable.size() == kPrefix.size()) continue;
    std::string path;
    toml::table* table = &document;
    std::string_view rest = std::string_view(variable).substr(kPrefix.size());
    for (;;) {
      const std::size_t cut = rest.find("__");
      std::string word(rest.substr(0, cut));
      for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      path += path.empty() ? word : "." + word;
      if (cut == std::string_view::npos) {
        const auto keys = schema();
        const auto key = std::ranges::find(keys, path, &Key::path);
        insert_as(*table, word, key != keys.end() ? &*key : nullptr, text);
        break;
      }
      rest.remove_prefix(cut + 2);
      // A value in the way of a table gives way: the reader then says that the shorter path must be a table, or reads the longer one.
      toml::node* inner = table->get(word);
      if (inner == nullptr || !inner->is_table()) {
        table->insert_or_assign(word, toml::table());
        inner = table->get(word);
      }
      table = inner->as_table();
    }
  }
  Parsed parsed{base, {}, {}};
  EVERY_TRY(Reader({}, std::filesystem::current_path(), parsed).read(document, ""));
  return parsed;
}

}  // namespace every::settings
