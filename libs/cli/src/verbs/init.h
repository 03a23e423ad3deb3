#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "face.h"
#include "verb.h"

#include "every/settings/settings.h"

namespace every::cli {

/// Where `--key-file` without a path has its key, and what `--key-seed` without a seed means.
inline constexpr std::string_view kDefaultKeyFile = "homestar.pem";
inline constexpr std::string_view kRandomSeed = "random";

/// `every init`: writes a settings file, with the original's values, and a key where one is wanted.
struct InitVerb final : Verb {
  Face face = Face::kEvery;
  std::optional<std::string> home;
  std::optional<std::string> path;
  enum class Where : std::uint8_t { kFile, kStdout } where = Where::kFile;
  enum class Talk : std::uint8_t { kYes, kQuiet } talk = Talk::kYes;
  enum class Existing : std::uint8_t { kKeep, kReplace } existing = Existing::kKeep;
  enum class Ask : std::uint8_t { kMay, kNever } ask = Ask::kMay;
  std::optional<settings::KeyType> key_type;
  std::optional<std::string> key_file;
  std::optional<std::string> key_seed;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kInitVerb;

}  // namespace every::cli
