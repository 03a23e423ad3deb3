#pragma once

#include <filesystem>
#include <string>

#include "every/core/clock.h"
#include "every/core/error.h"
#include "every/invocation/invocation.h"
#include "every/runtime/homestar.h"
#include "every/runtime/run.h"
#include "every/store/store.h"

namespace every::runtime {

/// Brings what a database of the original holds into a store, in batches; what is there already stays as it is. Blocks.
/// errors: those of HomestarDb; kIo, kResourceExhausted of the store, after which what was kept is kept: doing it again goes on
[[nodiscard]] core::Result<HomestarReport> import_homestar(store::Store& store,
                                                           const core::Clock& clock,
                                                           const std::filesystem::path& file,
                                                           Believe believe);

/// The tasks of a run that was brought over: what is known of them without the workflow's document. errors: kIo, kIntegrity
[[nodiscard]] core::Result<std::vector<TaskAnswer>> imported_tasks(const store::RunRecord& record);

}  // namespace every::runtime
