#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every query 'SELECT …'`: questions in SQL about what a home keeps, beside a running node or without one.
struct QueryVerb final : Verb {
  enum class Form : std::uint8_t { kTable, kJson, kCsv };

  NodeChoices node;  // `home` alone
  std::optional<std::string> question;
  Form form = Form::kTable;
  std::uint64_t limit = 1000;
  std::uint64_t seconds = 30;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kQueryVerb;

}  // namespace every::cli
