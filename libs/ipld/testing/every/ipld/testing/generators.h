#pragma once

#include <cmath>
#include <string>

#include <rapidcheck.h>

#include "every/ipld/cid.h"
#include "every/ipld/value.h"

/// Generators for property tests: `const auto value = *every::ipld::testing::any_value();`
namespace every::ipld::testing {

/// Text in UTF-8 of all lengths of code points, control characters and quotes included.
rc::Gen<std::string> any_text();
/// Any integer of −2^64 … 2^64−1, the borders of CBOR's head sizes more often than chance.
rc::Gen<Integer> any_integer();
/// Any finite double, whole numbers and subnormal ones too.
rc::Gen<double> any_float();
/// CIDs of both versions, of several codecs and hash functions, unknown ones too.
rc::Gen<Cid> any_cid();
/// Values of every kind, nested a few levels; maps that DAG-JSON keeps for links and bytes are left out.
rc::Gen<Value> any_value();
/// Maps of such values.
rc::Gen<Map> any_map();

}  // namespace every::ipld::testing

namespace rc {

template <>
struct Arbitrary<every::ipld::Cid> {
  static Gen<every::ipld::Cid> arbitrary() { return every::ipld::testing::any_cid(); }
};
template <>
struct Arbitrary<every::ipld::Value> {
  static Gen<every::ipld::Value> arbitrary() { return every::ipld::testing::any_value(); }
};

}  // namespace rc

namespace every::ipld {

/// What a failed property prints.
void showValue(const Cid& cid, std::ostream& out);
void showValue(const Value& value, std::ostream& out);

}  // namespace every::ipld
