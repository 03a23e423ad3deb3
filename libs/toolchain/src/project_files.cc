#include "project_files.h"

#include <algorithm>
#include <system_error>

#include "every/core/file.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 20'000;
constexpr std::size_t kMostBytes = std::size_t{256} << 20;

}  // namespace

core::Status add_folder(BuildInputs& inputs, const std::filesystem::path& folder,
                        const std::string& prefix, std::span<const std::string_view> left_out) {
  std::error_code failed;
  fs::recursive_directory_iterator at(folder, failed);
  std::size_t count = 0;
  for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    const std::string name = at->path().filename().string();
    const bool out = name.starts_with('.') ||
                     std::find(left_out.begin(), left_out.end(), name) != left_out.end();
    if (at->is_directory(failed)) {
      if (out) at.disable_recursion_pending();
      continue;
    }
    if (out || !at->is_regular_file(failed)) continue;
    if (++count > kMostFiles) {
      return core::fail(core::ErrorCode::kResourceExhausted,
                        folder.string() + " has more than " + std::to_string(kMostFiles) +
                            " files; is it really the folder of one project?");
    }
    EVERY_TRY_ASSIGN(const auto bytes, core::read_file(at->path(), kMostBytes));
    inputs.add_file(prefix + at->path().lexically_relative(folder).generic_string(), bytes);
  }
  if (failed) return core::fail(core::system_error("read", folder, failed.value()));
  return {};
}

void add_wit(BuildInputs& inputs, const WitFolder& wit) {
  for (const auto& file : wit.files) inputs.add_file("wit:" + file.path, core::as_bytes(file.text));
}

}  // namespace every::toolchain
