#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "every/core/error.h"
#include "every/toolchain/wit_folder.h"

namespace every::toolchain {

/// The name wit-bindgen gives the C function that implements an export: `exports_<world>_<function>`, `exports_<package>_<interface>_<function>`,
/// or `<interface>_<function>` of an interface that is written inside of the world.
[[nodiscard]] std::string c_export_name(const World& world, const WitFunction& function);

/// The world some C or C++ text implements: `named`, the only one, or the only one all of whose exports the text mentions.
/// errors: those of choose_world
[[nodiscard]] core::Result<const World*> choose_c_world(const Worlds& worlds,
                                                        const std::optional<std::string>& named,
                                                        std::string_view text,
                                                        const WitFolder& folder);

/// Nothing when the text mentions all exports of the world, else an error with their declarations, as the header has them.
/// A text that pastes names together (`##`) is left to the linker.
/// errors: kInvalidArgument
[[nodiscard]] core::Status check_c_exports(const World& world, std::string_view text,
                                           std::string_view header, std::string_view header_name);

}  // namespace every::toolchain
