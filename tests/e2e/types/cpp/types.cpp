// Each type of WIT, taken and given back.
#include "types.h"  // made from ../wit/types.wit by every build

#include <bit>
#include <string>

// What comes in belongs to the function, and what goes out to the caller, so a value may be passed on as it is.
#define ECHO(name, type) \
  void exports_types_##name(type* a, type* ret) { *ret = *a; }
#define ECHO_PLAIN(name, type) \
  type exports_types_##name(type a) { return a; }

ECHO_PLAIN(echo_bool, bool)
ECHO_PLAIN(echo_u8, uint8_t)
ECHO_PLAIN(echo_s8, int8_t)
ECHO_PLAIN(echo_u16, uint16_t)
ECHO_PLAIN(echo_s16, int16_t)
ECHO_PLAIN(echo_u32, uint32_t)
ECHO_PLAIN(echo_s32, int32_t)
ECHO_PLAIN(echo_u64, uint64_t)
ECHO_PLAIN(echo_s64, int64_t)
ECHO_PLAIN(echo_f32, float)
ECHO_PLAIN(echo_f64, double)
ECHO_PLAIN(echo_char, uint32_t)
ECHO_PLAIN(echo_enum, types_level_t)
ECHO_PLAIN(echo_flags, types_rights_t)
ECHO_PLAIN(echo_many, types_many_t)
ECHO(echo_bytes, types_list_u8_t)
ECHO(echo_bools, types_list_bool_t)
ECHO(echo_s8s, types_list_s8_t)
ECHO(echo_u16s, types_list_u16_t)
ECHO(echo_s64s, types_list_s64_t)
ECHO(echo_f32s, types_list_f32_t)
ECHO(echo_chars, types_list_char32_t)
ECHO(echo_strings, types_list_list_string_t)
ECHO(echo_tuple, types_tuple5_u8_s64_string_bool_char32_t)
ECHO(echo_record, types_point_t)
ECHO(echo_variant, types_shape_t)
ECHO(echo_results, types_list_result_u32_string_t)
ECHO(echo_bare, types_tuple3_result_void_void_result_void_level_result_point_void_t)
ECHO(echo_deep, types_list_option_tuple2_shape_list_list_u8_t)

// A text of its own, of the same characters.
void exports_types_echo_string(types_string_t* a, types_string_t* ret) {
  const std::string text(reinterpret_cast<const char*>(a->ptr), a->len);
  types_string_free(a);
  types_string_dup_n(ret, text.data(), text.size());
}

bool exports_types_echo_option(types_string_t* maybe_a, types_string_t* ret) {
  if (maybe_a != nullptr) *ret = *maybe_a;
  return maybe_a != nullptr;
}

bool exports_types_echo_nested(types_option_u32_t* maybe_a, types_option_u32_t* ret) {
  if (maybe_a != nullptr) *ret = {maybe_a->is_some, maybe_a->val};
  return maybe_a != nullptr;
}

void exports_types_echo_params(uint8_t a, int64_t b, float c, types_string_t* d, types_list_u8_t* e,
                               types_point_t* maybe_f, types_shape_t* g, types_rights_t h,
                               types_tuple8_u8_s64_f32_string_list_u8_option_point_shape_rights_t* ret) {
  ret->f0 = a;
  ret->f1 = b;
  ret->f2 = c;
  ret->f3 = *d;
  ret->f4 = *e;
  ret->f5.is_some = maybe_f != nullptr;
  if (maybe_f != nullptr) ret->f5.val = *maybe_f;
  ret->f6 = *g;
  ret->f7 = h;
}

void exports_types_nothing(bool) {}

uint32_t exports_types_no_parameters() {
  return UINT32_MAX;
}

bool exports_types_answer(types_result_u32_string_t* a, uint32_t* ret, types_string_t* err) {
  if (a->is_err) {
    *err = a->val.err;
  } else {
    *ret = a->val.ok;
  }
  return !a->is_err;
}

uint32_t exports_types_bits_of_f32(float a) {
  return std::bit_cast<uint32_t>(a);
}

uint64_t exports_types_bits_of_f64(double a) {
  return std::bit_cast<uint64_t>(a);
}

float exports_types_f32_of_bits(uint32_t a) {
  return std::bit_cast<float>(a);
}

double exports_types_f64_of_bits(uint64_t a) {
  return std::bit_cast<double>(a);
}

namespace {

std::string text(const types_string_t& value) {
  return {reinterpret_cast<const char*>(value.ptr), value.len};
}

std::string level(types_level_t value) {
  return value == TYPES_LEVEL_LOW ? "low" : "high";
}

std::string whole(double value) {
  return std::to_string(static_cast<int64_t>(value));
}

std::string point(const types_point_t& value) {
  std::string out = whole(value.x);
  out += value.y_value.is_some ? " " + std::to_string(value.y_value.val) : " -";
  out += " " + level(value.level) + " ";
  for (size_t i = 0; i < value.tags.len; ++i) out += (i == 0 ? "" : ",") + text(value.tags.ptr[i]);
  return out;
}

std::string shape(const types_shape_t& value) {
  switch (value.tag) {
    case TYPES_SHAPE_CIRCLE: return "circle " + whole(value.val.circle);
    case TYPES_SHAPE_NAMED: return text(value.val.named.f0) + " " + level(value.val.named.f1);
    case TYPES_SHAPE_POLYGON: break;
    default: return "none";
  }
  std::string out;
  for (size_t i = 0; i < value.val.polygon.len; ++i)
    out += (i == 0 ? "" : "; ") + point(value.val.polygon.ptr[i]);
  return out;
}

}  // namespace

void exports_types_describe(types_shape_t* a, types_rights_t b, types_string_t* ret) {
  std::string out = shape(*a);
  if (b & TYPES_RIGHTS_READ) out += " r";
  if (b & TYPES_RIGHTS_WRITE_ALL) out += " w";
  if (b & TYPES_RIGHTS_RUN) out += " x";
  types_shape_free(a);
  types_string_dup_n(ret, out.data(), out.size());
}

void pairs_swap(pairs_pair_t* a, pairs_pair_t* b, pairs_tuple2_pair_pair_t* ret) {
  *ret = {*b, *a};
}
