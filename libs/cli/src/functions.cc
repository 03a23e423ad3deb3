#include "functions.h"

#include <array>
#include <future>
#include <set>

#include "every/core/file.h"

namespace every::cli {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30;
constexpr std::array<std::string_view, 8> kSources{".ts", ".js", ".mjs", ".py",
                                                   ".rs", ".c",  ".cc",  ".cpp"};

std::string megabytes(std::size_t bytes) {
  const std::size_t tenths = bytes / 100'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

core::Status load_one(runtime::Node& node, const std::string& path, const std::string& label,
                      const Console& console) {
  EVERY_TRY_ASSIGN(const FunctionFile file, read_function(path, label));
  auto loading = std::async(std::launch::async, [&node, &file] {
    return node.load(file.label, file.origin, file.bytes);
  });
  if (loading.wait_for(std::chrono::seconds(1)) == std::future_status::timeout) {
    console.busy("Compiling " + path + " (" + megabytes(file.bytes.size()) + "), needed once");
  }
  const auto loaded = loading.get();
  if (!loaded) return std::unexpected(loaded.error());
  return {};
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
  const bool named = error.message.starts_with(path);
  return "Not able to load " + (named ? std::string() : path + ": ") + error.message;
}

core::Result<FunctionFile> read_function(const std::string& path, std::string label) {
  const std::string extension = std::filesystem::path(path).extension().string();
  for (const std::string_view source : kSources) {
    if (extension != source) continue;
    return core::fail(
        core::ErrorCode::kUnsupported,
        path + " is source code; build a component (.wasm) of it first, and give that");
  }
  EVERY_TRY_ASSIGN(core::Bytes bytes, core::read_file(path, kMostBytes));
  return FunctionFile{std::move(label), path, std::move(bytes)};
}

std::size_t load_functions(runtime::Node& node, const std::vector<std::string>& paths,
                           const Console& console) {
  const std::vector<std::string> labels = make_labels(paths);
  std::size_t loaded = 0;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto status = load_one(node, paths[i], labels[i], console);
    if (status) {
      ++loaded;
    } else {
      console.failed(describe_loading_error(paths[i], status.error()));
    }
  }
  return loaded;
}

}  // namespace every::cli
