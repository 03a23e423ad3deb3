#include "worker/sandbox.h"

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "worker/landlock.h"
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define EVERY_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define EVERY_SANITIZED 1
#endif
#endif

namespace every::wasm::worker {

namespace {

constexpr int kCompilerNice = 5;

void limit(int resource, rlim_t value) {
  const rlimit both{value, value};
  setrlimit(static_cast<__rlimit_resource_t>(resource), &both);
}

void leave_with_the_parent() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // A parent that died before that: its end of the socket is closed, which ends this process at the first read.
  // The terminal's signals go to the whole group; the node decides when its workers end.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
}

void set_limits(const WorkerSettings& settings) {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, 256);
  // Not the address space: the engine reserves terabytes of it. What it may really use counts as data.
  if (settings.data_bytes > 0) limit(RLIMIT_DATA, settings.data_bytes);
  // The end comes by SIGXCPU, which says why; SIGKILL would come at the harder limit.
  if (settings.cpu_seconds > 0) {
    const rlimit cpu{settings.cpu_seconds, settings.cpu_seconds + 5};
    setrlimit(RLIMIT_CPU, &cpu);
  }
  // Guests of others are waited for, compilers are not.
  if (settings.role == WorkerRole::kCompile) setpriority(PRIO_PROCESS, 0, kCompilerNice);
}

#ifndef EVERY_SANITIZED

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0;
#endif

constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr std::uint32_t error_of(int number) {
  return SECCOMP_RET_ERRNO | (static_cast<std::uint32_t>(number) & SECCOMP_RET_DATA);
}

/// A classic BPF program that lets calls through but for those it names.
class Filter {
 public:
  Filter() {
    load(offsetof(seccomp_data, arch));
    skip_if_equal(kArchitecture, 1);
    answer(SECCOMP_RET_KILL_PROCESS);
    load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
    // The x32 numbers of the same calls.
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000U, 0, 1));
    answer(error_of(ENOSYS));
#endif
  }
  /// The call fails with `error`.
  void deny(long number, int error = EPERM) {
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1));
    answer(error_of(error));
  }
  /// The call fails unless an argument has all bits of `mask`.
  void deny_without_bits(long number, int argument, std::uint32_t mask) {
    on_argument(number, argument, 2);
    code_.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, mask, 1, 0));
    end_argument();
  }
  /// The call fails if an argument has any bit of `mask`.
  void deny_with_bits(long number, int argument, std::uint32_t mask) {
    on_argument(number, argument, 2);
    code_.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0));
    end_argument();
  }
  /// The call fails unless an argument is `first` or `second`.
  void deny_unless(long number, int argument, std::uint32_t first, std::uint32_t second) {
    on_argument(number, argument, 2);
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, first, 2, 0));
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, second, 1, 0));
    end_argument();
  }
  void install() {
    answer(kAllow);
    const sock_fprog program{static_cast<unsigned short>(code_.size()), code_.data()};
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
  }

 private:
  void load(std::size_t offset) {
    code_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
  }
  void answer(std::uint32_t value) { code_.push_back(BPF_STMT(BPF_RET | BPF_K, value)); }
  void skip_if_equal(std::uint32_t value, std::uint8_t count) {
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, count, 0));
  }
  // Beyond the test on the number: load of the argument, `checks` instructions, denial, allowance.
  void on_argument(long number, int argument, std::uint8_t checks) {
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0,
                             static_cast<std::uint8_t>(checks + 3)));
    load(offsetof(seccomp_data, args) + 8 * static_cast<std::size_t>(argument));
  }
  void end_argument() {
    answer(error_of(EPERM));
    answer(kAllow);
  }
  std::vector<sock_filter> code_;
};

