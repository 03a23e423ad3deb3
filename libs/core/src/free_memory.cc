#include "every/core/free_memory.h"

#include <malloc.h>

// TCMalloc's, where a program is linked with it (docs/decisions/0066-an-allocator-for-many-threads.md).
extern "C" [[gnu::weak]] void MallocExtension_ReleaseFreeMemory(void);

namespace every::core {

void give_back_free_memory() {
  if (MallocExtension_ReleaseFreeMemory != nullptr) return MallocExtension_ReleaseFreeMemory();
  malloc_trim(0);
}

}  // namespace every::core
