#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/cancel.h"
#include "every/core/error.h"
#include "every/toolchain/language.h"
#include "every/toolchain/process.h"
#include "every/toolchain/records.h"
#include "every/toolchain/warm_tools.h"
#include "every/toolchain/wasm_tools.h"

namespace every::toolchain {

enum class Profile : std::uint8_t { kDebug, kRelease };
enum class Rebuild : std::uint8_t { kIfNeeded, kAlways };

/// What a user asks for.
struct BuildRequest {
  std::filesystem::path path;                    ///< file or folder
  std::optional<std::filesystem::path> out;      ///< -o: the file to write
  std::optional<std::filesystem::path> out_dir;  ///< --out-dir: the folder to write to
  std::optional<std::filesystem::path> wit;      ///< --wit: file or folder
  std::optional<std::string> world;              ///< --world
  std::optional<std::string> engine;             ///< --engine: which JavaScript engine
  Profile profile = Profile::kDebug;
  Rebuild rebuild = Rebuild::kIfNeeded;
};

/// Where the toolchains' files are.
struct ToolchainPlaces {
  std::filesystem::path
      toolchains;                ///< `js/`, `python/`: what `every toolchain install` has put there
  std::filesystem::path builds;  ///< build records
  std::filesystem::path cache;   ///< what can be made again: bindings, compiled objects, wheels
};

/// What a builder may use. References live as long as the builder's call.
struct BuildContext {
  const WasmTools& wasm;
  const ToolchainPlaces& places;
  Environment environment;  ///< of this process, for child processes
  core::CancelToken cancel;
  /// What happens now, for a person: `compiling math`. May be empty.
  std::function<void(std::string_view)> on_progress;
  /// The tools' own output as it comes. May be empty.
  std::function<void(std::string_view)> on_output;
  enum class Colour : std::uint8_t {
    kNever,
    kAlways
  } colour = Colour::kNever;  ///< of tools' output
  /// Where tools wait for the next build of the same source; null: there will be none.
  WarmTools* warm = nullptr;

  void progress(std::string_view what) const {
    if (on_progress) on_progress(what);
  }
  /// Runs a tool with `environment`; its output reaches `on_output`. errors: those of run_process
  [[nodiscard]] core::Result<ProcessOutcome> run(std::vector<std::string> arguments,
                                                 const std::filesystem::path& folder,
                                                 const Environment& more = {}) const;
  /// The path of a program in PATH.
  /// errors: kNotFound naming the program, what needs it, and `advice`: the command that installs it
  [[nodiscard]] core::Result<std::filesystem::path> need(std::string_view program,
                                                         std::string_view what_for,
                                                         std::string_view advice) const;
};

/// A build that is ready to run: all its inputs are known.
class BuildJob {
 public:
  virtual ~BuildJob() = default;
  /// What the bytes depend on; the record is looked up by it.
  [[nodiscard]] virtual const BuildInputs& inputs() const = 0;
  /// Where the component goes without -o and --out-dir (absolute); with --out-dir its file name is used.
  [[nodiscard]] virtual std::filesystem::path default_output() const = 0;
  /// What a person should know, before and after run().
  [[nodiscard]] virtual std::vector<std::string> notices() const { return {}; }
  /// Files and folders (absolute) whose change asks for another build; for watching.
  [[nodiscard]] virtual std::vector<std::filesystem::path> watched() const = 0;

  enum class Keep : std::uint8_t { kRecord, kNothing };
  struct Output {
    core::Bytes module;         ///< a component, or a core module with a component-type section
    Keep keep = Keep::kRecord;  ///< kNothing: it depends on more than the inputs say
  };
  /// Makes the bytes. A tool's own messages have gone to `on_output`; the error says what to do, not the same again.
  /// errors: kInvalidArgument the source is wrong; kNotFound a tool is missing; kCancelled; kIo
  [[nodiscard]] virtual core::Result<Output> run(const BuildContext& context) = 0;
  /// Begins what makes the next build of the source quicker, in the background; called with `warm`, where no run was needed.
  virtual void warm_up(const BuildContext&) const {}
};

/// One line of `every doctor`.
struct ToolCheck {
  std::string name;     ///< `clang++-19`
  std::string purpose;  ///< `compiles C and C++`
  enum class State : std::uint8_t { kOk, kMissing, kOutdated } state = State::kOk;
  std::string found;    ///< version and place, or what is wrong
  std::string install;  ///< the exact command, where it is not ok
};

/// Builds one language (or two siblings). Stateless; thread: any, several builds at once.
class LanguageBuilder {
 public:
  virtual ~LanguageBuilder() = default;
  [[nodiscard]] virtual std::span<const Language> languages() const = 0;
  /// Looks at the source, finds its WIT and its world, and says all inputs. No slow step: bundling is fine, compiling is not.
  /// errors: kInvalidArgument, kNotFound, kMalformed: each says what to do
  [[nodiscard]] virtual core::Result<std::unique_ptr<BuildJob>> prepare(
      const Source& source, const BuildRequest& request, const BuildContext& context) const = 0;
  /// What this language needs on the machine. errors: none, a missing tool is an answer
  [[nodiscard]] virtual std::vector<ToolCheck> check(const BuildContext& context) const = 0;
  /// The name of `every toolchain install NAME`, or empty: nothing to install.
  [[nodiscard]] virtual std::string_view installable() const { return {}; }
  /// Fetches the tools of the embedded lock file into places.toolchains. Only ever called because the user asked for it.
  /// errors: kUnavailable the registry cannot be reached; kIntegrity another hash; kNotFound npm, python3 …
  [[nodiscard]] virtual core::Status install(const BuildContext& context) const;
  /// A short statement of how to write a function in it, for `every new --list`.
  [[nodiscard]] virtual std::string_view summary() const = 0;
};

/// The builders of this binary.
[[nodiscard]] std::span<const std::unique_ptr<LanguageBuilder>> language_builders();
/// The one of a language. errors: kUnsupported
[[nodiscard]] core::Result<const LanguageBuilder*> find_builder(Language language);

}  // namespace every::toolchain
