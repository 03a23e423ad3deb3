// What the programs tell TCMalloc when they start; compiled into each that links every_allocator.
#include <gperftools/malloc_extension.h>

namespace {

/// What was large and is free goes back to the system at once, as with the C library: a node rests for most of its life.
[[gnu::constructor]] void give_back_what_is_free() {
  MallocExtension::instance()->SetNumericProperty("tcmalloc.aggressive_memory_decommit", 1);
}

}  // namespace
