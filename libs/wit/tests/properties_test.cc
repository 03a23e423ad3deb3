#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "every/ipld/dag_cbor.h"
#include "every/ipld/testing/generators.h"
#include "every/wit/coerce.h"
#include "every/wit/testing/generators.h"

namespace every::wit {
namespace {

using ipld::testing::any_value;
using testing::any_spelling;
using testing::any_type;

void must_be_settled(const ipld::Value& value, const Type& type) {
  const auto again = normalise(value, type, "", nullptr);
  RC_ASSERT(again.has_value());
  RC_ASSERT((*again == value));
  RC_ASSERT(check(value, type, "").has_value());
  RC_ASSERT(ipld::dag_cbor::encode(value).has_value());
}

RC_GTEST_PROP(NormalisePropertyTest, TakesEverySpellingToOneForm, ()) {
  const TypePtr type = *any_type();
  const ipld::Value given = *any_spelling(type);
  RC_LOG() << render(*type);
  const auto out = normalise(given, *type, "", nullptr);
  if (!out) RC_LOG() << out.error().front().path << " " << out.error().front().message;
  RC_ASSERT(out.has_value());
  must_be_settled(*out, *type);
}

RC_GTEST_PROP(NormalisePropertyTest, RefusesOrSettlesAnyValueAtAll, ()) {
  const TypePtr type = *any_type();
  const auto out = normalise(*any_value(), *type, "", nullptr);
  if (!out) RC_ASSERT(!out.error().empty());
  if (out) must_be_settled(*out, *type);
}

RC_GTEST_PROP(TypePropertyTest, EqualsItselfAndTypesOfTheSameText, ()) {
  const TypePtr one = *any_type();
  const TypePtr other = *any_type(1);
  RC_ASSERT(equal(*one, *one));
  if (equal(*one, *other)) RC_ASSERT(render(*one) == render(*other));
}

}  // namespace
}  // namespace every::wit
