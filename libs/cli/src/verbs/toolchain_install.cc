#include "verbs/toolchain_install.h"

#include "toolchain_access.h"

#include "every/core/text.h"

namespace every::cli {

void ToolchainInstallVerb::define(Options& options) {
  options.word("NAME", name, "js or python");
  add_home_option(options, node);
}

core::Result<int> ToolchainInstallVerb::run(const Console& console) {
  std::vector<std::string> names;
  for (const auto& builder : toolchain::language_builders()) {
    if (builder->installable().empty()) continue;
    names.emplace_back(builder->installable());
    if (builder->installable() != name) continue;
    const CancelOnSignal signals;
    EVERY_TRY_ASSIGN(const auto access, ToolchainAccess::open(node.home, signals.token(), console));
    EVERY_TRY(builder->install(*access->context));
    console.done("Toolchain installed in", (access->places.toolchains / name).string());
    return 0;
  }
  return core::fail(
      core::ErrorCode::kInvalidArgument,
      "there is no toolchain `" + name + "` to install; there are: " + core::join_words(names) +
          ". What other languages need comes from the system's packages: every doctor");
}

const VerbInfo kToolchainInstallVerb{
    "toolchain install", "Fetch the build tools of a language",
    "  every toolchain install js       what TypeScript and JavaScript need, with npm\n"
    "  every toolchain install python   what Python needs, with pip\n",
    make_verb<ToolchainInstallVerb>};

}  // namespace every::cli
