#pragma once

#include <optional>
#include <string>
#include <vector>

#include "validation.h"

namespace every::workflow::detail {

/// The `meta` the gateway gives a task that brings none.
ipld::Map default_meta();
/// What the clients of the original send as operation.
inline constexpr const char* kOperation = "wasm/run";

/// The short form's tasks before anything is looked up. Pointers into the request.
struct RequestTask {
  std::string name;
  const ipld::Map* input = nullptr;
  std::string func;
  const ipld::List* args = nullptr;  ///< null: left out
  ipld::Map meta;
  std::optional<ipld::Cid> cause;
};

/// The tasks of a request, or why it is none: not an object, an unknown key, no list of tasks.
Validated<const ipld::List*> request_tasks(const ipld::Value& request);

/// One task's outer shape. in: index   its place, for the paths of errors
Validated<RequestTask> read_task(const ipld::Value& task, std::size_t index);

/// A value as it was after passing through JavaScript: whole numbers in ±(2^53−1) are Integers, all other numbers Floats.
ipld::Value as_javascript(const ipld::Value& value);

/// `/tasks/<index>`
std::string task_path(std::size_t index);
/// `task `name``, as messages begin.
std::string task_label(const std::string& name, std::size_t index);

}  // namespace every::workflow::detail
