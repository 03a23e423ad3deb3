#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "every/core/error.h"
#include "every/toolchain/language_builder.h"

namespace every::toolchain {

/// A cargo and a rustc that belong together and can make WebAssembly.
struct RustToolchain {
  std::filesystem::path cargo;
  std::filesystem::path rustc;
  std::string version;             ///< `rustc 1.95.0 (…)`
  std::vector<std::string> flags;  ///< of cargo: how the standard library comes about
  Environment environment;         ///< what else they need
};

inline constexpr std::string_view kRustTarget = "wasm32-unknown-unknown";

/// How to get one.
[[nodiscard]] std::string rust_advice(const Environment& environment);

/// The toolchain to use: the first of PATH, `~/.cargo/bin` and `/usr/bin` whose standard library has a WebAssembly target, else Debian's, which
/// builds that library from its sources.
/// errors: kNotFound no Rust, or none that can make WebAssembly: says which command helps
[[nodiscard]] core::Result<RustToolchain> find_rust(const BuildContext& context);

}  // namespace every::toolchain
