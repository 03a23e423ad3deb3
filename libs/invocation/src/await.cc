#include "every/invocation/invocation.h"

namespace every::invocation {
namespace {

void collect(const ipld::Value& value, std::vector<Await>& out) {
  if (auto await = Await::parse(value)) {
    out.push_back(std::move(*await));
  } else if (const ipld::List* list = value.if_list()) {
    for (const ipld::Value& item : *list) collect(item, out);
  } else if (const ipld::Map* map = value.if_map()) {
    for (const ipld::MapEntry& entry : *map) collect(entry.value, out);
  }
}

}  // namespace

std::string_view render_branch(Branch branch) {
  switch (branch) {
    case Branch::kOk:
      return "await/ok";
    case Branch::kError:
      return "await/error";
    case Branch::kAny:
      return "await/*";
  }
  return "await/ok";
}

std::optional<Await> Await::parse(const ipld::Value& value) {
  const ipld::Map* map = value.if_map();
  if (map == nullptr || map->size() != 1) return std::nullopt;
  const ipld::MapEntry& entry = *map->begin();
  const ipld::Cid* link = entry.value.if_link();
  if (link == nullptr) return std::nullopt;
  for (const Branch branch : {Branch::kOk, Branch::kError, Branch::kAny}) {
    if (entry.key == render_branch(branch)) return Await{branch, *link};
  }
  return std::nullopt;
}

ipld::Value Await::render() const {
  return ipld::Map{{std::string(render_branch(branch)), instruction}};
}

std::vector<Await> find_awaits(const ipld::Value& value) {
  std::vector<Await> out;
  collect(value, out);
  return out;
}

core::Result<ipld::Value> replace_awaits(
    const ipld::Value& value,
    const std::function<core::Result<ipld::Value>(const Await&)>& resolve) {
  if (auto await = Await::parse(value)) return resolve(*await);
  if (const ipld::List* list = value.if_list()) {
    ipld::List out;
    out.reserve(list->size());
    for (const ipld::Value& item : *list) {
      EVERY_TRY_ASSIGN(ipld::Value replaced, replace_awaits(item, resolve));
      out.push_back(std::move(replaced));
    }
    return ipld::Value(std::move(out));
  }
  if (const ipld::Map* map = value.if_map()) {
    ipld::Map out;
    for (const ipld::MapEntry& entry : *map) {
      EVERY_TRY_ASSIGN(ipld::Value replaced, replace_awaits(entry.value, resolve));
      out.set(entry.key, std::move(replaced));
    }
    return ipld::Value(std::move(out));
  }
  return value;
}

}  // namespace every::invocation
