#pragma once

#include <cstdint>
#include <string>

#include "node_choices.h"
#include "verb.h"

namespace every::cli {

/// `every receipt CID`: what a receipt says, for a person, as DAG-JSON, or as the block that is hashed.
struct ReceiptVerb final : Verb {
  enum class Form : std::uint8_t { kPretty, kJson, kCbor };

  NodeChoices node;
  std::string cid;
  Form form = Form::kPretty;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kReceiptVerb;

}  // namespace every::cli
