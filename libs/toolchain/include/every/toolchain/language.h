#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "every/core/error.h"

namespace every::toolchain {

/// What a source is written in.
enum class Language : std::uint8_t {
  kRust,
  kTypeScript,
  kJavaScript,
  kPython,
  kC,
  kCpp,
  kWat,
  kWasm
};

/// `rust`, `ts`, `js`, `python`, `c`, `cpp`, `wat`, `wasm`; the inverse takes `typescript`, `javascript`, `py` and `c++` too.
[[nodiscard]] std::string_view render_language(Language language);
/// errors: kInvalidArgument naming the languages there are
[[nodiscard]] core::Result<Language> parse_language(std::string_view text);

/// Something to build, as found on disk.
struct Source {
  std::filesystem::path given;  ///< as the user wrote it; for messages
  Language language;
  std::filesystem::path project;  ///< absolute: the folder whose files belong to it
  /// Absolute: the file that was given or found (`Cargo.toml`, `app.py`, `src/subtract.ts`); for a folder with a `package.json`, that.
  std::filesystem::path entry;
};

/// Tells from the files what a path is: a source file, a manifest, or a folder with one of them.
///
/// A folder is what its manifest says (`Cargo.toml`, `package.json`, `requirements.txt` or `pyproject.toml` beside an `app.py`), else what
/// its only source files are. The project of a `.ts`, `.js` or `.mjs` file is the nearest folder above with a `package.json` or
/// `tsconfig.json`, of a `.py` file the one with a `requirements.txt` or `pyproject.toml`, at most three levels up, else its own folder.
/// errors: kNotFound no such path; kInvalidArgument nothing that can be built, or more than one thing, all named
[[nodiscard]] core::Result<Source> detect_source(const std::filesystem::path& path);

}  // namespace every::toolchain
