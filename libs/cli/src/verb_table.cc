#include "verb_table.h"

#include <array>

#include "verbs/backup.h"
#include "verbs/build.h"
#include "verbs/call.h"
#include "verbs/car.h"
#include "verbs/clean.h"
#include "verbs/completions.h"
#include "verbs/config.h"
#include "verbs/dev.h"
#include "verbs/doctor.h"
#include "verbs/forget.h"
#include "verbs/gc.h"
#include "verbs/import.h"
#include "verbs/info.h"
#include "verbs/init.h"
#include "verbs/inspect.h"
#include "verbs/ipfs.h"
#include "verbs/keys.h"
#include "verbs/new.h"
#include "verbs/node.h"
#include "verbs/pin.h"
#include "verbs/ping.h"
#include "verbs/query.h"
#include "verbs/receipt.h"
#include "verbs/run.h"
#include "verbs/runs.h"
#include "verbs/runs_fork.h"
#include "verbs/runs_steer.h"
#include "verbs/start.h"
#include "verbs/stop.h"
#include "verbs/test.h"
#include "verbs/toolchain_install.h"
#include "verbs/verify.h"
#include "verbs/why.h"

namespace every::cli {
namespace {

// One line a verb, whatever the formatter thinks of it.
// clang-format off
constexpr std::array kTable{
    &kDevVerb,
    &kRunVerb,
    &kCallVerb,
    &kInspectVerb,
    &kNewVerb,
    &kBuildVerb,
    &kTestVerb,
    &kDoctorVerb,
    &kToolchainInstallVerb,
    &kRunsVerb,
    &kRunsShowVerb,
    &kRunsCancelVerb,
    &kRunsPauseVerb,
    &kRunsResumeVerb,
    &kRunsStepVerb,
    &kRunsForkVerb,
    &kWhyVerb,
    &kReceiptVerb,
    &kQueryVerb,
    &kIpfsAddVerb,
    &kIpfsCatVerb,
    &kIpfsGetVerb,
    &kIpfsLsVerb,
    &kStartVerb,
    &kStopVerb,
    &kPingVerb,
    &kNodeVerb,
    &kInitVerb,
    &kImportVerb,
    &kInfoVerb,
    &kCarExportVerb,
    &kCarImportVerb,
    &kVerifyVerb,
    &kForgetVerb,
    &kBackupVerb,
    &kRestoreVerb,
    &kGcVerb,
    &kPinAddVerb,
    &kPinRmVerb,
    &kPinLsVerb,
    &kCleanVerb,
    &kConfigShowVerb,
    &kConfigCheckVerb,
    &kKeysShowVerb,
    &kKeysTokenVerb,
    &kCompletionsVerb,
};
// clang-format on

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
