/* Makes what a tool's process sees of the machine the same on every machine and at every time, so that the same source gives the
 * same component: random bytes, clocks, the times, inode and device numbers of files, and the order of a folder's entries.
 *
 * Loaded by LD_PRELOAD and idle until every_steady_begin(), which driver.py calls when Python itself has started. From then on
 *   - the kernel hands the calls below to on_call (seccomp's SECCOMP_RET_TRAP), which makes them itself and evens out the answer.
 *     Rust's file-system crates make their system calls without libc, so replacing libc's functions would not reach them;
 *   - the clocks are replaced as functions, because reading one is no system call.
 * It uses nothing of libc but headers, so that it fits every libc. Only Linux on x86-64 and AArch64 has it; elsewhere the driver
 * says that builds differ. Nothing may be allocated here: on_call runs inside a signal handler, on any thread. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define LOCAL __attribute__((visibility("hidden")))

/* 1980-01-01, the first day a zip file can hold. */
enum { kInstant = 315532800 };

/* ---- system calls ------------------------------------------------------------------------------------------------ */

/* The one place that makes real calls: the filter lets through what comes from between these two labels. */
LOCAL long steady_call(long number, long a, long b, long c, long d, long e, long f);
LOCAL extern const char steady_call_begin[], steady_call_end[];
#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
__asm__(
    ".text\n.hidden steady_call, steady_call_begin, steady_call_end, steady_restore\n"
    ".globl steady_call, steady_call_begin, steady_call_end, steady_restore\n"
    "steady_call_begin:\nsteady_call:\n"
    "  mov %rdi,%rax\n  mov %rsi,%rdi\n  mov %rdx,%rsi\n  mov %rcx,%rdx\n  mov %r8,%r10\n  mov %r9,%r8\n"
    "  mov 8(%rsp),%r9\n  syscall\n  ret\n"
    "steady_restore:\n  mov $15,%rax\n  syscall\nsteady_call_end:\n  nop\n");
LOCAL extern void steady_restore(void);
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
__asm__(
    ".text\n.hidden steady_call, steady_call_begin, steady_call_end\n"
    ".globl steady_call, steady_call_begin, steady_call_end\n"
    "steady_call_begin:\nsteady_call:\n"
    "  mov x8,x0\n  mov x0,x1\n  mov x1,x2\n  mov x2,x3\n  mov x3,x4\n  mov x4,x5\n  mov x5,x6\n  svc #0\n  ret\n"
    "steady_call_end:\n  nop\n");
#else
#error "only x86-64 and AArch64"
#endif

static volatile int active;
static volatile char lock;

static void acquire(void) {
  while (__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE)) steady_call(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
}
static void release(void) { __atomic_clear(&lock, __ATOMIC_RELEASE); }

/* ---- random bytes ------------------------------------------------------------------------------------------------ */

