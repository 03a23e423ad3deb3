#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "every/core/guarded.h"
#include "every/runtime/workflow_plan.h"
#include "every/workflow/short_form.h"

namespace every::gateway {

/// A workflow as a request's body gave it, and its plan. Immutable.
struct ReadWorkflow {
  std::shared_ptr<const workflow::FunctionTable> functions;  ///< by which it was read
  workflow::NamedWorkflow workflow;
  std::shared_ptr<const runtime::WorkflowPlan> plan;
};

/// The workflows of small bodies asked for last, by their bytes: asked again, they are not read, judged and hashed again. thread: any.
class WorkflowCache {
 public:
  /// What is kept at most, as estimated from the bodies [bytes].
  explicit WorkflowCache(std::size_t capacity = std::size_t{8} << 20) : capacity_(capacity) {}
  /// The larger ones are not kept.
  static constexpr std::size_t kLargestBody = std::size_t{2} << 10;

  /// Null: not there, or read by other functions than these. in: type   `Content-Type`, which decides how the body is read
  [[nodiscard]] std::shared_ptr<const ReadWorkflow> find(
      std::string_view type, std::string_view body,
      const std::shared_ptr<const workflow::FunctionTable>& functions);
  void put(std::string_view type, std::string_view body,
           std::shared_ptr<const ReadWorkflow> workflow);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const ReadWorkflow> workflow;
  };
  struct Entries {
    std::list<Entry> order;  // most recently used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> index;  // views of the keys
    std::size_t used = 0;
  };
  const std::size_t capacity_;
  core::Guarded<Entries> entries_;
};

}  // namespace every::gateway
