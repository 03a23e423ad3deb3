#include <cmath>

#include "names.h"
#include "numbers.h"
#include "violations.h"

#include "every/core/text.h"
#include "every/ipld/dag_json.h"
#include "every/wit/coerce.h"

namespace every::wit {
namespace {

using detail::Path;
using ipld::List;
using ipld::Map;
using ipld::Value;

/// What a message shows of a value: enough to recognise it, never a whole image.
std::string describe(const Value& value) {
  const std::string kind(kind_name(value.kind()));
  if (const core::Bytes* bytes = value.if_bytes())
    return kind + " of length " + std::to_string(bytes->size());
  if (const List* list = value.if_list(); list != nullptr && list->size() > 20)
    return kind + " of " + std::to_string(list->size());
  if (value.is_null()) return kind;
  if (const double* real = value.if_float(); real != nullptr && !std::isfinite(*real)) {
    return kind + (std::isnan(*real) ? " NaN" : *real < 0 ? " -Infinity" : " Infinity");
  }
  const auto text = ipld::dag_json::encode(value);
  return text ? kind + " " + core::shorten(*text, 80) : kind;
}

class Checker {
 public:
  explicit Checker(const std::string& root) : root_(root) {}
  core::Status run(const Value& value, const Type& type, const Path& at) const;

 private:
  core::Status fail(const Path& at, const std::string& expected, const Value& got,
                    std::string_view why = {}) const {
    std::string message =
        "at " + detail::render(at, root_) + ": expected " + expected + ", got " + describe(got);
    if (!why.empty()) message += " (" + std::string(why) + ")";
    return core::fail(core::ErrorCode::kInvalidArgument, std::move(message));
  }
  core::Status mismatch(const Path& at, const Type& type, const Value& got,
                        std::string_view why = {}) const {
    return fail(at, wit::render(type), got, why);
  }

  core::Status integer(const Value& value, const Type& type, const Path& at) const;
  core::Status floating(const Value& value, const Type& type, const Path& at) const;
  core::Status list(const Value& value, const Type& type, const Path& at) const;
  core::Status pairs(const Value& value, const Type& type, const TypePtr& key,
                     const TypePtr& mapped, const Path& at) const;
  core::Status elements(const List& items, const std::vector<TypePtr>& types, const Path& at) const;
  core::Status record(const Value& value, const Type& type, const Path& at) const;
  core::Status variant(const Value& value, const Type& type, const Path& at) const;
  core::Status flags(const Value& value, const Type& type, const Path& at) const;
  core::Status option(const Value& value, const Type& type, const Path& at) const;
  core::Status result(const Value& value, const Type& type, const Path& at) const;

