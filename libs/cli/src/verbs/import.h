#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "node_choices.h"
#include "verb.h"

#include "every/runtime/homestar.h"

namespace every::runtime {
class Node;
}

namespace every::cli {

/// `every import homestar.db`: brings receipts and workflows of the original over.
struct ImportVerb final : Verb {
  NodeChoices node;
  std::string file;
  runtime::Believe believe = runtime::Believe::kNothing;
  Output output = Output::kText;

  void define(Options& options) override;
  [[nodiscard]] core::Result<int> run(const Console& console) override;
};
extern const VerbInfo kImportVerb;

/// Brings over the database a node is started at, whose receipts are its own: they are used. Does nothing when the file is not there, or is as it was the last
/// time for this home. errors: those of Node::import_homestar
[[nodiscard]] core::Status take_over_database(runtime::Node& node,
                                              const std::filesystem::path& database,
                                              const std::filesystem::path& home,
                                              const Console& console);

}  // namespace every::cli
