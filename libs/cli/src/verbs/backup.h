#pragma once

#include <cstdint>
#include <string>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every backup FOLDER`: a copy of what a home keeps, beside a running node or without one.
struct BackupVerb final : Verb {
  enum class Keys : std::uint8_t { kLeaveOut, kInclude };

  NodeChoices node;  // `home` alone
  std::string folder;
  Keys keys = Keys::kLeaveOut;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kBackupVerb;

/// `every restore FOLDER`: such a copy into a home that keeps nothing yet.
struct RestoreVerb final : Verb {
  NodeChoices node;  // `home` alone
  std::string folder;
  BackupVerb::Keys keys = BackupVerb::Keys::kInclude;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kRestoreVerb;

}  // namespace every::cli
