#include "python_tool.h"

#ifdef EVERY_STEADY_LIBRARY
// clang-format off
__asm__(
    ".section .rodata\n"
    ".balign 16\n"
    ".globl every_steady_library, every_steady_library_end\n"
    "every_steady_library:\n"
    ".incbin \"" EVERY_STEADY_LIBRARY "\"\n"
    "every_steady_library_end:\n"
    ".byte 0\n"
    ".previous\n");
// clang-format on
extern "C" const char every_steady_library[];
extern "C" const char every_steady_library_end[];
#endif

namespace every::toolchain {

std::string_view steady_library() {
#ifdef EVERY_STEADY_LIBRARY
  return {every_steady_library, every_steady_library_end};
#else
  return {};
#endif
}

}  // namespace every::toolchain
