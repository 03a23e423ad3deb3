// Loaded into the tools that run a module once to build a component (LD_PRELOAD): the time stands still there and chance is always the same, so that
// the same source gives the same component. Only for the tools' own code: Node and everything else in the process see the real clock.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

static int is_tool(const char* path) {
  if (!path) return 0;
  const char* slash = strrchr(path, '/');
  const char* name = slash ? slash + 1 : path;
  return strncmp(name, "componentize-qjs.", 17) == 0 || strcmp(name, "wizer") == 0;
}

// Looking an address up is slow and there are few callers, so answers are kept: the address, its lowest bit set if it is a tool's (a return
// address that is odd is not kept). Entries are only ever written whole, so threads need no lock.
static _Atomic uintptr_t known[256];

static int calls_from_tool(void* caller) {
  const uintptr_t address = (uintptr_t)caller & ~(uintptr_t)1;
  _Atomic uintptr_t* slot = &known[(address ^ (address >> 8)) & 255];
  const uintptr_t kept = *slot;
  if ((kept & ~(uintptr_t)1) == address) return (int)(kept & 1);
  Dl_info info;
  const int tool = dladdr(caller, &info) != 0 && is_tool(info.dli_fname);
  *slot = address | (uintptr_t)tool;
  return tool;
}

EXPORTED int clock_gettime(clockid_t clock, struct timespec* time) {
  if (calls_from_tool(__builtin_return_address(0))) {
    time->tv_sec = 0;
    time->tv_nsec = 0;
    return 0;
  }
  return (int)syscall(SYS_clock_gettime, clock, time);
}

EXPORTED ssize_t getrandom(void* buffer, size_t length, unsigned int flags) {
  if (calls_from_tool(__builtin_return_address(0))) {
    memset(buffer, 1, length);
    return (ssize_t)length;
  }
  return syscall(SYS_getrandom, buffer, length, flags);
}

// A tool hands its environment on to the module: this library's name is not to be found there.
__attribute__((constructor)) static void leave_no_trace(void) {
  if (getenv("EVERY_PIN_INHERIT") == NULL) unsetenv("LD_PRELOAD");
}
