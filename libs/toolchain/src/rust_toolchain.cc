#include "rust_toolchain.h"

#include <optional>
#include <system_error>

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// What a program prints, without the final newline; none when it fails.
std::optional<std::string> ask(const BuildContext& context, std::vector<std::string> arguments) {
  ProcessSpec spec{std::move(arguments), {}, context.environment, {}, {}};
  auto outcome = run_process(spec, context.cancel);
  if (!outcome || !outcome->ok()) return std::nullopt;
  while (outcome->output.ends_with('\n')) outcome->output.pop_back();
  return std::move(outcome->output);
}

bool has_target(const BuildContext& context, const fs::path& rustc) {
  const auto folder = ask(
      context, {rustc.string(), "--print", "target-libdir", "--target", std::string(kRustTarget)});
  if (!folder) return false;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(*folder, failed)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("libstd-") && name.ends_with(".rlib")) return true;
  }
  return false;
}

/// rustc beside cargo, where the two may be.
std::vector<fs::path> folders(const Environment& environment) {
  std::vector<fs::path> out;
  if (const auto cargo = find_program(environment, "cargo")) out.push_back(cargo->parent_path());
  if (const auto home = environment.find("CARGO_HOME"); home != environment.end())
    out.push_back(fs::path(home->second) / "bin");
  if (const auto home = environment.find("HOME"); home != environment.end())
    out.push_back(fs::path(home->second) / ".cargo" / "bin");
  out.emplace_back("/usr/bin");
  std::erase_if(out, [](const fs::path& folder) {
    return !is_file(folder / "cargo") || !is_file(folder / "rustc");
  });
  return out;
}

bool is_debian(const fs::path& folder) {
  return folder == "/usr/bin" && fs::exists("/usr/lib/rustlib/src");
}

}  // namespace

std::string rust_advice(const Environment& environment) {
  for (const auto& folder : folders(environment)) {
    if (is_file(folder / "rustup")) return "rustup target add " + std::string(kRustTarget);
  }
  return "apt-get install cargo-web rustc-web rust-web-src lld-19 (Debian), or with rustup: rustup "
         "target add " +
         std::string(kRustTarget);
}

core::Result<RustToolchain> find_rust(const BuildContext& context) {
  const auto places = folders(context.environment);
  for (const auto& folder : places) {
    const auto rustc = folder / "rustc";
    if (!has_target(context, rustc)) continue;
    const auto version = ask(context, {rustc.string(), "--version"});
    if (version) return RustToolchain{folder / "cargo", rustc, *version, {}, {}};
  }
  const auto linker = find_program(context.environment, "wasm-ld-19");
  for (const auto& folder : places) {
    if (!is_debian(folder) || !linker) continue;
    const auto version = ask(context, {(folder / "rustc").string(), "--version"});
    if (!version) continue;
    return RustToolchain{folder / "cargo",
                         folder / "rustc",
                         *version + " build-std",
                         {"-Zbuild-std=std,panic_abort"},
                         {{"RUSTC_BOOTSTRAP", "1"},
                          {"CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker->string()}}};
  }
  const auto advice = rust_advice(context.environment);
  if (places.empty()) {
    return core::fail(core::ErrorCode::kNotFound,
                      "cargo and rustc are needed to build Rust and were not found in PATH; "
                      "install them with: " +
                          advice);
  }
  return core::fail(core::ErrorCode::kNotFound,
                    "the Rust in " + places.front().string() +
                        " has no standard library for WebAssembly; add it with: " + advice);
}

}  // namespace every::toolchain
