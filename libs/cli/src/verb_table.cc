#include "verb_table.h"

#include <array>

#include "verbs/build.h"
#include "verbs/call.h"
#include "verbs/config.h"
#include "verbs/dev.h"
#include "verbs/keys.h"
#include "verbs/run.h"
#include "verbs/runs.h"
#include "verbs/toolchain_install.h"

namespace every::cli {
namespace {

constexpr std::array kTable{
    &kDevVerb,        &kRunVerb,         &kCallVerb,
    &kRunsVerb,       &kBuildVerb,       &kToolchainInstallVerb,
    &kConfigShowVerb, &kConfigCheckVerb, &kKeysShowVerb,
};

}  // namespace

std::span<const VerbInfo* const> verb_table() {
  return kTable;
}

const VerbInfo* find_verb(std::string_view name) {
  for (const VerbInfo* verb : kTable) {
    if (verb->name == name) return verb;
  }
  return nullptr;
}

}  // namespace every::cli
