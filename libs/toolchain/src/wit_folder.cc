#include "every/toolchain/wit_folder.h"

#include <algorithm>
#include <cctype>
#include <system_error>

#include "every/core/file.h"
#include "every/core/text.h"
#include "every/toolchain/embedded.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{16} << 20;  // of one WIT file

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '%';
}

/// Where the comment that begins at `at` ends, or `at` when none does. Block comments nest.
std::size_t end_of_comment(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) == "//") return std::min(text.find('\n', at), text.size());
  if (text.substr(at, 2) != "/*") return at;
  std::size_t depth = 1;
  for (at += 2; at < text.size() && depth > 0;) {
    if (text.substr(at, 2) == "/*") {
      ++depth;
      at += 2;
    } else if (text.substr(at, 2) == "*/") {
      --depth;
      at += 2;
    } else {
      ++at;
    }
  }
  return at;
}

core::Status add_file(std::vector<TextFile>& files, const fs::path& file, std::string name) {
  EVERY_TRY_ASSIGN(const auto bytes, core::read_file(file, kMostBytes));
  files.push_back({std::move(name), std::string(core::as_text(bytes))});
  return {};
}

/// Adds the `*.wit` files directly in a folder, under names that begin with `prefix`.
core::Status add_folder(std::vector<TextFile>& files, const fs::path& folder,
                        const std::string& prefix) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const auto& path = entry.path();
    if (path.extension() != ".wit" || !fs::is_regular_file(path)) continue;
    EVERY_TRY(add_file(files, path, prefix + path.filename().string()));
  }
  if (failed) return core::fail(core::system_error("read", folder, failed.value()));
  return {};
}

core::Status add_deps(std::vector<TextFile>& files, const fs::path& deps) {
  std::error_code failed;
  if (!fs::is_directory(deps, failed)) return {};
  EVERY_TRY(add_folder(files, deps, "deps/"));
  for (const auto& entry : fs::directory_iterator(deps, failed)) {
    if (!fs::is_directory(entry.path())) continue;
    EVERY_TRY(add_folder(files, entry.path(), "deps/" + entry.path().filename().string() + "/"));
  }
  if (failed) return core::fail(core::system_error("read", deps, failed.value()));
  return {};
}

/// The version of a mention of `wasi:logging/logging`, empty for none; or nothing when it is not mentioned.
std::optional<std::string> logging_version(std::string_view text) {
  constexpr std::string_view kName = "wasi:logging/logging";
  const auto at = text.find(kName);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + kName.size());
  if (!text.starts_with('@')) return std::string();
  std::size_t end = 1;
  while (end < text.size() && (is_word(text[end]) || text[end] == '.' || text[end] == '+')) ++end;
  return std::string(text.substr(0, end));
}

void add_logging(WitFolder& wit) {
  std::optional<std::string> version;
  for (const auto& file : wit.files) {
    if (file.text.find("package wasi:logging") != std::string::npos) return;
    if (!version) version = logging_version(file.text);
  }
  if (!version) return;
  std::string text(embedded_file("wit/logging/logging.wit"));
  const std::string_view declared = "package wasi:logging";
  text.insert(text.find(declared) + declared.size(), *version);
  wit.files.push_back({"deps/wasi-logging/logging.wit", std::move(text)});
}

void mend(WitFolder& wit) {
  for (auto& file : wit.files) {
    auto [text, count] = modernise_wit(file.text);
    if (count == 0) continue;
    file.text = std::move(text);
    wit.notices.push_back(file.path +
                          ": float32 and float64 are read as f32 and f64, their names today (" +
                          std::to_string(count) + (count == 1 ? " place)" : " places)"));
  }
  add_logging(wit);
  std::sort(wit.files.begin(), wit.files.end(),
            [](const TextFile& a, const TextFile& b) { return a.path < b.path; });
}

bool has_wit(const fs::path& folder) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed))
    if (entry.path().extension() == ".wit") return true;
  return false;
}

std::string list_worlds(const Worlds& worlds) {
  std::vector<std::string> names;
  for (const auto& world : worlds.worlds) names.push_back("`" + world.name + "`");
  return core::join_words(names);
}

std::vector<std::string> missing_of(const World& world, std::span<const std::string> implemented) {
  std::vector<std::string> missing;
  for (const auto& function : world.exports) {
    const auto key = spelling_key(function.name);
    const bool has = std::any_of(implemented.begin(), implemented.end(),
                                 [&](const auto& name) { return spelling_key(name) == key; });
    if (!has) missing.push_back(function.qualified_name());
  }
  return missing;
}

}  // namespace

