#include "verbs/toolchain_install.h"

#include <algorithm>
#include <memory>
#include <span>

#include "toolchain_access.h"

#include "every/core/file.h"
#include "every/core/text.h"

namespace every::cli {

namespace {

/// The builder of each name, in the order given, so that a wrong name is told before anything is fetched.
core::Result<std::vector<const toolchain::LanguageBuilder*>> find_builders(
    std::span<const std::unique_ptr<toolchain::LanguageBuilder>> all,
    const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const auto& builder : all) {
    if (!builder->installable().empty()) known.emplace_back(builder->installable());
  }
  if (names.empty()) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      "say which tools to fetch: " + core::join_words(known));
  }
  std::vector<const toolchain::LanguageBuilder*> found;
  for (const std::string& name : names) {
    const auto it = std::find_if(all.begin(), all.end(), [&](const auto& builder) {
      return !name.empty() && builder->installable() == name;
    });
    if (it == all.end()) {
      return core::fail(
          core::ErrorCode::kInvalidArgument,
          "there is no toolchain `" + name + "` to install; there are: " + core::join_words(known) +
              ". What other languages need comes from the system's packages: every doctor");
    }
    found.push_back(it->get());
  }
  return found;
}

}  // namespace

void ToolchainInstallVerb::define(Options& options) {
  options.words("NAME", names,
                "js, js-starlingmonkey or python; several are fetched one after the other");
  add_home_option(options, node);
}

core::Result<int> ToolchainInstallVerb::run(const Console& console) {
  const auto all = toolchain::language_builders();
  EVERY_TRY_ASSIGN(const auto chosen, find_builders(all, names));
  const CancelOnSignal signals;
  EVERY_TRY_ASSIGN(const auto access, ToolchainAccess::open(node.home, signals.token(), console));
  for (const toolchain::LanguageBuilder* builder : chosen) {
    EVERY_TRY(builder->install(*access->context));
    EVERY_TRY(core::write_file_atomically(
        access->installed_mark(), core::as_bytes(builder->installable()), 0644, core::Sync::kNo));
    console.done("Toolchain installed in",
                 (access->places.toolchains / builder->installable()).string());
  }
  return 0;
}

const VerbInfo kToolchainInstallVerb{
    "toolchain install", "Fetch the build tools of a language",
    "  every toolchain install js          what TypeScript and JavaScript need, with npm\n"
    "  every toolchain install python      what Python needs, with pip\n"
    "  every toolchain install js python   both\n",
    make_verb<ToolchainInstallVerb>};

}  // namespace every::cli
