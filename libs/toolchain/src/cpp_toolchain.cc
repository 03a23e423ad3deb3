#include "cpp_toolchain.h"

#include <array>
#include <optional>
#include <system_error>

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;

/// The first line of what `command --version` prints; none when it does not run.
std::optional<std::string> version_of(const BuildContext& context, std::string command,
                                      std::string_view argument) {
  ProcessSpec spec{{std::move(command), std::string(argument)}, {}, context.environment, {}, {}};
  const auto outcome = run_process(spec, context.cancel);
  if (!outcome || !outcome->ok()) return std::nullopt;
  return outcome->output.substr(0, outcome->output.find('\n'));
}

std::optional<CppToolchain> wasi_sdk(const BuildContext& context) {
  const auto at = context.environment.find("WASI_SDK_PATH");
  if (at == context.environment.end()) return std::nullopt;
  const auto bin = fs::path(at->second) / "bin";
  const auto version = version_of(context, (bin / "clang++").string(), "--version");
  if (!version) return std::nullopt;
  return CppToolchain{{(bin / "clang").string(), "--target=wasm32-wasip1"},
                      {(bin / "clang++").string(), "--target=wasm32-wasip1"},
                      "wasi-sdk " + *version};
}

std::optional<CppToolchain> zig(const BuildContext& context) {
  const auto program = find_program(context.environment, "zig");
  if (!program) return std::nullopt;
  const auto version = version_of(context, program->string(), "version");
  if (!version) return std::nullopt;
  return CppToolchain{{program->string(), "cc", "--target=wasm32-wasi"},
                      {program->string(), "c++", "--target=wasm32-wasi"},
                      "zig " + *version};
}

/// What of the system's packages is not there, in words.
std::string missing_parts() {
  std::error_code ignored;
  std::string missing;
  const auto want = [&](const char* path, std::string_view package) {
    if (!fs::exists(path, ignored)) missing += (missing.empty() ? "" : ", ") + std::string(package);
  };
  want("/usr/include/wasm32-wasi/stdlib.h", "wasi-libc (the C library)");
  want("/usr/include/wasm32-wasi/c++/v1", "libc++-19-dev-wasm32 (the C++ library)");
  want("/usr/lib/wasm32-wasi/libc++abi.a", "libc++abi-19-dev-wasm32");
  return missing;
}

}  // namespace

core::Result<CppToolchain> find_cpp(const BuildContext& context) {
  if (auto sdk = wasi_sdk(context)) return std::move(*sdk);
  std::string missing;
  for (const std::string suffix : {"-19", "-20", "-21", "-18", "-17", "-16", ""}) {
    const auto cpp = find_program(context.environment, "clang++" + suffix);
    const auto c = find_program(context.environment, "clang" + suffix);
    if (!cpp || !c) continue;
    missing = missing_parts();
    if (missing.empty() && !find_program(context.environment, "wasm-ld" + suffix))
      missing = "lld" + suffix + " (the linker wasm-ld" + suffix + ")";
    if (!missing.empty()) break;
    const auto version = version_of(context, cpp->string(), "--version");
    if (!version) continue;
    return CppToolchain{
        {c->string(), "--target=wasm32-wasi"}, {cpp->string(), "--target=wasm32-wasi"}, *version};
  }
  if (auto found = zig(context)) return std::move(*found);
  if (!missing.empty()) {
    return core::fail(core::ErrorCode::kNotFound,
                      "clang is here, but not all it needs for WebAssembly: " + missing +
                          " is missing; install it with: " + std::string(kCppAdvice));
  }
  return core::fail(
      core::ErrorCode::kNotFound,
      "clang is needed to build C and C++ and was not found in PATH; install it with: " +
          std::string(kCppAdvice) + "; `zig` or a WASI SDK ($WASI_SDK_PATH) will do too");
}

}  // namespace every::toolchain
