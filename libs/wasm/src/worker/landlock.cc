#include "worker/landlock.h"

#include <cstdint>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "every/core/file.h"

#if __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#endif

namespace every::wasm::worker {

#if __has_include(<linux/landlock.h>) && defined(SYS_landlock_create_ruleset)

namespace {

// What the first version of the interface knows; every kernel with Landlock has these.
constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kWrite = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                 LANDLOCK_ACCESS_FS_MAKE_DIR;
constexpr std::uint64_t kAll = kRead | kWrite | LANDLOCK_ACCESS_FS_EXECUTE |
                               LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                               LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                               LANDLOCK_ACCESS_FS_MAKE_SYM;

void allow_below(int rules, const char* path, std::uint64_t access) {
  const core::UniqueFd folder(open(path, O_PATH | O_CLOEXEC));
  if (!folder.valid()) return;
  landlock_path_beneath_attr rule{};
  rule.allowed_access = access;
  rule.parent_fd = folder.get();
  syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

}  // namespace

void restrict_files(const WorkerSettings& settings) {
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = kAll;
  const core::UniqueFd rules(
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  if (!rules.valid()) return;
  // The number of cores, the size of pages and of memory: allocators and the engine ask.
  allow_below(rules.get(), "/sys/devices/system/cpu", kRead);
  allow_below(rules.get(), "/sys/kernel/mm", kRead);
  allow_below(rules.get(), "/proc/self", kRead);
  if (!settings.code_cache.empty()) {
    allow_below(rules.get(), settings.code_cache.c_str(),
                settings.role == WorkerRole::kCompile ? kRead | kWrite : kRead);
  }
  syscall(SYS_landlock_restrict_self, rules.get(), 0);
}

#else

void restrict_files(const WorkerSettings&) {}

#endif

}  // namespace every::wasm::worker
