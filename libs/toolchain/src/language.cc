#include "every/toolchain/language.h"

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>
#include <vector>

#include "every/core/file.h"
#include "every/core/text.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<Language, std::string_view>, 8> kNames{{
    {Language::kRust, "rust"},
    {Language::kTypeScript, "ts"},
    {Language::kJavaScript, "js"},
    {Language::kPython, "python"},
    {Language::kC, "c"},
    {Language::kCpp, "cpp"},
    {Language::kWat, "wat"},
    {Language::kWasm, "wasm"},
}};

std::optional<Language> language_of_file(const fs::path& file) {
  const std::string name = file.filename().string();
  if (name == "Cargo.toml") return Language::kRust;
  if (name == "package.json") return Language::kJavaScript;
  const std::string extension = file.extension().string();
  if (name.ends_with(".d.ts")) return std::nullopt;
  if (extension == ".rs") return Language::kRust;
  if (extension == ".ts" || extension == ".mts") return Language::kTypeScript;
  if (extension == ".js" || extension == ".mjs") return Language::kJavaScript;
  if (extension == ".py") return Language::kPython;
  if (extension == ".c") return Language::kC;
  if (extension == ".cpp" || extension == ".cc" || extension == ".cxx") return Language::kCpp;
  if (extension == ".wat") return Language::kWat;
  if (extension == ".wasm") return Language::kWasm;
  return std::nullopt;
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// The nearest folder from `folder` upwards, at most three levels, that has one of the files; else `folder`.
fs::path project_of(const fs::path& folder, std::initializer_list<std::string_view> markers) {
  fs::path at = folder;
  for (int level = 0; level <= 3; ++level) {
    for (const auto marker : markers)
      if (is_file(at / marker)) return at;
    if (!at.has_parent_path() || at == at.parent_path()) break;
    at = at.parent_path();
  }
  return folder;
}

core::Result<Source> source_of_file(const fs::path& given, const fs::path& file) {
  const auto language = language_of_file(file);
  if (!language) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      given.string() + " is not a source that can be built: give a Cargo.toml, a " +
                          ".ts, .js, .py, .c, .cpp, .wat or .wasm file, or a folder with one. A "
                          "function in another "
                          "language is built by that language's own tools, and its .wasm served: "
                          "docs/guide/any-component.md");
  }
  Source source{given, *language, file.parent_path(), file};
  if (*language == Language::kTypeScript ||
      (*language == Language::kJavaScript && file.filename() != "package.json"))
    source.project = project_of(source.project, {"package.json", "tsconfig.json"});
  if (*language == Language::kPython)
    source.project = project_of(source.project, {"requirements.txt", "pyproject.toml"});
  if (*language == Language::kRust && file.filename() != "Cargo.toml") {
    source.project = project_of(source.project, {"Cargo.toml"});
    source.entry = source.project / "Cargo.toml";
    if (!is_file(source.entry)) {
      return core::fail(core::ErrorCode::kInvalidArgument,
                        given.string() + " belongs to no Cargo project: there is no Cargo.toml " +
                            "above it; make a project with: every new NAME --lang rust");
    }
  }
  return source;
}

/// What a folder without a manifest may hold: files of one language, of which one is to be built.
core::Result<Source> source_of_plain_folder(const fs::path& given, const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed))
    if (is_file(entry.path()) && language_of_file(entry.path())) files.push_back(entry.path());
  if (failed) return core::fail(core::system_error("read", folder, failed.value()));
  std::sort(files.begin(), files.end());
  for (const std::string_view name : {"app.py", "main.cpp", "main.cc", "main.c"}) {
    for (const auto& file : files)
      if (file.filename() == name) return source_of_file(given, file);
  }
  if (files.empty()) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      given.string() + " has nothing that can be built: no Cargo.toml, no " +
                          "package.json, no .ts, .js, .py, .c, .cpp, .wat or .wasm file. Make a " +
                          "project with: every new NAME --lang rust|ts|js|python|cpp");
  }
  const auto is_c = [](const fs::path& file) {
    const auto language = language_of_file(file);
    return language == Language::kC || language == Language::kCpp;
  };
  // C and C++ files of one folder are one component.
  if (files.size() == 1 || std::all_of(files.begin(), files.end(), is_c))
    return source_of_file(given, files.front());
  std::vector<std::string> names;
  for (const auto& file : files) {
    if (names.size() == 5 && files.size() > 6) {
      names.push_back(std::to_string(files.size() - 5) + " more");
      break;
    }
    names.push_back(file.filename().string());
  }
  return core::fail(core::ErrorCode::kInvalidArgument,
                    given.string() + " has several sources, " + core::join_words(names) +
                        "; say which one, e.g. every build " +
                        (given / files.front().filename()).string());
}

core::Result<Source> source_of_folder(const fs::path& given, const fs::path& folder) {
  std::vector<Source> found;
  if (is_file(folder / "Cargo.toml"))
    found.push_back({given, Language::kRust, folder, folder / "Cargo.toml"});
  if (is_file(folder / "package.json"))
    found.push_back({given, Language::kJavaScript, folder, folder / "package.json"});
  if (is_file(folder / "app.py"))
    found.push_back({given, Language::kPython, folder, folder / "app.py"});
  if (found.size() == 1) return found.front();
  if (found.empty()) return source_of_plain_folder(given, folder);
  std::vector<std::string> names;
  for (const auto& source : found) names.push_back(source.entry.filename().string());
  return core::fail(core::ErrorCode::kInvalidArgument,
                    given.string() + " could be several things, it has " + core::join_words(names) +
                        "; say which one, e.g. every build " +
                        (given / found.front().entry.filename()).string());
}

}  // namespace

std::string_view render_language(Language language) {
  for (const auto& [value, name] : kNames)
    if (value == language) return name;
  return "?";
}

core::Result<Language> parse_language(std::string_view text) {
  for (const auto& [value, name] : kNames)
    if (name == text) return value;
  if (text == "typescript") return Language::kTypeScript;
  if (text == "javascript") return Language::kJavaScript;
  if (text == "py") return Language::kPython;
  if (text == "c++") return Language::kCpp;
  return core::fail(core::ErrorCode::kInvalidArgument,
                    "no language `" + std::string(text) +
                        "` is known; there are rust, ts, js, python, c and cpp");
}

core::Result<Source> detect_source(const std::filesystem::path& path) {
  std::error_code failed;
  const fs::path whole = fs::absolute(path, failed);  // fails where the current folder is gone
  const fs::path there = fs::weakly_canonical(failed ? path : whole, failed);
  const auto status = fs::status(there, failed);
  if (failed || !fs::exists(status)) {
    return core::fail(core::ErrorCode::kNotFound,
                      path.string() + " does not exist; give a source file or a project's folder");
  }
  if (fs::is_directory(status)) return source_of_folder(path, there);
  return source_of_file(path, there);
}

}  // namespace every::toolchain
