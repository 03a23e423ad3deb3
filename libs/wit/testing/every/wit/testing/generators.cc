#include "every/wit/testing/generators.h"

#include "every/ipld/testing/generators.h"

namespace every::wit::testing {
namespace {

using ipld::List;
using ipld::Map;
using ipld::Value;

bool coin() {
  return *rc::gen::arbitrary<bool>();
}
int pick(int limit) {
  return *rc::gen::inRange(0, limit);
}

constexpr Kind kScalars[] = {Kind::kBool, Kind::kU8,   Kind::kU16,   Kind::kU32, Kind::kU64,
                             Kind::kS8,   Kind::kS16,  Kind::kS32,   Kind::kS64, Kind::kF32,
                             Kind::kF64,  Kind::kChar, Kind::kString};

TypePtr maybe(TypePtr type) {
  return coin() ? std::move(type) : nullptr;
}

TypePtr make_type(int depth) {
  if (depth == 0) return make_primitive(kScalars[pick(std::size(kScalars))]);
  const auto inner = [depth] { return make_type(depth - 1); };
  switch (pick(13)) {
    case 0:
      return make_list(inner());
    case 1:
      return make_fixed_list(inner(), static_cast<std::uint32_t>(1 + pick(3)));
    case 2:
      return make_map(make_primitive(Kind::kString), inner());
    case 3:
      return make_tuple({inner(), inner()});
    case 4:
      return make_record("r", {{"one", inner(), ""}, {"two-words", inner(), ""}});
    case 5:
      return make_variant("v", {{"none", nullptr, ""}, {"two-words", inner(), ""}});
    case 6:
      return make_enum("e", {"one", "two-words"});
    case 7:
      return make_flags("f", {"one", "two-words", "three"});
    case 8:
      return make_option(inner());
    case 9:
      return make_result(maybe(inner()), maybe(inner()));
    case 10:
      return make_list(make_primitive(Kind::kU8));
    case 11:
      return make_list(make_tuple({make_primitive(Kind::kString), inner()}));
    default:
      return make_primitive(kScalars[pick(std::size(kScalars))]);
  }
}

Value spell(const Type& type);

Value whole(std::int64_t value) {
  return coin() ? Value(value) : Value(static_cast<double>(value));
}

Value spell_list(const Type& element, std::size_t size) {
  List out(size);
  for (Value& item : out) item = spell(element);
  return out;
}

Value spell_pairs(const Type& key, const Type& mapped) {
  if (coin()) {
    Map out;
    for (int i = pick(3); i > 0; --i) out.set("key" + std::to_string(i), spell(mapped));
    return out;
  }
  List out(static_cast<std::size_t>(pick(3)));
  for (Value& pair : out) pair = List{spell(key), spell(mapped)};
  return out;
}

Value spell_bytes() {
  core::Bytes bytes = *rc::gen::arbitrary<core::Bytes>();
  if (coin()) return bytes;
  List out;
  for (const std::uint8_t byte : bytes) out.push_back(whole(byte));
  return out;
}

std::string spell_name(const std::string& name) {
  return coin() ? name : to_camel(name);
}

Value spell_record(const Type& type) {
  Map out;
  for (const Field& field : type.fields) {
    if (field.type->kind == Kind::kOption && coin()) continue;
    out.set(spell_name(field.name), spell(*field.type));
  }
  return out;
}

Value spell_variant(const Type& type) {
  const Field& one = type.fields[static_cast<std::size_t>(pick(2))];
  if (!one.type && coin()) return spell_name(one.name);
  const Value payload = one.type ? spell(*one.type) : Value();
  if (coin()) return Map{{spell_name(one.name), payload}};
  Map out = {{"tag", spell_name(one.name)}};
  if (one.type) out.set("val", payload);
  return out;
}

Value spell_flags(const Type& type) {
  Map object;
  List list;
  for (const std::string& name : type.names) {
    const bool on = coin();
    object.set(spell_name(name), on);
    if (on) list.emplace_back(spell_name(name));
  }
  return coin() ? Value(object) : Value(list);
}

Value spell_result(const Type& type) {
  const bool ok = coin();
  const TypePtr& side = ok ? type.element : type.error;
  const Value payload = side ? spell(*side) : Value();
  return Map{{ok ? "ok" : "err", payload}};
}

Value spell(const Type& type) {
  switch (type.kind) {
    case Kind::kBool:
      return coin();
    case Kind::kChar:
      return coin() ? "é" : "x";
    case Kind::kString:
      return *ipld::testing::any_text();
    case Kind::kF64:
      return *ipld::testing::any_float();
    case Kind::kF32:
      return static_cast<double>(pick(100000)) / 16.0;
    case Kind::kU64:
      return *rc::gen::arbitrary<std::uint64_t>();
    case Kind::kS64:
      return *rc::gen::arbitrary<std::int64_t>();
    case Kind::kList:
      if (type.element->kind == Kind::kU8) return spell_bytes();
      if (type.element->kind == Kind::kTuple && type.element->elements[0]->kind == Kind::kString) {
        return spell_pairs(*type.element->elements[0], *type.element->elements[1]);
      }
      return spell_list(*type.element, static_cast<std::size_t>(pick(4)));
    case Kind::kFixedList:
      return spell_list(*type.element, type.length);
    case Kind::kMap:
      return spell_pairs(*type.key, *type.element);
    case Kind::kTuple:
      return List{spell(*type.elements[0]), spell(*type.elements[1])};
    case Kind::kRecord:
      return spell_record(type);
    case Kind::kVariant:
      return spell_variant(type);
    case Kind::kEnum:
      return spell_name(type.names[static_cast<std::size_t>(pick(2))]);
    case Kind::kFlags:
      return spell_flags(type);
    case Kind::kOption:
      if (coin()) return {};
      if (type.element->kind == Kind::kOption) return List{spell(*type.element)};
      return spell(*type.element);
    case Kind::kResult:
      return spell_result(type);
    default:
      return whole(pick(100));
  }
}

}  // namespace

rc::Gen<TypePtr> any_type(int depth) {
  return rc::gen::exec([depth] { return make_type(depth); });
}

rc::Gen<ipld::Value> any_spelling(TypePtr type) {
  return rc::gen::exec([type = std::move(type)] { return spell(*type); });
}

}  // namespace every::wit::testing