/* Always the same bytes, whoever asks and how often: threads may ask in any order. */
static long fill_random(unsigned char* out, size_t size) {
  uint64_t state = 0x9e3779b97f4a7c15u;
  for (size_t i = 0; i < size; ++i) {
    if (i % 8 == 0) state = state * 6364136223846793005u + 1442695040888963407u;
    out[i] = (unsigned char)(state >> (8 * (i % 8)));
  }
  return (long)size;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* Inode numbers in the order in which files are first looked at. */
enum { kInodes = 1 << 15 };
static struct {
  uint64_t device, inode;
} inodes[kInodes];
static uint64_t inode_count;
static uint32_t inode_number[kInodes];

static uint64_t even_inode(uint64_t device, uint64_t inode) {
  uint64_t slot = (inode * 0x9e3779b97f4a7c15u ^ device * 0xc2b2ae3d27d4eb4fu) >> 20;
  acquire();
  for (uint64_t tries = 0; tries < kInodes; ++tries) {
    const uint64_t at = (slot + tries) % kInodes;
    if (inode_number[at] == 0) {
      inodes[at].device = device;
      inodes[at].inode = inode;
      inode_number[at] = (uint32_t)++inode_count;
    }
    if (inodes[at].device == device && inodes[at].inode == inode) {
      const uint64_t number = inode_number[at];
      release();
      return number;
    }
  }
  release();
  return inode;
}

static void even_statx(struct statx* s) {
  s->stx_ino = even_inode(((uint64_t)s->stx_dev_major << 32) | s->stx_dev_minor, s->stx_ino);
  s->stx_dev_major = 0;
  s->stx_dev_minor = 1;
  struct statx_timestamp instant = {0};
  instant.tv_sec = kInstant;
  s->stx_atime = s->stx_btime = s->stx_ctime = s->stx_mtime = instant;
}

static void even_stat(struct stat* s) {
  s->st_ino = (ino_t)even_inode(s->st_dev, s->st_ino);
  s->st_dev = 1;
  s->st_atim.tv_sec = s->st_mtim.tv_sec = s->st_ctim.tv_sec = kInstant;
  s->st_atim.tv_nsec = s->st_mtim.tv_nsec = s->st_ctim.tv_nsec = 0;
}

/* ---- the entries of a folder, sorted ----------------------------------------------------------------------------- */

struct entry {
  uint64_t inode;
  int64_t next;
  uint16_t size;
  uint8_t type;
  char name[];
};

enum { kListings = 32, kListingBytes = 1 << 20, kEntries = 1 << 14 };
struct listing {
  int fd; /* plus one; 0: free */
  char* bytes;
  struct entry** entries;
  size_t count, at;
};
static struct listing listings[kListings];

static int by_name(const struct entry* a, const struct entry* b) {
  const char *x = a->name, *y = b->name;
  while (*x && *x == *y) ++x, ++y;
  return (unsigned char)*x - (unsigned char)*y;
}

static void sift(struct entry** entries, size_t root, size_t count) {
  for (size_t child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && by_name(entries[child], entries[child + 1]) < 0) ++child;
    if (by_name(entries[root], entries[child]) >= 0) return;
    struct entry* held = entries[root];
    entries[root] = entries[child];
    entries[child] = held;
  }
}

static void sort_entries(struct entry** entries, size_t count) {
  for (size_t i = count / 2; i-- > 0;) sift(entries, i, count);
  for (size_t last = count; last-- > 1;) {
    struct entry* held = entries[0];
    entries[0] = entries[last];
    entries[last] = held;
    sift(entries, 0, last);
  }
}

static void forget(struct listing* l) {
  steady_call(SYS_munmap, (long)l->bytes, kListingBytes + kEntries * (long)sizeof(struct entry*), 0, 0, 0, 0);
  l->fd = 0;
}

/* Reads a whole folder. Out: 0, or the kernel's error; one that is too large is left in the kernel's order. */
static long read_folder(struct listing* l, int fd) {
  const long bytes = steady_call(SYS_mmap, 0, kListingBytes + kEntries * (long)sizeof(struct entry*),
                                 PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (bytes < 0) return bytes;
  l->bytes = (char*)bytes;
  l->entries = (struct entry**)(l->bytes + kListingBytes);
  l->fd = fd + 1;
  l->count = l->at = 0;
  long filled = 0;
  for (;;) {
    const long got = steady_call(SYS_getdents64, fd, bytes + filled, kListingBytes - filled, 0, 0, 0);
    if (got < 0) {
      forget(l);
      return got;
    }
    if (got == 0) break;
    filled += got;
  }
  for (long at = 0; at < filled && l->count < kEntries;) {
    struct entry* e = (struct entry*)(l->bytes + at);
    e->inode = 1;
    l->entries[l->count++] = e;
    at += e->size;
  }
  sort_entries(l->entries, l->count);
  return 0;
}

static long sorted_entries(int fd, char* out, size_t room) {
  struct listing* l = 0;
  const int fresh = steady_call(SYS_lseek, fd, 0, SEEK_CUR, 0, 0, 0) == 0;
  for (int i = 0; i < kListings; ++i)
    if (listings[i].fd == fd + 1) l = &listings[i];
  if (l && fresh) forget(l);
  if (!l || fresh) {
    for (int i = 0; !l && i < kListings; ++i)
      if (listings[i].fd == 0) l = &listings[i];
    if (!l) return steady_call(SYS_getdents64, fd, (long)out, (long)room, 0, 0, 0);
    const long failed = read_folder(l, fd);
    if (failed < 0) return failed;
  }
  size_t filled = 0;
  while (l->at < l->count) {
    const struct entry* e = l->entries[l->at];
    if (filled + e->size > room) break;
    for (size_t i = 0; i < e->size; ++i) out[filled + i] = ((const char*)e)[i];
    ((struct entry*)(out + filled))->next = (int64_t)++l->at;
    filled += e->size;
  }
  if (filled == 0 && l->at < l->count) return -EINVAL;
  if (filled == 0) forget(l);
  return (long)filled;
}

/* ---- interception ------------------------------------------------------------------------------------------------ */

static long answer(long number, const long* a) {
  if (number == SYS_getrandom) return fill_random((unsigned char*)a[0], (size_t)a[1]);
  if (number == SYS_getdents64) {
    acquire();
    const long result = sorted_entries((int)a[0], (char*)a[1], (size_t)a[2]);
    release();
    return result;
  }
  const long result = steady_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  if (result != 0) return result;
  if (number == SYS_statx) even_statx((struct statx*)a[4]);
  if (number == SYS_fstat) even_stat((struct stat*)a[1]);
  if (number == SYS_newfstatat) even_stat((struct stat*)a[2]);
  return result;
}

static void on_call(int signal, siginfo_t* info, void* context) {
  (void)signal;
  ucontext_t* u = context;
#if defined(__x86_64__)
  greg_t* r = u->uc_mcontext.gregs;
  const long a[6] = {r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10], r[REG_R8], r[REG_R9]};
  r[REG_RAX] = answer(info->si_syscall, a);
#else
  unsigned long long* r = u->uc_mcontext.regs;
  const long a[6] = {(long)r[0], (long)r[1], (long)r[2], (long)r[3], (long)r[4], (long)r[5]};
  r[0] = (unsigned long long)answer(info->si_syscall, a);
#endif
}

