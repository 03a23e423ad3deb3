#include "functions.h"

#include <algorithm>
#include <array>
#include <set>

#include "every/core/file.h"
#include "every/core/text.h"

namespace every::cli {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;

constexpr std::size_t kMostNamed = 3;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;
constexpr std::array<std::string_view, 8> kSources{".ts", ".js", ".mjs", ".py",
                                                   ".rs", ".c",  ".cc",  ".cpp"};

core::Error directory_error(const std::string& path) {
  std::vector<std::string> components;
  std::error_code problem;
  for (auto at = fs::directory_iterator(path, problem);
       !problem && at != fs::directory_iterator() && components.size() < kMostNamed;
       at.increment(problem)) {
    if (at->path().extension() == ".wasm") components.push_back(at->path().string());
  }
  std::ranges::sort(components);
  return {ErrorCode::kUnsupported,
          path + " is a directory; give a component file" +
              (components.empty() ? std::string(" (.wasm)")
                                  : ", such as " + core::join_words(components)),
          {}};
}

/// Refuses what is plainly something else than Wasm or its text, saying what it looks like.
core::Status check_is_wasm(const std::string& path, std::string_view bytes) {
  if (bytes.empty())
    return core::fail(ErrorCode::kMalformed, path + " is empty; a component (.wasm) is needed");
  const std::size_t begin = bytes.find_first_not_of(" \t\r\n");
  const bool is_text_format =
      begin != std::string_view::npos && (bytes[begin] == '(' || bytes.substr(begin, 2) == ";;");
  if (bytes.starts_with(std::string_view("\0asm", 4)) || is_text_format) return {};
  constexpr std::size_t kShown = 30;
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  const bool readable = bytes.find('\0') == std::string_view::npos && core::is_utf8(bytes);
  return core::fail(
      ErrorCode::kMalformed,
      path + " is not WebAssembly" +
          (readable ? ": it is text that begins with '" + core::shorten(line, kShown) + "'"
                    : std::string(": it does not begin with \\0asm")) +
          "; a component (.wasm) is needed");
}

}  // namespace

std::vector<std::string> make_labels(const std::vector<std::string>& paths) {
  std::vector<std::string> labels;
  std::set<std::string> taken;
  for (const std::string& path : paths) {
    const std::string stem = std::filesystem::path(path).stem().string();
    std::string label = stem;
    for (int i = 2; !taken.insert(label).second; ++i) label = stem + "-" + std::to_string(i);
    labels.push_back(label);
  }
  return labels;
}

std::string describe_loading_error(const std::string& path, const core::Error& error) {
  if (error.message.starts_with(path + " ")) return error.message;
  const bool named = error.message.starts_with(path);
  return "Not able to load " + (named ? std::string() : path + ": ") + error.message;
}

core::Result<FunctionFile> read_function(const std::string& path, std::string label) {
  std::error_code problem;
  if (fs::is_directory(path, problem)) return core::fail(directory_error(path));
  const std::string extension = fs::path(path).extension().string();
  for (const std::string_view source : kSources) {
    if (extension != source) continue;
    return core::fail(
        core::ErrorCode::kUnsupported,
        path + " is source code; build a component (.wasm) of it first, and give that");
  }
  EVERY_TRY_ASSIGN(core::Bytes bytes, core::read_file(path, kMostBytes));
  EVERY_TRY(check_is_wasm(path, core::as_text(bytes)));
  return FunctionFile{std::move(label), path, std::move(bytes)};
}

}  // namespace every::cli
