#pragma once

#ifdef EVERY_HAS_TCMALLOC
#include <gperftools/malloc_extension.h>
#endif

namespace every {

/// What a program tells its allocator first of all in `main`: before that TCMalloc may not have registered yet.
inline void set_up_allocator() {
#ifdef EVERY_HAS_TCMALLOC
  // What was large and is free goes back to the system at once, as with the C library: a node rests for most of its life.
  MallocExtension::instance()->SetNumericProperty("tcmalloc.aggressive_memory_decommit", 1);
#endif
}

}  // namespace every
