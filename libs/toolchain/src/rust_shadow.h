#pragma once

#include <filesystem>
#include <vector>

#include "rust_project.h"

#include "every/core/error.h"
#include "every/toolchain/wit_folder.h"

namespace every::toolchain {

/// Whether a source of the project has a macro that reads WIT by itself (`wit_bindgen::generate!` and its kin).
[[nodiscard]] bool reads_wit_itself(const RustProject& project);

/// A copy of a project in which the WIT is written in today's names. The macros of Rust read the WIT's files themselves, and what reads them knows
/// no `float64`; the user's files stay as they are. Folders lie to one another as they did, so that paths such as `../wit` hold; the
/// copy builds into the project's own `target`.
///
/// in: place   for the copy; emptied first
/// out: the project, with the folders of the copy; `dependencies` too
/// errors: kIo
[[nodiscard]] core::Result<RustProject> make_rust_shadow(const RustProject& project,
                                                         const WitFolder& wit,
                                                         const std::filesystem::path& place);

}  // namespace every::toolchain
