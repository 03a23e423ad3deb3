/* Between a program and the disk: what is named in the file $EVERY_FAULTS fails for databases, as a disk would have it.
 * `full`: writes have no room. `eio`: writes and syncs fail. `sync`: syncs fail. `readonly`: nothing can be opened for writing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int is_on(const char* what) {
  const char* name = getenv("EVERY_FAULTS");
  char text[32] = {0};
  if (name == NULL) return 0;
  FILE* file = fopen(name, "re");
  if (file == NULL) return 0;
  const size_t got = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  return got > 0 && strcmp(text, what) == 0;
}

static int is_database(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = 0;
  return strstr(path, ".db") != NULL && strstr(path, "-shm") == NULL;
}

static int write_fails(int fd) {
  if (!is_database(fd)) return 0;
  if (is_on("full")) {
    errno = ENOSPC;
    return 1;
  }
  if (is_on("eio")) {
    errno = EIO;
    return 1;
  }
  return 0;
}

static int sync_fails(int fd) {
  if (!is_database(fd) || !(is_on("sync") || is_on("eio"))) return 0;
  errno = EIO;
  return 1;
}

#define REAL(type, name) ((type)dlsym(RTLD_NEXT, #name))

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  if (write_fails(fd)) return -1;
  return REAL(ssize_t(*)(int, const void*, size_t, off64_t), pwrite64)(fd, bytes, size, offset);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  if (write_fails(fd)) return -1;
  return REAL(ssize_t(*)(int, const void*, size_t, off_t), pwrite)(fd, bytes, size, offset);
}
ssize_t write(int fd, const void* bytes, size_t size) {
  if (write_fails(fd)) return -1;
  return REAL(ssize_t(*)(int, const void*, size_t), write)(fd, bytes, size);
}
int fsync(int fd) { return sync_fails(fd) ? -1 : REAL(int (*)(int), fsync)(fd); }
int fdatasync(int fd) { return sync_fails(fd) ? -1 : REAL(int (*)(int), fdatasync)(fd); }

static int open_fails(const char* path, int flags) {
  if ((flags & (O_WRONLY | O_RDWR | O_CREAT)) == 0 || strstr(path, ".db") == NULL || !is_on("readonly")) return 0;
  errno = EROFS;
  return 1;
}

#define OPEN(name)                                                          \
  int name(const char* path, int flags, ...) {                             \
    va_list more;                                                          \
    va_start(more, flags);                                                 \
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0; \
    va_end(more);                                                          \
    if (open_fails(path, flags)) return -1;                                \
    return REAL(int (*)(const char*, int, ...), name)(path, flags, mode);  \
  }
OPEN(open)
OPEN(open64)
