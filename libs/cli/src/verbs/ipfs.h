#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "add_files.h"
#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every ipfs add`: files as content of this home.
struct IpfsAddVerb final : Verb {
  NodeChoices node;
  std::vector<std::string> files;
  AddOptions how;
  enum class Keep : std::uint8_t { kYes, kOnlyHash } keep = Keep::kYes;
  enum class Notes : std::uint8_t { kTold, kQuiet } notes = Notes::kTold;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kIpfsAddVerb;

/// `every ipfs cat`: a file's bytes.
struct IpfsCatVerb final : Verb {
  NodeChoices node;
  std::vector<std::string> paths;
  std::uint64_t offset = 0;
  std::uint64_t length = UINT64_MAX;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kIpfsCatVerb;

/// `every ipfs get`: a file or a directory, written to the disk.
struct IpfsGetVerb final : Verb {
  NodeChoices node;
  std::string path;
  std::optional<std::string> out;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kIpfsGetVerb;

/// `every ipfs ls`: the entries of a directory.
struct IpfsLsVerb final : Verb {
  NodeChoices node;
  std::string path;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kIpfsLsVerb;

}  // namespace every::cli
