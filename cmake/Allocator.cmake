# every_allocator: what the programs allocate with, TCMalloc where it is installed (docs/decisions/0066-an-allocator-for-many-threads.md).
# Only programs link it, never libraries; sanitizers and callgrind bring or count their own.
add_library(every_allocator INTERFACE)
find_library(EVERY_TCMALLOC NAMES libtcmalloc_minimal.a DOC "TCMalloc's static library (libgoogle-perftools-dev)")
if(EVERY_SANITIZE)
  message(STATUS "allocator: the sanitizer's")
elseif(EVERY_TCMALLOC)
  message(STATUS "allocator: ${EVERY_TCMALLOC}")
  target_link_libraries(every_allocator INTERFACE ${EVERY_TCMALLOC} m)
else()
  message(STATUS "allocator: the C library's; with libgoogle-perftools-dev tasks take a quarter less processor time")
endif()
