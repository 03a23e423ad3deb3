#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "every/core/error.h"
#include "every/toolchain/language.h"

namespace every::toolchain {

/// A project `every new` can make: the embedded files of `<folder>`, with `{{name}}` (kebab-case), `{{snake_name}}`, `{{camelName}}` and
/// `{{PascalName}}` replaced in paths and texts. A file called `gitignore` becomes `.gitignore`.
struct Template {
  std::string_view language;  ///< of --lang
  std::string_view folder;    ///< embedded
  std::string_view summary;
};

/// Those whose files are in this binary.
[[nodiscard]] std::vector<Template> templates();

/// The name of a project: kebab-case words of letters and digits, each beginning with a letter, no word of WIT, at most 64 bytes.
/// errors: kInvalidArgument saying what is wrong, with a name that would do
[[nodiscard]] core::Status check_project_name(std::string_view name);

/// Makes the project in the folder `parent/name`. out: its files, relative, in order.
/// errors: kInvalidArgument the name; kUnsupported no such template; kConflict the folder exists (nothing is written); kIo (nothing stays)
[[nodiscard]] core::Result<std::vector<std::string>> new_project(
    std::string_view language, std::string_view name, const std::filesystem::path& parent);

}  // namespace every::toolchain
