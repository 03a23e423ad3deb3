#include "function_cache.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "checksum.h"
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace every::wasm {
namespace {

constexpr std::string_view kMagic = "every functions 1\n";
constexpr std::size_t kHead = FunctionCache::kKeySize + 4 + 8;
/// Of one function; none comes near.
constexpr std::size_t kMostContent = std::size_t{64} << 20;

std::uint64_t number_at(const std::uint8_t* bytes, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i) number |= std::uint64_t{bytes[i]} << (8 * i);
  return number;
}

void add_number(core::Bytes& out, std::uint64_t number, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    out.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

std::uint64_t sum_of(core::BytesView key, core::BytesView content) {
  const std::uint64_t both[] = {checksum(key), checksum(content)};
  return checksum({reinterpret_cast<const std::uint8_t*>(both), sizeof both});
}

/// The content's size of the record that begins at `at`; nothing where none does.
std::optional<std::size_t> record_at(core::BytesView file, std::size_t at) {
  if (file.size() - at < kHead) return std::nullopt;
  const auto size =
      static_cast<std::size_t>(number_at(file.data() + at + FunctionCache::kKeySize, 4));
  if (size == 0 || size > kMostContent || file.size() - at - kHead < size) return std::nullopt;
  return size;
}

bool is_whole(core::BytesView file, std::size_t begin, std::size_t size) {
  const auto sum = number_at(file.data() + begin + FunctionCache::kKeySize + 4, 8);
  return sum ==
         sum_of(file.subspan(begin, FunctionCache::kKeySize), file.subspan(begin + kHead, size));
}

/// Where the records of a file end; 0 for a file of another kind.
template <typename OnRecord>
std::size_t walk(core::BytesView file, OnRecord on_record) {
  if (!core::as_text(file).starts_with(kMagic)) return 0;
  std::size_t at = kMagic.size();
  while (const auto size = record_at(file, at)) {
    on_record(at, *size);
    at += kHead + *size;
  }
  return at;
}

/// The bytes of a file, mapped; empty where that cannot be done.
core::BytesView map_file(int file) {
  struct stat status{};
  if (::fstat(file, &status) != 0 || status.st_size <= 0) return {};
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (mapped == MAP_FAILED) return {};
  return {static_cast<const std::uint8_t*>(mapped), size};
}

void unmap(core::BytesView mapped) {
  if (mapped.empty()) return;
  // munmap takes what mmap gave.
  ::munmap(
      const_cast<std::uint8_t*>(mapped.data()),  // NOLINT(cppcoreguidelines-pro-type-const-cast)
      mapped.size());
}

/// A file of this user that nobody else may write to.
bool is_private(int file) {
  struct stat status{};
  return ::fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == ::geteuid() &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

}  // namespace

FunctionCache::FunctionCache(std::filesystem::path file, std::uint64_t limit)
    : file_(std::move(file)), limit_(limit) {}

FunctionCache::~FunctionCache() {
  unmap(mapped_);
}

bool FunctionCache::is_sound(const std::filesystem::path& path) {
  const core::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid()) return false;
  const core::BytesView mapped = map_file(file.get());
  bool sound = true;
  const std::size_t end = walk(mapped, [&](std::size_t begin, std::size_t size) {
    sound = sound && is_whole(mapped, begin, size);
  });
  sound = sound && end == mapped.size();
  unmap(mapped);
  return sound;
}

void FunctionCache::open() {
  writable_ = ::access(file_.parent_path().c_str(), W_OK) == 0;
  core::UniqueFd file(::open(file_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid()) {
    // Worker processes that run guests may only read.
    writable_ = writable_ && errno == ENOENT;
    file = core::UniqueFd(::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  }
  if (!file.valid()) return;
  if (!is_private(file.get())) {
    writable_ = false;
    return;
  }
  mapped_ = map_file(file.get());
  (void)walk(mapped_, [&](std::size_t begin, std::size_t size) {
    const auto key = core::as_text(mapped_.subspan(begin, kKeySize));
    places_.insert_or_assign(key, Place{begin, size});
  });
}

std::optional<core::BytesView> FunctionCache::find(core::BytesView key) {
  std::call_once(opened_, [this] { open(); });
  const auto found = places_.find(core::as_text(key));
  if (found == places_.end() || !is_whole(mapped_, found->second.begin, found->second.size)) {
    ++misses_;
    return std::nullopt;
  }
  ++hits_;
  const std::lock_guard lock(mutex_);
  used_.insert(found->second.begin);
  return mapped_.subspan(found->second.begin + kHead, found->second.size);
}

void FunctionCache::put(core::BytesView key, core::BytesView content) {
  std::call_once(opened_, [this] { open(); });
  if (!writable_ || key.size() != kKeySize || content.empty() || content.size() > kMostContent)
    return;
  const auto sum = sum_of(key, content);
  const std::lock_guard lock(mutex_);
  if (added_.size() + kHead + content.size() > limit_) return;
  added_.insert(added_.end(), key.begin(), key.end());
  add_number(added_, content.size(), 4);
  add_number(added_, sum, 8);
  added_.insert(added_.end(), content.begin(), content.end());
}

core::Status FunctionCache::save() {
  const std::lock_guard lock(mutex_);
  if (added_.empty()) return {};
  core::UniqueFd file(::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return core::fail(core::system_error("open", file_, errno));
  if (!is_private(file.get())) {
    return core::fail(
        core::ErrorCode::kPermissionDenied,
        file_.string() + " belongs to somebody else or others may write to it; remove it");
  }
  // Held until the file is closed; other processes add to it, too.
  if (::flock(file.get(), LOCK_EX) != 0)
    return core::fail(core::system_error("lock", file_, errno));
  const core::BytesView there = map_file(file.get());
  const std::size_t end = walk(there, [](std::size_t, std::size_t) {});
  unmap(there);
  core::Status status;
  if (end + added_.size() > limit_) {
    status = replace();
  } else if (::ftruncate(file.get(), static_cast<off_t>(end)) != 0 ||
             ::lseek(file.get(), 0, SEEK_END) < 0) {
    status = core::fail(core::system_error("write", file_, errno));
  } else {
    if (end == 0) status = core::write_all(file.get(), core::as_bytes(kMagic), file_);
    if (status) status = core::write_all(file.get(), added_, file_);
  }
  added_.clear();
  return status;
}

core::Status FunctionCache::replace() {
  core::Bytes content = core::to_bytes(kMagic);
  content.insert(content.end(), added_.begin(), added_.end());
  for (const auto begin : used_) {
    const auto size = kHead + *record_at(mapped_, begin);
    if (content.size() + size > limit_) break;
    const auto record = mapped_.subspan(begin, size);
    content.insert(content.end(), record.begin(), record.end());
  }
  return core::write_file_atomically(file_, content, 0600, core::Sync::kNo);
}

}  // namespace every::wasm
