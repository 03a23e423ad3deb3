#include "javascript_tool.h"

#ifdef EVERY_PIN_LIBRARY
// clang-format off
__asm__(
    ".section .rodata\n"
    ".balign 16\n"
    ".globl every_pin_library, every_pin_library_end\n"
    "every_pin_library:\n"
    ".incbin \"" EVERY_PIN_LIBRARY "\"\n"
    "every_pin_library_end:\n"
    ".byte 0\n"
    ".previous\n");
// clang-format on
extern "C" const char every_pin_library[];
extern "C" const char every_pin_library_end[];
#endif

namespace every::toolchain {

std::string_view pin_library() {
#ifdef EVERY_PIN_LIBRARY
  return {every_pin_library, every_pin_library_end};
#else
  return {};
#endif
}

}  // namespace every::toolchain
