#include "arguments.h"

#include <utility>

#include "every/core/text.h"
#include "every/ipld/dag_json.h"

namespace every::runtime {
namespace {

using invocation::Await;
using invocation::Branch;
using ipld::List;
using ipld::Map;
using ipld::Value;
using wit::Kind;
using wit::Type;

/// The type inside options, which take their payload as it is.
const Type* strip_options(const Type* type) {
  while (type != nullptr && type->kind == Kind::kOption) type = type->element.get();
  return type;
}

bool is_bytes(const Type* type) {
  type = strip_options(type);
  return type != nullptr && type->kind == Kind::kList && type->element &&
         type->element->kind == Kind::kU8;
}

class Resolver {
 public:
  explicit Resolver(const ArgumentSources& sources) : sources_(sources) {}

  core::Result<Value> resolve(const Value& value, const Type* type) const {
    if (const auto await = Await::parse(value)) return deliver(*await, strip_options(type));
    if (const auto* link = value.if_link(); link != nullptr && is_bytes(type)) {
      EVERY_TRY_ASSIGN(core::Bytes content, sources_.content(*link));
      return Value(std::move(content));
    }
    if (const auto* list = value.if_list()) return resolve_list(*list, strip_options(type));
    if (const auto* map = value.if_map()) return resolve_map(*map, strip_options(type));
    return value;
  }

 private:
  core::Result<Value> resolve_list(const List& list, const Type* type) const {
    List out;
    out.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      EVERY_TRY_ASSIGN(Value item, resolve(list[i], element_type(type, i)));
      out.push_back(std::move(item));
    }
    return Value(std::move(out));
  }

  core::Result<Value> resolve_map(const Map& map, const Type* type) const {
    Map out;
    for (const auto& [key, item] : map) {
      EVERY_TRY_ASSIGN(Value resolved, resolve(item, field_type(type, key)));
      out.set(key, std::move(resolved));
    }
    return Value(std::move(out));
  }

  static const Type* element_type(const Type* type, std::size_t index) {
    if (type == nullptr) return nullptr;
    if (type->kind == Kind::kList || type->kind == Kind::kFixedList) return type->element.get();
    if (type->kind == Kind::kTuple && index < type->elements.size())
      return type->elements[index].get();
    if (type->kind == Kind::kResult) return index == 0 ? type->element.get() : type->error.get();
    return nullptr;
  }

  static const Type* field_type(const Type* type, const std::string& key) {
    if (type == nullptr) return nullptr;
    if (type->kind == Kind::kMap) return type->element.get();
    for (const auto& field : type->fields) {
      if (field.name == key) return field.type.get();
    }
    return nullptr;
  }

  core::Result<Value> deliver(const Await& await, const Type* type) const {
    EVERY_TRY_ASSIGN(const Awaited awaited, sources_.awaited(await));
    const bool wants_result = type != nullptr && type->kind == Kind::kResult;
    if (awaited.state == Awaited::State::kFailed) {
      if (await.branch == Branch::kError) return Value(*awaited.message);
      return wants_result ? Value(List{Value(), Value(*awaited.message)})
                          : Value(List{Value("error"), Value(*awaited.message)});
    }
    if (await.branch == Branch::kAny) {
      return wants_result ? Value(List{*awaited.value, Value()})
                          : Value(List{Value("ok"), *awaited.value});
    }
    if (wants_result || !awaited.type || awaited.type->kind != Kind::kResult) return *awaited.value;
    return unwrap(awaited);
  }

  static core::Result<Value> unwrap(const Awaited& awaited) {
    const List* pair = awaited.value->if_list();
    if (pair == nullptr || pair->size() != 2) return *awaited.value;
    // [v, null] is ok and [null, e] an err; without a payload the place holds 1. An ok of null is [null, null].
    const bool is_error = (*pair)[0].is_null() && !(*pair)[1].is_null();
    if (is_error) {
      const auto text = ipld::dag_json::encode((*pair)[1]);
      return core::fail(
          core::ErrorCode::kGuestError,
          awaited.name + " returned an error" +
              (awaited.type->error && text ? ": " + core::shorten(*text, 500) : std::string()) +
              "; take it as a result<…> parameter to handle it");
    }
    if (!awaited.type->element) return Value();
    return (*pair)[0];
  }

  const ArgumentSources& sources_;
};

}  // namespace

core::Result<List> resolve_arguments(const List& args, const wit::Function& function,
                                     const ArgumentSources& sources) {
  if (args.size() > function.params.size()) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      "not able to run fn " + function.name + ": it takes " +
                          std::to_string(function.params.size()) + " argument(s), " +
                          std::to_string(args.size()) + " were given");
  }
  const Resolver resolver(sources);
  List out;
  out.reserve(args.size());
  for (std::size_t i = 0; i < args.size(); ++i) {
    auto resolved = resolver.resolve(args[i], function.params[i].type.get());
    if (!resolved) {
      return core::fail(std::move(resolved).error().in("not able to run fn " + function.name +
                                                       ": argument " + function.params[i].name));
    }
    out.push_back(std::move(*resolved));
  }
  return out;
}

}  // namespace every::runtime
