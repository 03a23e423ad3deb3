#include "preload.h"

// Each library that was built has its file here; the sections are the same for all.
// clang-format off
#define EVERY_EMBED_LIBRARY(name, file)                \
  __asm__(                                             \
      ".section .rodata\n"                             \
      ".balign 16\n"                                   \
      ".globl " #name ", " #name "_end\n"              \
      #name ":\n"                                      \
      ".incbin \"" file "\"\n"                         \
      #name "_end:\n"                                  \
      ".byte 0\n"                                      \
      ".previous\n");                                  \
  extern "C" const char name[];                        \
  extern "C" const char name##_end[];
// clang-format on

#ifdef EVERY_PIN_LIBRARY
EVERY_EMBED_LIBRARY(every_pin_library, EVERY_PIN_LIBRARY)
#endif
#ifdef EVERY_STEADY_LIBRARY
EVERY_EMBED_LIBRARY(every_steady_library, EVERY_STEADY_LIBRARY)
EVERY_EMBED_LIBRARY(every_warm_library, EVERY_WARM_LIBRARY)
#endif

namespace every::toolchain {

std::string_view preload_library(Preload library) {
  switch (library) {
    case Preload::kPin:
#ifdef EVERY_PIN_LIBRARY
      return {every_pin_library, every_pin_library_end};
#else
      return {};
#endif
#ifdef EVERY_STEADY_LIBRARY
    case Preload::kSteady:
      return {every_steady_library, every_steady_library_end};
    case Preload::kWarm:
      return {every_warm_library, every_warm_library_end};
#else
    case Preload::kSteady:
    case Preload::kWarm:
      return {};
#endif
  }
  return {};
}

}  // namespace every::toolchain
