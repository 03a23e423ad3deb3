#include "build_note.h"

#include <utility>

#include "every/toolchain/find_build.h"

namespace every::cli {

std::optional<runtime::BuildNote> build_note(const std::filesystem::path& folder,
                                             const ipld::Cid& component) {
  auto build = toolchain::find_build_of(folder, component);
  if (!build) return std::nullopt;
  runtime::BuildNote note{.language = std::move(build->inputs.language),
                          .built = build->written,
                          .tools = std::move(build->inputs.tools),
                          .options = std::move(build->inputs.options)};
  for (const auto& [path, hash] : build->inputs.files) note.files.emplace_back(path, hash.render());
  return note;
}

}  // namespace every::cli
