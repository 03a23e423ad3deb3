#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "every/ipld/dag_json.h"
#include "every/wit/coerce.h"
#include "every/wit/type.h"

namespace every::wit::test {

inline TypePtr p(Kind kind) {
  return make_primitive(kind);
}

inline ipld::Value json(std::string_view text) {
  auto value = ipld::dag_json::decode(text);
  EXPECT_TRUE(value.has_value()) << text << ": " << value.error().message;
  return value ? std::move(*value) : ipld::Value();
}

inline ipld::Value bytes(std::string_view text) {
  return core::to_bytes(text);
}

// The named types of the tests.
inline TypePtr bytes_type() {
  return make_list(p(Kind::kU8));
}
inline TypePtr point() {
  return make_record("point", {{"x-at", p(Kind::kS32), ""}, {"y", p(Kind::kS32), ""}});
}
inline TypePtr person() {
  return make_record("person", {{"name", p(Kind::kString), ""},
                                {"age", make_option(p(Kind::kU8)), ""},
                                {"home-town", point(), ""}});
}
inline TypePtr shape() {
  return make_variant("shape", {{"circle", p(Kind::kF64), ""},
                                {"two-part", make_list(point()), ""},
                                {"nothing", nullptr, ""},
                                {"maybe", make_option(p(Kind::kU8)), ""}});
}
inline TypePtr color() {
  return make_enum("color", {"red", "dark-blue"});
}
inline TypePtr permissions() {
  return make_flags("permissions", {"read", "write-all", "execute"});
}
inline TypePtr nested_option() {
  return make_option(make_option(p(Kind::kU32)));
}
inline TypePtr string_pairs() {
  return make_list(make_tuple({p(Kind::kString), p(Kind::kU32)}));
}

}  // namespace every::wit::test
