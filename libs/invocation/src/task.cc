#include <cmath>

#include "block_writer.h"
#include "fields.h"

#include "every/invocation/invocation.h"
#include "every/ipld/dag_cbor.h"

namespace every::invocation {
namespace {

using core::ErrorCode;

// What the original's clients send in every `meta`, so that it asks for nothing.
constexpr std::uint64_t kCustomaryMemory = 4294967296;
constexpr std::uint64_t kCustomaryTime = 100000;

/// A whole number that is not negative, written as integer or float; anything else is as if absent. Floats saturate.
std::optional<std::uint64_t> read_whole(const ipld::Map& meta, std::string_view key) {
  const ipld::Value* value = meta.find(key);
  if (value == nullptr) return std::nullopt;
  if (const ipld::Integer* integer = value->if_integer()) return integer->as_uint64();
  const double* number = value->if_float();
  if (number == nullptr || !(*number >= 0) || std::trunc(*number) != *number) return std::nullopt;
  if (*number >= 0x1p64) return UINT64_MAX;
  return static_cast<std::uint64_t>(*number);
}

std::optional<std::uint64_t> unless(std::optional<std::uint64_t> value, std::uint64_t customary) {
  return value == customary ? std::nullopt : value;
}

}  // namespace

core::Result<Task> Task::parse(const ipld::Value& value, const NormalizeUrl& normalize_url) {
  EVERY_TRY_ASSIGN(const ipld::Map* map, detail::expect_map(value, "a task"));
  Task out;
  EVERY_TRY_ASSIGN(const ipld::Value* run, detail::require(*map, "run", "the task"));
  if (const ipld::Cid* link = run->if_link()) {
    return core::fail(ErrorCode::kUnsupported, "`run` is a link (" + link->render() +
                                                   "); write the instruction itself in its place");
  }
  EVERY_TRY_ASSIGN(out.run, Instruction::parse(*run, normalize_url));
  if (const ipld::Value* cause = map->find("cause");
      cause != nullptr && cause->if_link() != nullptr)
    out.cause = *cause->if_link();
  EVERY_TRY_ASSIGN(const ipld::Value* meta, detail::require(*map, "meta", "the task"));
  out.meta = *meta;
  EVERY_TRY_ASSIGN(const ipld::Value* proofs, detail::require(*map, "prf", "the task"));
  EVERY_TRY_ASSIGN(out.prf, detail::parse_proofs(*proofs));
  return out;
}

ipld::Value Task::render() const {
  return ipld::Map{{"cause", cause ? ipld::Value(*cause) : ipld::Value()},
                   {"meta", meta},
                   {"prf", detail::render_proofs(prf)},
                   {"run", run.render()}};
}

core::Status detail::write(BlockWriter& writer, const Task& task, std::size_t depth) {
  writer.map(4);
  writer.text("prf");
  writer.list(task.prf.size());
  for (const ipld::Cid& proof : task.prf) writer.link(proof);
  writer.text("run");
  EVERY_TRY(write(writer, task.run, depth + 1));
  writer.text("meta");
  EVERY_TRY(writer.value(task.meta, depth + 1));
  writer.text("cause");
  task.cause ? writer.link(*task.cause) : writer.null();
  return {};
}

core::Result<ipld::Cid> Task::invocation_cid() const {
  core::Bytes block;
  detail::BlockWriter writer(block);
  writer.map(1);
  writer.text("task");
  if (!detail::write(writer, *this, 1))
    return ipld::dag_cbor::cid_of(ipld::Map{{"task", render()}});
  return ipld::Cid::of_dag_cbor(block);
}

AskedLimits asked_limits(const ipld::Value& meta) {
  AskedLimits asked;
  const ipld::Map* map = meta.if_map();
  if (map == nullptr) return asked;
  asked.memory_bytes = unless(read_whole(*map, "memory"), kCustomaryMemory);
  asked.time_ms = unless(read_whole(*map, "time"), kCustomaryTime);
  asked.fuel = unless(read_whole(*map, "fuel"), UINT64_MAX);
  return asked;
}

core::Result<Workflow> Workflow::parse(const ipld::Value& value,
                                       const NormalizeUrl& normalize_url) {
  EVERY_TRY_ASSIGN(const ipld::Map* map, detail::expect_map(value, "a workflow"));
  EVERY_TRY_ASSIGN(const ipld::Value* tasks, detail::require(*map, "tasks", "the workflow"));
  const ipld::List* list = tasks->if_list();
  if (list == nullptr)
    return core::fail(ErrorCode::kMalformed,
                      "`tasks` must be a list, got " + std::string(kind_name(tasks->kind())));
  Workflow out;
  out.tasks.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto task = Task::parse((*list)[i], normalize_url);
    if (!task)
      return core::fail(std::move(task)
                            .error()
                            .in("tasks[" + std::to_string(i) + "]")
                            .with("task", std::to_string(i)));
    out.tasks.push_back(std::move(*task));
  }
  return out;
}

ipld::Value Workflow::render() const {
  ipld::List list;
  list.reserve(tasks.size());
  for (const Task& task : tasks) list.push_back(task.render());
  return ipld::Map{{"tasks", std::move(list)}};
}

core::Result<core::Bytes> Workflow::encode() const {
  core::Bytes block;
  detail::BlockWriter writer(block);
  writer.map(1);
  writer.text("tasks");
  writer.list(tasks.size());
  for (const Task& task : tasks) {
    if (!detail::write(writer, task, 2)) return ipld::dag_cbor::encode(render());
  }
  return block;
}

core::Result<ipld::Cid> Workflow::cid() const {
  EVERY_TRY_ASSIGN(const core::Bytes block, encode());
  return ipld::Cid::of_dag_cbor(block);
}

}  // namespace every::invocation
