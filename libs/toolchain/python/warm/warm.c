/* Stops a tool where all is done that does not depend on what the sources say, and goes on from there in a copy of the process for each
 * build. componentize-py compiles CPython each time before it looks at a source: 12 s of processor time that an edit need not pay again.
 *
 * Loaded by LD_PRELOAD beside steady.so. The place is the main thread's first new thread after compiled code has appeared in memory: the
 * tool makes it to read the first file for the guest, and no other thread has work then. There the process says `ready` on
 * standard output, and for each byte on standard input it forks: the copy goes on and makes its component, and `done` is said
 * when it has ended. The caller looks whether a component is there, and asks the tool itself where none is.
 *
 * The copy lacks the threads that the tool made before, which it would wait for when it ends. So it ends when its own threads have and the
 * main thread only waits. It deletes nothing: the folders the tool made are for the next copy, too. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

static int stopped;           /* the place has been reached */
static int copy;              /* this is a copy */
static _Atomic int running;   /* threads of the copy, beside the main one */

/* ---- where ------------------------------------------------------------------------------------------------------- */

/* Compiled code lies in memory that is executable and no file's. Read without stdio, which would look at the file: steady.c numbers files in
 * the order in which they are looked at. */
static int has_compiled_code(void) {
  static char text[1 << 16];
  const int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (maps < 0) return 0;
  int found = 0;
  size_t filled = 0;
  for (ssize_t got; !found && (got = read(maps, text + filled, sizeof text - 1 - filled)) > 0;) {
    filled += (size_t)got;
    text[filled] = 0;
    char* line = text;
    for (char* end; !found && (end = strchr(line, '\n')) != NULL; line = end + 1) {
      unsigned long from = 0, to = 0, inode = 1;
      char rights[8] = "";
      if (sscanf(line, "%lx-%lx %7s %*s %*s %lu", &from, &to, rights, &inode) == 4)
        found = inode == 0 && strcmp(rights, "r-xp") == 0 && to - from > (1u << 20);
    }
    filled -= (size_t)(line - text);
    memmove(text, line, filled);
  }
  close(maps);
  return found;
}

static int say(const char* line) {
  const size_t size = strlen(line);
  return write(STDOUT_FILENO, line, size) == (ssize_t)size;
}

/* Returns in each copy; the process itself ends here when nobody wants another. */
static void serve_copies(void) {
  malloc_trim(0);
  char wanted;
  int ok = say("ready\n");
  while (ok && read(STDIN_FILENO, &wanted, 1) == 1) {
    const pid_t pid = fork();
    if (pid == 0) {
      copy = 1;
      const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
      dup2(nothing, STDIN_FILENO);
      dup2(nothing, STDOUT_FILENO);
      return;
    }
    int status;
    if (pid > 0) waitpid(pid, &status, 0);
    ok = pid > 0 && say("done\n");
  }
  _exit(0);
}

/* ---- the end of a copy ------------------------------------------------------------------------------------------- */

static int main_thread_waits(void) {
  char path[64], text[256];
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)getpid());
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t size = file < 0 ? -1 : read(file, text, sizeof text - 1);
  if (file >= 0) close(file);
  if (size <= 0) return 0;
  text[size] = 0;
  const char* name_end = strrchr(text, ')');
  return name_end && name_end[1] == ' ' && name_end[2] == 'S';
}

/* The last thread of a copy looks on until the main thread has made another, or has waited for a while. */
static void end_with_the_main_thread(void) {
  const struct timespec moment = {0, 5000000};
  for (int waits = 0; waits < 10;) {
    if (running > 0) return;
    waits = main_thread_waits() ? waits + 1 : 0;
    syscall(SYS_nanosleep, &moment, 0);
  }
  _exit(0);
}

struct start {
  void* (*function)(void*);
  void* argument;
};

static void* run(void* given) {
  const struct start start = *(struct start*)given;
  free(given);
  void* const result = start.function(start.argument);
  if (--running == 0) end_with_the_main_thread();
  return result;
}

/* ---- replaced functions ------------------------------------------------------------------------------------------ */

EXPORTED int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*function)(void*), void* argument) {
  static int (*create)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  if (!create) *(void**)&create = dlsym(RTLD_NEXT, "pthread_create");
  if (!stopped && syscall(SYS_gettid) == getpid() && has_compiled_code()) {
    stopped = 1;
    serve_copies();
  }
  if (!copy) return create(thread, attributes, function, argument);
  struct start* const start = malloc(sizeof *start);
  if (!start) abort();
  start->function = function;
  start->argument = argument;
  ++running;
  const int failed = create(thread, attributes, run, start);
  if (failed) {
    --running;
    free(start);
  }
  return failed;
}

#define KEPT_BY_A_COPY(name, parameters, arguments)                     \
  EXPORTED int name parameters {                                        \
    static int (*real) parameters;                                      \
    if (!real) *(void**)&real = dlsym(RTLD_NEXT, #name);                \
    return copy ? 0 : real arguments;                                   \
  }
KEPT_BY_A_COPY(unlink, (const char* path), (path))
KEPT_BY_A_COPY(rmdir, (const char* path), (path))
KEPT_BY_A_COPY(unlinkat, (int folder, const char* path, int flags), (folder, path, flags))
