#pragma once

#include <string>
#include <string_view>

#include "every/gateway/message.h"
#include "every/workflow/short_form.h"

namespace every::gateway {

/// The order of a task's keys, as the original's two ways of planning write them.
enum class TaskOrder : std::uint8_t {
  kRunFirst,    ///< run, meta, prf; `cause` only when there is one (`/workflow`)
  kCauseFirst,  ///< cause (null too), meta, prf, run (`/:name/workflow`)
};

/// `{"name":…,"workflow":{"tasks":[…]}}` with values in DAG-JSON, so that what it says hashes to the same CIDs when it is run as it stands.
[[nodiscard]] Response workflow_response(const workflow::NamedWorkflow& planned,
                                         std::string_view name, TaskOrder order);

}  // namespace every::gateway
