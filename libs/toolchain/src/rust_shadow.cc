#include "rust_shadow.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "every/core/file.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{16} << 20;  // of one source

/// The folder that all of them are in.
fs::path common_folder(const std::vector<fs::path>& folders) {
  fs::path common = folders.front();
  for (const auto& folder : folders) {
    const auto ends = std::mismatch(common.begin(), common.end(), folder.begin(), folder.end());
    fs::path shorter;
    for (auto part = common.begin(); part != ends.first; ++part) shorter /= *part;
    common = shorter;
  }
  return common;
}

/// What tools have made, and version control: large, and of no use to a build.
bool is_left_out(const fs::path& path) {
  const std::string name = path.filename().string();
  return name == "target" || name == "node_modules" || (name.starts_with('.') && name != ".cargo");
}

core::Status copy_folder(const fs::path& from, const fs::path& to) {
  std::error_code failed;
  fs::create_directories(to, failed);
  fs::recursive_directory_iterator at(from, failed);
  for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    const fs::path target = to / at->path().lexically_relative(from);
    if (is_left_out(at->path())) {
      if (at->is_directory(failed)) at.disable_recursion_pending();
    } else if (at->is_directory(failed)) {
      fs::create_directories(target, failed);
    } else if (at->is_regular_file(failed)) {
      fs::copy_file(at->path(), target, fs::copy_options::overwrite_existing, failed);
    }
    if (failed) break;
  }
  if (failed) return core::fail(core::system_error("copy", from, failed.value()));
  return {};
}

/// `generate!` outside of a comment line: checked-in bindings speak of it.
bool has_macro(std::string_view text) {
  for (auto at = text.find("generate!"); at != std::string_view::npos;
       at = text.find("generate!", at + 1)) {
    std::string_view line = text.substr(0, at);
    line.remove_prefix(line.rfind('\n') + 1);  // npos + 1 is 0
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with("//")) return true;
  }
  return false;
}

bool is_inside(const fs::path& path, const fs::path& folder) {
  const auto relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

bool reads_wit_itself(const RustProject& project) {
  std::error_code failed;
  fs::recursive_directory_iterator at(project.folder, failed);
  for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    if (is_left_out(at->path())) {
      if (at->is_directory(failed)) at.disable_recursion_pending();
      continue;
    }
    if (at->path().extension() != ".rs") continue;
    const auto text = core::read_file(at->path(), kMostBytes);
    if (text && has_macro(core::as_text(*text))) return true;
  }
  return false;
}

core::Result<RustProject> make_rust_shadow(const RustProject& project, const WitFolder& wit,
                                           const std::filesystem::path& place) {
  std::error_code failed;
  fs::path wit_folder = fs::absolute(wit.origin, failed).lexically_normal();
  if (!fs::is_directory(wit_folder, failed)) wit_folder = wit_folder.parent_path();
  if (!wit_folder.has_filename()) wit_folder = wit_folder.parent_path();
  std::vector<fs::path> folders{project.workspace, project.folder};
  folders.insert(folders.end(), project.dependencies.begin(), project.dependencies.end());
  std::vector<fs::path> all = folders;
  all.push_back(wit_folder);
  const fs::path common = common_folder(all);
  const auto in_copy = [&](const fs::path& path) {
    return (place / path.lexically_relative(common)).lexically_normal();
  };
  fs::remove_all(place, failed);
  for (const auto& folder : folders) {
    const bool is_copied = std::any_of(folders.begin(), folders.end(), [&](const fs::path& other) {
      return other != folder && is_inside(folder, other);
    });
    if (!is_copied) EVERY_TRY(copy_folder(folder, in_copy(folder)));
  }
  EVERY_TRY(write_files(wit.files, in_copy(wit_folder)));
  RustProject shadow = project;
  shadow.folder = in_copy(project.folder);
  shadow.workspace = in_copy(project.workspace);
  for (auto& folder : shadow.dependencies) folder = in_copy(folder);
  return shadow;
}

}  // namespace every::toolchain