/// What neither a guest's engine nor a compiler has any business with.
void deny_for_all(Filter& filter) {
  constexpr long kNever[] = {
      SYS_socket,
      SYS_socketpair,
      SYS_connect,
      SYS_bind,
      SYS_listen,
      SYS_accept,
      SYS_accept4,  // network
      SYS_execve,
      SYS_execveat,
      SYS_ptrace,
      SYS_process_vm_readv,
      SYS_process_vm_writev,  // programs, other processes
      SYS_kill,
      SYS_tkill,
      SYS_rt_sigqueueinfo,
      SYS_rt_tgsigqueueinfo,
      SYS_setpgid,
      SYS_setsid,
      SYS_mount,
      SYS_umount2,
      SYS_pivot_root,
      SYS_chroot,
      SYS_setns,
      SYS_unshare,
      SYS_open_by_handle_at,  // the system
      SYS_init_module,
      SYS_finit_module,
      SYS_delete_module,
      SYS_kexec_load,
      SYS_reboot,
      SYS_swapon,
      SYS_swapoff,
      SYS_acct,
      SYS_bpf,
      SYS_perf_event_open,
      SYS_userfaultfd,
      SYS_keyctl,
      SYS_add_key,
      SYS_request_key,
      SYS_personality,
      SYS_setuid,
      SYS_setgid,
      SYS_setresuid,
      SYS_setresgid,
      SYS_setgroups,
      SYS_capset,
      SYS_sethostname,
      SYS_settimeofday,
      SYS_clock_settime,
      SYS_mknodat,
      SYS_fchownat,
      SYS_linkat,
      SYS_symlinkat,
#ifdef SYS_fork
      SYS_fork,
      SYS_vfork,
      SYS_mknod,
      SYS_chown,
      SYS_lchown,
      SYS_link,
      SYS_symlink,
#endif
#ifdef SYS_pidfd_open
      SYS_pidfd_open,
      SYS_pidfd_send_signal,
#endif
#ifdef SYS_pidfd_getfd
      SYS_pidfd_getfd,
#endif
#ifdef SYS_io_uring_setup
      SYS_io_uring_setup,
      SYS_io_uring_enter,
      SYS_io_uring_register,
#endif
  };
  for (const auto number : kNever) filter.deny(number);
  // New threads, no new processes; clone3 hides its flags, and the C library does without it.
  filter.deny_without_bits(SYS_clone, 0, CLONE_THREAD);
#ifdef SYS_clone3
  filter.deny(SYS_clone3, ENOSYS);
#endif
  // A process may end itself (abort), nobody else.
  const auto self = static_cast<std::uint32_t>(getpid());
  filter.deny_unless(SYS_tgkill, 0, self, self);
  filter.deny_unless(SYS_prlimit64, 0, 0, self);
}

/// Running guests needs to read compiled code, and changes no file.
void deny_changes_of_files(Filter& filter) {
  constexpr std::uint32_t kWriting = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
  filter.deny_with_bits(SYS_openat, 2, kWriting);
  constexpr long kNever[] = {
      SYS_unlinkat, SYS_renameat2, SYS_mkdirat, SYS_truncate, SYS_fchmodat, SYS_fchmod, SYS_fchown,
#ifdef SYS_open
      SYS_creat,    SYS_unlink,    SYS_rename,  SYS_mkdir,    SYS_rmdir,    SYS_chmod,
#endif
#ifdef SYS_renameat
      SYS_renameat,
#endif
  };
  for (const auto number : kNever) filter.deny(number);
#ifdef SYS_open
  filter.deny_with_bits(SYS_open, 1, kWriting);
#endif
#ifdef SYS_openat2
  filter.deny(SYS_openat2, ENOSYS);
#endif
}

void filter_calls(const WorkerSettings& settings) {
  if (kArchitecture == 0) return;
  Filter filter;
  deny_for_all(filter);
  if (settings.role == WorkerRole::kRun) deny_changes_of_files(filter);
  filter.install();
}

#endif  // EVERY_SANITIZED

}  // namespace

void enter_sandbox(const WorkerSettings& settings) {
  leave_with_the_parent();
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#ifdef EVERY_SANITIZED
  WorkerSettings without_data_limit = settings;
  without_data_limit.data_bytes = 0;
  set_limits(without_data_limit);
#else
  set_limits(settings);
  restrict_files(settings);
  filter_calls(settings);
#endif
}

}  // namespace every::wasm::worker
