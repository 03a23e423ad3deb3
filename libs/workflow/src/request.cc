#include "request.h"

#include <cmath>

namespace every::workflow::detail {
namespace {

constexpr double kMaxSafe = 9007199254740991.0;

/// Its `meta`, with the customary limits where it names none.
Validated<ipld::Map> read_meta(const ipld::Value& given, std::size_t index,
                               const std::string& where) {
  ipld::Map meta = default_meta();
  const ipld::Map* map = given.if_map();
  if (map == nullptr)
    return std::unexpected(type_error(task_path(index) + "/meta", "#/definitions/meta/type",
                                      "object", where + ": `meta`"));
  for (const auto& entry : *map) meta.set(entry.key, as_javascript(entry.value));
  for (const std::string key : {"memory", "time", "fuel"}) {
    const ipld::Value* limit = meta.find(key);
    if (limit == nullptr || limit->if_integer() != nullptr || limit->if_float() != nullptr ||
        (key == "fuel" && limit->is_null()))
      continue;
    return std::unexpected(type_error(task_path(index) + "/meta/" + key,
                                      "#/definitions/meta/properties/" + key + "/type", "number",
                                      where + ": `meta." + key + "`"));
  }
  return meta;
}

}  // namespace

ipld::Map default_meta() {
  return {{"memory", std::int64_t{4294967296}}, {"time", 100000}};
}

std::string task_path(std::size_t index) {
  return "/tasks/" + std::to_string(index);
}

std::string task_label(const std::string& name, std::size_t index) {
  return name.empty() ? "tasks[" + std::to_string(index) + "]" : "task `" + name + "`";
}

ipld::Value as_javascript(const ipld::Value& value) {
  if (const ipld::Integer* integer = value.if_integer()) {
    const double number = integer->as_double();
    return std::abs(number) <= kMaxSafe ? value : ipld::Value(number);
  }
  if (const double* number = value.if_float()) {
    if (std::abs(*number) <= kMaxSafe && std::trunc(*number) == *number)
      return static_cast<std::int64_t>(*number);
    return value;
  }
  if (const ipld::List* list = value.if_list()) {
    ipld::List out;
    out.reserve(list->size());
    for (const ipld::Value& item : *list) out.push_back(as_javascript(item));
    return out;
  }
  if (const ipld::Map* map = value.if_map()) {
    ipld::Map out;
    for (const auto& entry : *map) out.set(entry.key, as_javascript(entry.value));
    return out;
  }
  return value;
}

Validated<const ipld::List*> request_tasks(const ipld::Value& request) {
  const ipld::Map* map = request.if_map();
  if (map == nullptr) return std::unexpected(type_error("", "#/type", "object", "the request"));
  const ipld::Value* tasks = map->find("tasks");
  if (tasks == nullptr)
    return std::unexpected(required_error("", "#/required", "tasks", "the request"));
  for (const auto& entry : *map) {
    if (entry.key != "tasks")
      return std::unexpected(
          additional_error("", "#/additionalProperties", entry.key, "the request"));
  }
  const ipld::List* list = tasks->if_list();
  if (list == nullptr)
    return std::unexpected(type_error("/tasks", "#/properties/tasks/type", "array", "`tasks`"));
  if (list->empty())
    return std::unexpected(
        count_error("/tasks", "#/properties/tasks/minItems", "minItems", 1, "`tasks`"));
  return list;
}

// Schema paths are those of the original: what refers to other definitions is compiled on its own there, with a root of its own.
Validated<RequestTask> read_task(const ipld::Value& task, std::size_t index) {
  const std::string path = task_path(index);
  std::string where = task_label("", index);
  const ipld::Map* map = task.if_map();
  if (map == nullptr) return std::unexpected(type_error(path, "#/type", "object", where));
  const ipld::Value* run = map->find("run");
  if (run == nullptr) return std::unexpected(required_error(path, "#/required", "run", where));
  const ipld::Map* inner = run->if_map();
  if (inner == nullptr)
    return std::unexpected(type_error(path + "/run", "#/type", "object", where + ": `run`"));
  for (const std::string key : {"name", "input"}) {
    if (inner->find(key) == nullptr)
      return std::unexpected(required_error(path + "/run", "#/required", key, where + ": `run`"));
  }
  RequestTask out;
  const std::string* name = inner->find("name")->if_string();
  if (name == nullptr)
    return std::unexpected(
        type_error(path + "/run/name", "#/properties/name/type", "string", where + ": `name`"));
  out.name = *name;
  where = task_label(out.name, index);

  const std::string input_path = path + "/run/input";
  const std::string input_schema = "#/definitions/input";
  out.input = inner->find("input")->if_map();
  if (out.input == nullptr)
    return std::unexpected(
        type_error(input_path, input_schema + "/type", "object", where + ": `input`"));
  const ipld::Value* func = out.input->find("func");
  if (func == nullptr)
    return std::unexpected(
        required_error(input_path, input_schema + "/required", "func", where + ": `input`"));
  if (func->if_string() == nullptr) {
    return std::unexpected(type_error(input_path + "/func", input_schema + "/properties/func/type",
                                      "string", where + ": `func`"));
  }
  out.func = *func->if_string();
  if (const ipld::Value* args = out.input->find("args")) {
    out.args = args->if_list();
    if (out.args == nullptr)
      return std::unexpected(type_error(input_path + "/args",
                                        input_schema + "/properties/args/type", "array",
                                        where + ": `args`"));
  }

  out.meta = default_meta();
  if (const ipld::Value* meta = map->find("meta")) {
    auto read = read_meta(*meta, index, where);
    if (!read) return std::unexpected(std::move(read).error());
    out.meta = std::move(*read);
  }
  if (const ipld::Value* cause = map->find("cause");
      cause != nullptr && cause->if_link() != nullptr)
    out.cause = *cause->if_link();
  return out;
}

}  // namespace every::workflow::detail
