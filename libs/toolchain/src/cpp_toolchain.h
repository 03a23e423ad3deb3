#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "every/core/error.h"
#include "every/toolchain/language_builder.h"

namespace every::toolchain {

/// Compilers that make WebAssembly for WASI.
struct CppToolchain {
  std::vector<std::string> c;    ///< command and flags that choose the target
  std::vector<std::string> cpp;  ///< the same; also links
  std::string version;
};

/// The exact command that installs what Debian and Ubuntu have.
inline constexpr std::string_view kCppAdvice =
    "apt-get install clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32 libc++-19-dev-wasm32 "
    "libc++abi-19-dev-wasm32";

/// The compilers to use: those of $WASI_SDK_PATH, else clang 19 or another with the system's wasi-libc, else `zig`.
/// errors: kNotFound none, or clang without a part of it, which is named
[[nodiscard]] core::Result<CppToolchain> find_cpp(const BuildContext& context);

}  // namespace every::toolchain
