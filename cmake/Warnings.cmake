# Warnings for our own code; third parties are SYSTEM includes and stay out of it.
add_library(every_warnings INTERFACE)
target_compile_options(every_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor -Werror
  # Members left out of a designated initialiser have the default their declaration gives; that is what it is there for.
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports freed and uninitialised memory inside inlined std::variant and std::string moves that are neither.
  target_compile_options(every_warnings INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-use-after-free -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
    -Wno-free-nonheap-object)
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # stable_sort of libstdc++ 12 calls a function that libstdc++ 12 calls deprecated.
  target_compile_options(every_warnings INTERFACE -Wno-deprecated-declarations)
endif()