/* What the kernel calls struct sigaction. */
struct kernel_action {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
#if defined(__x86_64__)
  void (*restorer)(void);
#endif
  uint64_t mask;
};

static int install_filter(void) {
  const uint64_t begin = (uint64_t)(uintptr_t)steady_call_begin;
  const uint64_t end = (uint64_t)(uintptr_t)steady_call_end;
  if (begin >> 32 != end >> 32) return -ERANGE;
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(field))
#define IP offsetof(struct seccomp_data, instruction_pointer)
#define TRAP_IF(nr) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP)
  struct sock_filter code[] = {
      LOAD(offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      LOAD(IP + 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(begin >> 32), 0, 4),
      LOAD(IP),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)begin, 0, 2),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (uint32_t)end, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      LOAD(offsetof(struct seccomp_data, nr)),
      TRAP_IF(SYS_getrandom),
      TRAP_IF(SYS_getdents64),
      TRAP_IF(SYS_statx),
      TRAP_IF(SYS_fstat),
      TRAP_IF(SYS_newfstatat),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof code / sizeof code[0], code};
  const long failed = steady_call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0);
  if (failed < 0) return (int)failed;
  return (int)steady_call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, (long)&program, 0, 0, 0);
}

/* Out: 0, or an error number: nothing is evened out then. Once begun it lasts until the process ends. */
int every_steady_begin(void) {
  struct kernel_action action = {0};
  action.handler = on_call;
  action.flags = SA_SIGINFO | SA_NODEFER | SA_RESTART;
#if defined(__x86_64__)
  action.flags |= 0x04000000; /* SA_RESTORER */
  action.restorer = steady_restore;
#endif
  long failed = steady_call(SYS_rt_sigaction, SIGSYS, (long)&action, 0, sizeof action.mask, 0, 0);
  if (failed == 0) failed = install_filter();
  if (failed == 0) active = 1;
  return (int)-failed;
}

/* ---- clocks ------------------------------------------------------------------------------------------------------ */

int clock_gettime(clockid_t clock, struct timespec* out) {
  if (active) {
    out->tv_sec = kInstant;
    out->tv_nsec = 0;
    return 0;
  }
  /* errno is libc's; no caller here passes a clock that does not exist. */
  return steady_call(SYS_clock_gettime, clock, (long)out, 0, 0, 0, 0) < 0 ? -1 : 0;
}

ssize_t getrandom(void* out, size_t size, unsigned flags) {
  if (active) return fill_random(out, size);
  return steady_call(SYS_getrandom, (long)out, (long)size, flags, 0, 0, 0);
}
