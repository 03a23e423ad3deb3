#include "every/toolchain/templates.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <system_error>

#include "every/core/file.h"
#include "every/core/text.h"
#include "every/toolchain/build.h"
#include "every/toolchain/embedded.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;

constexpr std::array<Template, 5> kTemplates{{
    {"rust", "rust/template", "a Cargo project with wit-bindgen"},
    {"ts", "javascript/template-ts", "TypeScript, its WIT made from the types"},
    {"js", "javascript/template-js", "JavaScript with types in comments"},
    {"python", "python/template", "Python, its WIT made from the type hints"},
    {"cpp", "cpp/template", "C++ with its types in WIT"},
}};

constexpr std::array<std::string_view, 46> kWitWords{
    "as",      "async",   "bool",          "borrow",  "char",      "constructor",
    "enum",    "export",  "f32",           "f64",     "flags",     "from",
    "func",    "future",  "import",        "include", "interface", "list",
    "map",     "option",  "own",           "package", "record",    "resource",
    "result",  "s16",     "s32",           "s64",     "s8",        "static",
    "stream",  "string",  "tuple",         "type",    "u16",       "u32",
    "u64",     "u8",      "use",           "variant", "with",      "world",
    "float32", "float64", "error-context", "test"};

std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  while (true) {
    const auto end = name.find('-');
    words.emplace_back(name.substr(0, end));
    if (end == std::string_view::npos) return words;
    name.remove_prefix(end + 1);
  }
}

std::string joined(std::string_view name, std::string_view between, bool first_upper,
                   bool other_upper) {
  std::string out;
  for (auto& word : words_of(name)) {
    const bool upper = out.empty() ? first_upper : other_upper;
    if (upper && !word.empty())
      word[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(word[0])));
    if (!out.empty()) out += between;
    out += word;
  }
  return out;
}

std::string fill(std::string_view text, std::string_view name) {
  const std::array<std::pair<std::string_view, std::string>, 4> values{{
      {"{{name}}", std::string(name)},
      {"{{snake_name}}", joined(name, "_", false, false)},
      {"{{camelName}}", joined(name, "", false, true)},
      {"{{PascalName}}", joined(name, "", true, true)},
  }};
  std::string out(text);
  for (const auto& [mark, value] : values) {
    for (auto at = out.find(mark); at != std::string::npos; at = out.find(mark, at + value.size()))
      out.replace(at, mark.size(), value);
  }
  return out;
}

/// A name that would do, made from what was given.
std::string suggestion(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    const bool starts_word =
        std::isupper(c) != 0 && i > 0 && std::islower(static_cast<unsigned char>(name[i - 1])) != 0;
    if (c < 128 && std::isalnum(c) != 0) {
      if (starts_word && !out.empty() && out.back() != '-') out += '-';
      if (std::isdigit(c) != 0 && (out.empty() || out.back() == '-')) out += 'n';
      out += static_cast<char>(std::tolower(c));
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (out.ends_with('-')) out.pop_back();
  if (out.empty() || std::find(kWitWords.begin(), kWitWords.end(), out) != kWitWords.end())
    out += out.empty() ? "my-function" : "-function";
  return out.substr(0, 64);
}

core::Status write_project(const Template& made, std::string_view name, const fs::path& folder,
                           std::vector<std::string>& files) {
  for (const auto& file : embedded_files(made.folder)) {
    std::string relative = fill(file.path.substr(made.folder.size() + 1), name);
    if (relative == "gitignore") relative = ".gitignore";
    const auto path = folder / relative;
    std::error_code failed;
    fs::create_directories(path.parent_path(), failed);
    if (failed) return core::fail(core::system_error("make", path.parent_path(), failed.value()));
    EVERY_TRY(core::write_file_atomically(path, core::as_bytes(fill(file.content, name)), 0644,
                                          core::Sync::kNo));
    files.push_back(std::move(relative));
  }
  return {};
}

}  // namespace

std::vector<Template> templates() {
  std::vector<Template> out;
  for (const auto& made : kTemplates)
    if (!embedded_files(made.folder).empty()) out.push_back(made);
  return out;
}

core::Status check_project_name(std::string_view name) {
  std::string_view problem;
  for (const auto& word : words_of(name)) {
    if (word.empty()) problem = "it has an empty word";
    for (const char c : word) {
      if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
        problem = "it may have lower-case letters, digits and - only";
    }
    if (!word.empty() && word[0] >= '0' && word[0] <= '9')
      problem = "each of its words begins with a letter";
  }
  if (name.empty()) problem = "it is empty";
  if (name.size() > 64) problem = "it is longer than 64 letters";
  if (std::find(kWitWords.begin(), kWitWords.end(), name) != kWitWords.end())
    problem = "it is a word with a meaning of its own in WIT or in a language";
  if (problem.empty()) return {};
  return core::fail(ErrorCode::kInvalidArgument,
                    "`" + std::string(name) + "` is no name for a project: " +
                        std::string(problem) + "; try `" + suggestion(name) + "`");
}

core::Result<std::vector<std::string>> new_project(std::string_view language, std::string_view name,
                                                   const std::filesystem::path& parent) {
  EVERY_TRY(check_project_name(name));
  const auto all = templates();
  const auto made = std::find_if(all.begin(), all.end(),
                                 [&](const Template& one) { return one.language == language; });
  if (made == all.end()) {
    return core::fail(ErrorCode::kUnsupported, "there is no template for " + std::string(language) +
                                                   "; see every new --list");
  }
  const auto folder = parent / name;
  std::error_code failed;
  if (fs::exists(fs::symlink_status(folder, failed))) {
    return core::fail(ErrorCode::kConflict,
                      folder.string() +
                          " exists already; nothing was written. Choose another name, " +
                          "or make the project in another folder");
  }
  // All or nothing: made beside, then renamed.
  EVERY_TRY_ASSIGN(const auto work, WorkFolder::make(parent));
  std::vector<std::string> files;
  EVERY_TRY(write_project(*made, name, work.path() / "project", files));
  fs::rename(work.path() / "project", folder, failed);
  if (failed) return core::fail(core::system_error("make", folder, failed.value()));
  return files;
}

}  // namespace every::toolchain
