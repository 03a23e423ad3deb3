#include "every/store/homestar_form.h"

#include <array>
#include <charconv>
#include <cmath>

namespace every::store {
namespace {

using ipld::List;
using ipld::Map;
using ipld::Value;

/// Whether a number is the shortest decimal of an f32, as such a result is kept.
bool is_of_f32(double value) {
  const auto narrow = static_cast<float>(value);
  std::array<char, 32> text{};
  const auto [end, problem] = std::to_chars(text.data(), text.data() + text.size(), narrow);
  double again = 0;
  std::from_chars(text.data(), end, again);
  return problem == std::errc() && again == value;
}

/// Seven digits; below what 28 decimals hold it is 0.
bool is_seven_digits_of(double theirs, double ours) {
  constexpr double kHalfADigit = 6e-7;
  constexpr double kDecimals = 1e-21;
  return is_of_f32(ours) && std::abs(theirs - ours) <= std::abs(ours) * kHalfADigit + kDecimals;
}

/// A map of pairs: order is lost, and of equal keys all but the last.
bool is_map_of(const Map& theirs, const List& ours) {
  std::size_t distinct = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const List* pair = ours[i].if_list();
    const std::string* key =
        pair != nullptr && pair->size() == 2 ? (*pair)[0].if_string() : nullptr;
    if (key == nullptr) return false;
    bool is_last = true;
    for (std::size_t later = i + 1; is_last && later < ours.size(); ++later) {
      const List* other = ours[later].if_list();
      is_last = other == nullptr || other->empty() || other->front() != Value(*key);
    }
    if (!is_last) continue;
    ++distinct;
    const Value* value = theirs.find(*key);
    if (value == nullptr || !is_homestar_form(*value, (*pair)[1])) return false;
  }
  return distinct == theirs.size();
}

bool is_list_of(const List& theirs, const List& ours) {
  if (theirs.size() != ours.size()) return false;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (!is_homestar_form(theirs[i], ours[i])) return false;
  }
  return true;
}

bool is_record_of(const Map& theirs, const Map& ours) {
  if (theirs.size() != ours.size()) return false;
  for (const auto& [key, value] : ours) {
    const Value* other = theirs.find(key);
    if (other == nullptr || !is_homestar_form(*other, value)) return false;
  }
  return true;
}

bool is_form_of_text(const Value& theirs, const std::string& ours) {
  if (theirs.is_null()) return ours == "null";
  const ipld::Cid* link = theirs.if_link();
  if (link == nullptr) return false;
  const auto cid = ipld::Cid::parse_reference(ours);
  return cid && *cid == *link;
}

}  // namespace

bool is_homestar_form(const Value& theirs, const Value& ours) {
  if (theirs == ours) return true;
  if (const auto* text = ours.if_string()) return is_form_of_text(theirs, *text);
  if (const auto* bytes = ours.if_bytes())
    return bytes->empty() && theirs.if_list() != nullptr && theirs.if_list()->empty();
  if (const auto* number = ours.if_float())
    return theirs.if_float() != nullptr && is_seven_digits_of(*theirs.if_float(), *number);
  if (const auto* map = ours.if_map())
    return theirs.if_map() != nullptr && is_record_of(*theirs.if_map(), *map);
  const List* list = ours.if_list();
  if (list == nullptr) return false;
  if (theirs.if_list() != nullptr && is_list_of(*theirs.if_list(), *list)) return true;
  if (theirs.if_map() != nullptr && is_map_of(*theirs.if_map(), *list)) return true;
  // some(some(v)) is [v] here, some(none) [null].
  return list->size() == 1 && is_homestar_form(theirs, list->front());
}

bool say_the_same(const ReceiptRecord& a, const Value& a_out, const ReceiptRecord& b,
                  const Value& b_out) {
  if (a_out == b_out) return true;
  if (a.engine == kHomestarEngine) return is_homestar_form(a_out, b_out);
  return b.engine == kHomestarEngine && is_homestar_form(b_out, a_out);
}

}  // namespace every::store