  const std::string& root_;
};

core::Status Checker::run(const Value& value, const Type& type, const Path& at) const {
  const std::string* text = value.if_string();
  switch (type.kind) {
    case Kind::kBool:
      return value.if_bool() != nullptr ? core::Status() : mismatch(at, type, value);
    case Kind::kF32:
    case Kind::kF64:
      return floating(value, type, at);
    case Kind::kString:
      return text != nullptr ? core::Status() : mismatch(at, type, value);
    case Kind::kChar:
      if (text == nullptr) return mismatch(at, type, value);
      return detail::scalar_count(*text) == 1
                 ? core::Status()
                 : mismatch(at, type, value, "a char is exactly one character");
    case Kind::kList:
    case Kind::kFixedList:
      return list(value, type, at);
    case Kind::kMap:
      return pairs(value, type, type.key, type.element, at);
    case Kind::kTuple:
      if (const List* items = value.if_list();
          items != nullptr && items->size() == type.elements.size())
        return elements(*items, type.elements, at);
      return mismatch(at, type, value, "a list of " + std::to_string(type.elements.size()));
    case Kind::kRecord:
      return record(value, type, at);
    case Kind::kVariant:
      return variant(value, type, at);
    case Kind::kEnum:
      for (const std::string& name : type.names) {
        if (text != nullptr && *text == name) return {};
      }
      return mismatch(at, type, value, "one of " + core::join_words(type.names));
    case Kind::kFlags:
      return flags(value, type, at);
    case Kind::kOption:
      return option(value, type, at);
    case Kind::kResult:
      return result(value, type, at);
    case Kind::kOwn:
    case Kind::kBorrow:
    case Kind::kStream:
    case Kind::kFuture:
    case Kind::kErrorContext:
      return mismatch(at, type, value, "no value can be given for this type");
    default:
      return integer(value, type, at);
  }
}

core::Status Checker::integer(const Value& value, const Type& type, const Path& at) const {
  std::optional<ipld::Integer> whole;
  if (const ipld::Integer* integer = value.if_integer()) {
    whole = *integer;
  } else if (const double* real = value.if_float()) {
    if (!std::isfinite(*real) || std::trunc(*real) != *real)
      return mismatch(at, type, value, "a whole number");
    whole = detail::whole(*real);
  } else {
    return mismatch(at, type, value);
  }
  const auto range = *detail::integer_range(type.kind);
  if (!whole || *whole < range.min || range.max < *whole)
    return mismatch(at, type, value, range.min.render() + " to " + range.max.render());
  return {};
}

core::Status Checker::floating(const Value& value, const Type& type, const Path& at) const {
  if (value.if_integer() != nullptr) return {};
  const double* real = value.if_float();
  if (real == nullptr) return mismatch(at, type, value);
  if (!std::isfinite(*real)) return mismatch(at, type, value, "a finite number");
  if (type.kind == Kind::kF32 && !detail::fits_f32(*real))
    return mismatch(at, type, value, "too large for 32 bits");
  return {};
}

core::Status Checker::list(const Value& value, const Type& type, const Path& at) const {
  const bool fixed = type.kind == Kind::kFixedList;
  const bool of_bytes = type.element->kind == Kind::kU8;
  const List* items = value.if_list();
  if (of_bytes && value.if_bytes() != nullptr) {
    return !fixed || value.if_bytes()->size() == type.length ? core::Status()
                                                             : mismatch(at, type, value);
  }
  if (of_bytes && !fixed && value.if_link() != nullptr)
    return {};  // stands for the content's bytes
  if (detail::is_pair_list(type))
    return pairs(value, type, type.element->elements[0], type.element->elements[1], at);
  if (items == nullptr || (fixed && items->size() != type.length)) return mismatch(at, type, value);
  for (std::size_t i = 0; i < items->size(); ++i)
    EVERY_TRY(run((*items)[i], *type.element, at.at(i)));
  return {};
}

core::Status Checker::elements(const List& items, const std::vector<TypePtr>& types,
                               const Path& at) const {
  for (std::size_t i = 0; i < items.size(); ++i) EVERY_TRY(run(items[i], *types[i], at.at(i)));
  return {};
}

core::Status Checker::pairs(const Value& value, const Type& type, const TypePtr& key,
                            const TypePtr& mapped, const Path& at) const {
  if (const Map* map = value.if_map()) {
    for (const auto& entry : *map) {
      const Path place = at.at(entry.key);
      auto parsed = parse_query_text(entry.key, *key, "");
      if (!parsed) return fail(place, "a key of type " + wit::render(*key), entry.key);
      EVERY_TRY(run(*parsed, *key, place));
      EVERY_TRY(run(entry.value, *mapped, place));
    }
    return {};
  }
  const List* items = value.if_list();
  if (items == nullptr) return mismatch(at, type, value);
  const std::vector<TypePtr> types = {key, mapped};
  for (std::size_t i = 0; i < items->size(); ++i) {
    const List* pair = (*items)[i].if_list();
    if (pair == nullptr || pair->size() != 2) return fail(at.at(i), "a list of 2", (*items)[i]);
    EVERY_TRY(elements(*pair, types, at.at(i)));
  }
  return {};
}

core::Status Checker::record(const Value& value, const Type& type, const Path& at) const {
  const Map* map = value.if_map();
  if (map == nullptr) return mismatch(at, type, value);
  for (const Field& field : type.fields) {
    const Value* inner = map->find(field.name);
    if (inner != nullptr) {
      EVERY_TRY(run(*inner, *field.type, at.at(field.name)));
    } else if (!detail::is_option(field.type)) {
      return mismatch(at, type, value, "the field `" + field.name + "` is missing");
    }
  }
  return {};
}

core::Status Checker::variant(const Value& value, const Type& type, const Path& at) const {
  const Map* map = value.if_map();
  if (map == nullptr || map->size() != 1)
    return mismatch(at, type, value, "a map with the case as its one key");
  const ipld::MapEntry& entry = *map->begin();
  std::vector<std::string> names;
  for (const Field& one : type.fields) {
    if (one.name == entry.key)
      return one.type ? run(entry.value, *one.type, at.at(entry.key)) : core::Status();
    names.push_back(one.name);
  }
  return mismatch(at, type, value, "one of " + core::join_words(names));
}

core::Status Checker::flags(const Value& value, const Type& type, const Path& at) const {
  const List* items = value.if_list();
  if (items == nullptr) return mismatch(at, type, value);
  for (std::size_t i = 0; i < items->size(); ++i) {
    const std::string* name = (*items)[i].if_string();
    bool known = false;
    for (const std::string& flag : type.names) known = known || (name != nullptr && *name == flag);
    if (!known)
      return fail(at.at(i), "a flag of " + wit::render(type), (*items)[i],
                  "one of " + core::join_words(type.names));
  }
  return {};
}

core::Status Checker::option(const Value& value, const Type& type, const Path& at) const {
  if (value.is_null()) return {};
  if (!detail::is_option(type.element)) return run(value, *type.element, at);
  const List* items = value.if_list();
  if (items == nullptr || items->size() != 1)
    return mismatch(at, type, value, "null, [null] or [value]");
  return run(items->front(), *type.element, at.at(std::size_t{0}));
}

core::Status Checker::result(const Value& value, const Type& type, const Path& at) const {
  const List* pair = value.if_list();
  if (pair == nullptr || pair->size() != 2)
    return mismatch(at, type, value, "[value, null] or [null, value]");
  const Value& ok = (*pair)[0];
  const Value& error = (*pair)[1];
  if (error.is_null() && (!ok.is_null() || detail::takes_null(type.element))) {
    return type.element ? run(ok, *type.element, at.at(std::size_t{0})) : core::Status();
  }
  if (ok.is_null() && (!error.is_null() || detail::takes_null(type.error))) {
    return type.error ? run(error, *type.error, at.at(std::size_t{1})) : core::Status();
  }
  return mismatch(at, type, value, "[value, null] or [null, value]");
}

}  // namespace

core::Status check(const Value& value, const Type& type, const std::string& path) {
  return Checker(path).run(value, type, Path{});
}

}  // namespace every::wit
