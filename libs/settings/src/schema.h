#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "every/settings/settings.h"

namespace every::settings {

/// What a key takes.
enum class Shape : std::uint8_t { kNumber, kText, kPath, kBoolean, kTexts, kKeypair };

/// A checked value on its way into the settings.
using Scalar = std::variant<std::int64_t, std::string, bool, std::vector<std::string>>;

/// One key of the file. A new setting is one row here and one member of Settings.
struct Key {
  std::string_view path;
  Shape shape;
  std::int64_t least;
  std::int64_t most;
  /// Puts the value where it belongs; null: known to the original, without effect here.
  core::Status (*set)(Settings& settings, const Scalar& value);
  /// What is in force; none: unset.
  std::optional<Scalar> (*get)(const Settings& settings);
  /// Of a key without effect: the original's default, as JSON.
  std::string_view original;
};

[[nodiscard]] std::span<const Key> schema();

[[nodiscard]] std::string render_json(const Scalar& value);

}  // namespace every::settings
