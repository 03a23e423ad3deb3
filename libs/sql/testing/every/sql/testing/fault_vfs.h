#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "every/sql/testing/disk_model.h"

/// Files that fail on demand.
namespace every::sql::testing {

/// Stands between SQLite and the operating system while it lives: every database opened meanwhile goes through it.
/// One at a time in a process. Databases opened through it must be closed before it goes. thread: any.
class FaultVfs {
 public:
  enum class Fault : std::uint8_t {
    kNone,
    kSyncFails,   ///< fsync reports an I/O error
    kWriteFails,  ///< write reports an I/O error
    kDiskFull,    ///< write reports no space left
    kOpenFails,   ///< no file can be opened
  };
  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  /// From now on, after `writes` more writes (or syncs, or opens) that go well.
  void inject(Fault fault, std::int64_t after = 0);
  /// Writes into a folder what a disk would have of all files if the power went now. thread: any, while others write
  void power_off(const std::filesystem::path& into, DiskModel::Rest rest, std::uint64_t seed);
  /// How often a fault was reported.
  [[nodiscard]] std::int64_t hits() const;
  /// How often anything was written to a write-ahead log.
  [[nodiscard]] std::int64_t log_writes() const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace every::sql::testing