std::pair<std::string, std::size_t> modernise_wit(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const auto end = end_of_comment(text, at); end != at) {
      out.append(text.substr(at, end - at));
      at = end;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    const auto word = text.substr(at, end - at);
    if (word == "float32" || word == "float64") {
      out += word == "float32" ? "f32" : "f64";
      ++count;
    } else if (!word.empty()) {
      out.append(word);
    } else {
      out += text[at];
      end = at + 1;
    }
    at = end;
  }
  return {std::move(out), count};
}

core::Result<WitFolder> read_wit(const std::filesystem::path& path) {
  WitFolder wit{path, {}, {}};
  std::error_code failed;
  if (fs::is_directory(path, failed)) {
    EVERY_TRY(add_folder(wit.files, path, ""));
    if (wit.files.empty())
      return core::fail(core::ErrorCode::kNotFound, path.string() + " has no .wit file");
    EVERY_TRY(add_deps(wit.files, path / "deps"));
  } else {
    EVERY_TRY(add_file(wit.files, path, path.filename().string()));
    EVERY_TRY(add_deps(wit.files, fs::absolute(path).parent_path() / "deps"));
  }
  mend(wit);
  return wit;
}

WitFolder wit_of_text(std::string file_name, std::string text) {
  WitFolder wit{file_name, {{std::move(file_name), std::move(text)}}, {}};
  mend(wit);
  return wit;
}

core::Result<std::optional<WitFolder>> find_wit(const Source& source,
                                                const std::optional<std::filesystem::path>& given) {
  if (given) {
    std::error_code failed;
    if (!fs::exists(*given, failed)) {
      return core::fail(core::ErrorCode::kNotFound,
                        "--wit " + given->string() +
                            " does not exist; give a .wit file, or a folder with .wit files");
    }
    EVERY_TRY_ASSIGN(auto wit, read_wit(*given));
    return std::optional(std::move(wit));
  }
  for (const auto& folder :
       {source.project / "wit", source.project, source.project.parent_path() / "wit"}) {
    if (!has_wit(folder)) continue;
    EVERY_TRY_ASSIGN(auto wit, read_wit(folder));
    return std::optional(std::move(wit));
  }
  return std::optional<WitFolder>();
}

core::Status write_files(std::span<const TextFile> files, const std::filesystem::path& folder) {
  for (const auto& file : files) {
    const auto path = folder / file.path;
    std::error_code failed;
    fs::create_directories(path.parent_path(), failed);
    if (failed) return core::fail(core::system_error("make", path.parent_path(), failed.value()));
    EVERY_TRY(core::write_file_atomically(path, core::as_bytes(file.text), 0644, core::Sync::kNo));
  }
  return {};
}

std::string spelling_key(std::string_view name) {
  std::string key;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == '%') continue;
    key += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return key;
}

core::Result<const World*> choose_world(const Worlds& worlds,
                                        const std::optional<std::string>& named,
                                        std::span<const std::string> implemented,
                                        const WitFolder& folder) {
  const std::string place = folder.origin.string();
  if (worlds.worlds.empty()) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      place + " has no world; a world lists the functions a component exports: " +
                          "world NAME { export add: func(a: f64, b: f64) -> f64; }");
  }
  if (named) {
    std::vector<std::string> names;
    for (const auto& world : worlds.worlds) {
      if (world.name == *named || worlds.package + "/" + world.name == *named) return &world;
      names.push_back(world.name);
    }
    std::string text = place + " has no world `" + *named + "`; it has " + list_worlds(worlds);
    if (const auto nearest = core::nearest(*named, names); !nearest.empty())
      text += ". Did you mean `" + std::string(nearest) + "`?";
    return core::fail(core::ErrorCode::kNotFound, std::move(text));
  }
  if (worlds.worlds.size() == 1) return &worlds.worlds.front();
  std::vector<const World*> fitting;
  std::string reasons;
  for (const auto& world : worlds.worlds) {
    const auto missing = missing_of(world, implemented);
    if (missing.empty()) fitting.push_back(&world);
    reasons += "\n  --world " + world.name +
               (missing.empty() ? std::string(": all its exports are here")
                                : ": " + core::join_words(missing) + " not in the source");
  }
  if (fitting.size() == 1) return fitting.front();
  return core::fail(core::ErrorCode::kInvalidArgument,
                    place + " has several worlds and " +
                        (fitting.empty() ? "the source implements none of them"
                                         : "the source implements more than one") +
                        "; say which one is meant:" + reasons);
}

std::string WitFunction::qualified_name() const {
  return interface.empty() ? name : interface + "#" + name;
}

std::string WitFunction::signature() const {
  std::string text = qualified_name() + ": func(";
  for (std::size_t i = 0; i < params.size(); ++i)
    text += (i == 0 ? "" : ", ") + params[i].name + ": " + params[i].type;
  text += ")";
  if (result) text += " -> " + result->type;
  return text;
}

}  // namespace every::toolchain
