#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "every/settings/settings.h"

namespace every::settings {

/// What a key takes.
enum class Shape : std::uint8_t { kNumber, kText, kBoolean, kTexts, kKeypair };

/// A checked value on its way into the settings.
using Scalar = std::variant<std::int64_t, std::string>;

/// One key of the file. A new setting is one row here and one member of Settings.
struct Key {
  std::string_view path;
  Shape shape;
  std::int64_t least;
  std::int64_t most;
  /// Puts the value where it belongs; null: known to the original, without effect here.
  core::Status (*set)(Settings& settings, const Scalar& value);
};

[[nodiscard]] std::span<const Key> schema();

}  // namespace every::settings
