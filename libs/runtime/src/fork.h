#pragma once

#include <functional>
#include <memory>

#include "every/core/error.h"
#include "every/runtime/steering.h"
#include "every/wit/type.h"
#include "every/workflow/short_form.h"

namespace every::runtime {

/// The function an instruction calls, its component compiled for that if need be. errors: kNotFound the component is not here or has no such function
using FunctionOf = std::function<core::Result<std::shared_ptr<const wit::Function>>(
    const invocation::Instruction& instruction)>;

/// The workflow of another run with what a fork changes in it.
struct ForkPlan {
  workflow::NamedWorkflow workflow;
  std::uint32_t task = 0;
  std::vector<std::uint32_t> anew;  ///< the task and all that depend on it, in the workflow's order
  std::vector<TaskChange> changes;
};

/// Makes it. Pure but for `function_of`.
/// errors: kNotFound no such task, argument or function, with the nearest; kInvalidArgument an argument that does not fit its type; those of
///         `function_of`
[[nodiscard]] core::Result<ForkPlan> plan_fork(workflow::NamedWorkflow original,
                                               const ForkRequest& request,
                                               const FunctionOf& function_of);

}  // namespace every::runtime
