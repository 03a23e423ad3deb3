#include "cpp.h"  // made from ../wit/order.wit by every build

#include <cstdlib>

namespace {

/// One more element, which the caller sets.
template <class List>
auto& push(List& list) {
  void* const old = list.len == 0 ? nullptr : list.ptr;  // an empty list points nowhere
  list.ptr = static_cast<decltype(list.ptr)>(std::realloc(old, (list.len + 1) * sizeof(*list.ptr)));
  return list.ptr[list.len++];
}

}  // namespace

void exports_cpp_in_cpp(cpp_order_t* order, cpp_order_t* ret) {
  *ret = *order;
  ret->id -= 1;
  ret->ratio = -ret->ratio;
  if (ret->note.is_some && ret->note.val.len == 5) ret->note.is_some = false;
  cpp_string_dup(&push(ret->tags), "C++");
  if (ret->shape.tag == EVERY_CHAIN_TYPES_SHAPE_CIRCLE) ret->shape.val.circle.radius *= 2;
  push(ret->data) = 0;
  auto& count = push(ret->counts);
  cpp_string_dup(&count.f0, "C++");
  count.f1 = ret->id;
}
