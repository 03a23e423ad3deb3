#pragma once

#include <string_view>

#include "every/ipld/value.h"
#include "every/store/store.h"

namespace every::store {

/// The engine of receipts that came over from a database of the original.
inline constexpr std::string_view kHomestarEngine = "homestar";

/// Whether a value is what the original makes of a result of ours, which keeps what the original loses: the text `null` as Null, text that names a CID as
/// a Link, no bytes as an empty list, f32 to seven digits, pairs as a map, some(v) of an optional option as v. Equal values are.
/// source: homestar-wasm 0.3.0, docs/formats/values.md. cost: linear but for pairs, quadratic. thread: any
[[nodiscard]] bool is_homestar_form(const ipld::Value& theirs, const ipld::Value& ours);

/// Whether two receipts of one instruction say one result: the same, or one came from the original and says its form of the other's. in: a_out, b_out   what they say
[[nodiscard]] bool say_the_same(const ReceiptRecord& a, const ipld::Value& a_out,
                                const ReceiptRecord& b, const ipld::Value& b_out);

}  // namespace every::store
