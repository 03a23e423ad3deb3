#include "every/store/home.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

namespace every::store {
namespace {

using core::ErrorCode;

constexpr const char* kLockName = "owner.lock";
// A lock may be held for a moment by somebody who only looks, or by an owner that has not said yet who it is.
constexpr int kAttempts = 20;
constexpr std::chrono::milliseconds kPause{5};

enum class Taken : std::uint8_t { kYes, kHeldByAnother };

core::Result<Taken> try_lock(const core::UniqueFd& fd, int kind,
                             const std::filesystem::path& path) {
  for (;;) {
    if (::flock(fd.get(), kind | LOCK_NB) == 0) return Taken::kYes;
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) return Taken::kHeldByAnother;
    return core::fail(core::system_error("cannot lock", path, errno));
  }
}

/// `{"pid":123,"port":3000}`; a number after a quoted name, or nothing.
template <typename Number>
std::optional<Number> number_after(std::string_view text, std::string_view name) {
  const std::string key = '"' + std::string(name) + "\":";
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  Number number{};
  const char* begin = text.data() + at + key.size();
  if (std::from_chars(begin, text.data() + text.size(), number).ec != std::errc())
    return std::nullopt;
  return number;
}

std::optional<HomeOwner> read_owner(const core::UniqueFd& fd) {
  std::array<char, 256> buffer{};
  const ssize_t got = ::pread(fd.get(), buffer.data(), buffer.size(), 0);
  if (got <= 0) return std::nullopt;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
  // Written in one call, but a reader may still come between the cut and the write.
  if (!text.ends_with("}\n")) return std::nullopt;
  const auto pid = number_after<std::int64_t>(text, "pid");
  const auto port = number_after<std::uint16_t>(text, "port");
  if (!pid || !port) return std::nullopt;
  return HomeOwner{*pid, *port};
}

bool is_alive(std::int64_t pid) {
  return ::kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM;
}

std::unexpected<core::Error> owned(const std::filesystem::path& home,
                                   const std::optional<HomeOwner>& owner) {
  std::string message = "the home " + home.string() + " is in use by another every";
  if (owner) {
    message += " (pid " + std::to_string(owner->pid);
    if (owner->port != 0) message += ", port " + std::to_string(owner->port);
    message += ")";
  }
  message += "; stop that one, send your work to it, or use another --home";
  core::Error error{ErrorCode::kConflict, std::move(message), {{"home", home.string()}}};
  if (owner) {
    error.context.emplace_back("pid", std::to_string(owner->pid));
    error.context.emplace_back("port", std::to_string(owner->port));
  }
  return core::fail(std::move(error));
}

}  // namespace

core::Result<std::unique_ptr<HomeLock>> HomeLock::take(const std::filesystem::path& home) {
  EVERY_TRY(core::ensure_private_directory(home));
  const std::filesystem::path path = home / kLockName;
  core::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) return core::fail(core::system_error("cannot open", path, errno));
  std::optional<HomeOwner> owner;
  for (int attempt = 0;; ++attempt) {
    EVERY_TRY_ASSIGN(const auto taken, try_lock(fd, LOCK_EX, path));
    if (taken == Taken::kYes) break;
    owner = read_owner(fd);
    // What a dead owner wrote says nothing of the one that holds the lock now.
    if (owner && !is_alive(owner->pid)) owner.reset();
    if (attempt >= (owner ? 3 : kAttempts)) return owned(home, owner);
    std::this_thread::sleep_for(kPause);
  }
  std::unique_ptr<HomeLock> lock(new HomeLock(std::move(fd)));
  EVERY_TRY(lock->announce({.pid = ::getpid(), .port = 0}));
  return lock;
}

core::Status HomeLock::announce(const HomeOwner& owner) {
  const std::string text =
      "{\"pid\":" + std::to_string(owner.pid) + ",\"port\":" + std::to_string(owner.port) + "}\n";
  // Shorter text than before must not keep the old end.
  if (::pwrite(fd_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()) ||
      ::ftruncate(fd_.get(), static_cast<off_t>(text.size())) != 0) {
    return core::fail(core::system_error("cannot write", kLockName, errno));
  }
  return {};
}

core::Result<std::optional<HomeOwner>> HomeLock::find_owner(const std::filesystem::path& home) {
  const std::filesystem::path path = home / kLockName;
  const core::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return core::fail(core::system_error("cannot open", path, errno));
  }
  for (int attempt = 0;; ++attempt) {
    // A shared lock is to be had exactly when nobody owns the home; closing the file gives it back.
    EVERY_TRY_ASSIGN(const auto free, try_lock(fd, LOCK_SH, path));
    if (free == Taken::kYes) return std::nullopt;
    auto owner = read_owner(fd);
    if (owner && is_alive(owner->pid)) return owner;
    // Held, but the owner has not said yet who it is.
    if (attempt >= kAttempts) return HomeOwner{};
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace every::store
