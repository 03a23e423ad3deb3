#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "every/core/error.h"
#include "every/toolchain/language.h"

namespace every::toolchain {

/// A text with its path relative to a folder, with `/`.
struct TextFile {
  std::string path;
  std::string text;
  friend bool operator==(const TextFile&, const TextFile&) = default;
};

/// The WIT files of a package, in memory: what is below `deps/<name>` is another package. Sorted by path.
struct WitFolder {
  std::filesystem::path origin;  ///< where they were read from; for messages, never hashed
  std::vector<TextFile> files;
  std::vector<std::string> notices;  ///< what was changed on this copy, for a person
};

/// Reads the WIT of a folder (its `*.wit` and `deps/`), or one file with the `deps/` beside it, and mends the copy: `float32` and `float64`
/// become `f32` and `f64`, and a `wasi:logging` that is used and not there is added.
/// errors: kNotFound no such path, no `.wit` there; kIo
[[nodiscard]] core::Result<WitFolder> read_wit(const std::filesystem::path& path);

/// The WIT of one text, mended in the same way.
[[nodiscard]] WitFolder wit_of_text(std::string file_name, std::string text);

/// The WIT of a source: `given` (--wit), else the first of `<project>/wit`, `<project>/*.wit` and `<project>/../wit`; none where there is none.
/// errors: those of read_wit
[[nodiscard]] core::Result<std::optional<WitFolder>> find_wit(
    const Source& source, const std::optional<std::filesystem::path>& given);

/// Writes the files below a folder, which other tools then read. errors: kIo
[[nodiscard]] core::Status write_files(std::span<const TextFile> files,
                                       const std::filesystem::path& folder);

/// `float32` and `float64` as words of their own become `f32` and `f64`, outside of comments. out: the text, and how many there were
[[nodiscard]] std::pair<std::string, std::size_t> modernise_wit(std::string_view text);

/// What to write where a source needs WIT and has none, for the end of an error.
inline constexpr std::string_view kWitExample =
    "e.g. wit/world.wit:\n  package my:functions;\n  world math {\n    export add: func(a: f64, b: "
    "f64) -> f64;\n  }";

/// One function of a world.
struct WitFunction {
  struct Param {
    std::string name;
    std::string type;   ///< WIT text, e.g. `option<f64>`
    std::string shape;  ///< JSON: the type written out, see every_engines.h
  };
  std::string interface;  ///< `ns:pkg/name@1.0.0`, or empty: a function of the world itself
  std::string name;
  std::vector<Param> params;
  std::optional<Param> result;  ///< without name
  std::string docs;

  /// `name`, or `interface#name`.
  [[nodiscard]] std::string qualified_name() const;
  /// `name: func(a: f64) -> f64`
  [[nodiscard]] std::string signature() const;
};

struct World {
  std::string name;
  std::string docs;
  std::vector<std::string> import_interfaces;
  std::vector<WitFunction> imports;  ///< functions, of interfaces too
  std::vector<std::string> export_interfaces;
  std::vector<WitFunction> exports;
};

/// The worlds of a WIT package.
struct Worlds {
  std::string package;
  std::vector<World> worlds;
};

/// The inverse of the engines' JSON. errors: kInternal
[[nodiscard]] core::Result<Worlds> parse_worlds(std::string_view json);
[[nodiscard]] core::Result<World> parse_world(std::string_view json);

/// How well a source fits a world, as its builder judges it.
struct Fit {
  std::vector<std::string> missing;  ///< exports of the world the source does not have
};

/// The world to build: the one named (`--world`), the only one, or the only one whose exports are all among `implemented`.
///
/// in: implemented   the names the source gives, in any spelling (`my_function`, `myFunction` and `my-function` are one)
/// errors: kInvalidArgument none or several fit: all worlds are named, with what each one misses, and how to say which (--world);
///         kNotFound the named world does not exist: the nearest is told
[[nodiscard]] core::Result<const World*> choose_world(const Worlds& worlds,
                                                      const std::optional<std::string>& named,
                                                      std::span<const std::string> implemented,
                                                      const WitFolder& folder);

/// A name without its spelling: `myFunction`, `my_function` and `my-function` give the same.
[[nodiscard]] std::string spelling_key(std::string_view name);

}  // namespace every::toolchain
