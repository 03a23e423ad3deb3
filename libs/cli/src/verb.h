#pragma once

#include <memory>
#include <string_view>

#include "console.h"
#include "options.h"

#include "every/core/error.h"

namespace every::cli {

/// How a verb prints its answer.
enum class Output : std::uint8_t { kText, kJson };

/// One verb of the command line, for one command: what it takes is written into its members, then it runs.
class Verb {
 public:
  virtual ~Verb() = default;
  /// Names what the verb takes; the targets are members of the verb. Called once, before run().
  virtual void define(Options& options) = 0;
  /// Does the work. Answers go to standard output, lines for a person to the console. thread: main
  /// out: the exit code; an error is shown by the caller and becomes the exit code of its row in the error table
  [[nodiscard]] virtual core::Result<int> run(const Console& console) = 0;
};

/// What is known of a verb without making it. Texts are literals.
struct VerbInfo {
  std::string_view name;      ///< `run`, or two words: `runs show`
  std::string_view summary;   ///< one line, for the list of verbs
  std::string_view examples;  ///< lines, each two blanks, the command, and what it does
  std::unique_ptr<Verb> (*make)();
};

/// `make` of most verbs.
template <typename T>
std::unique_ptr<Verb> make_verb() {
  return std::make_unique<T>();
}

}  // namespace every::cli
