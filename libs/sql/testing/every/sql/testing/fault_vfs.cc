#include "every/sql/testing/fault_vfs.h"

#include <cstring>
#include <new>
#include <string_view>

#include <sqlite3.h>

namespace every::sql::testing {

struct FaultVfs::Impl {
  sqlite3_vfs shim{};
  sqlite3_vfs* base = nullptr;
  std::atomic<Fault> fault{Fault::kNone};
  std::atomic<std::int64_t> left{0};
  std::atomic<std::int64_t> hits{0};
  std::atomic<std::int64_t> log_writes{0};
  DiskModel disk;

  bool fails(Fault kind) {
    if (fault.load() != kind || left.fetch_sub(1) > 0) return false;
    ++hits;
    return true;
  }
};

namespace {

// What SQLite sees as a file: our methods, then the real file behind it in the same allocation.
struct ShimFile {
  sqlite3_file base;
  FaultVfs::Impl* owner;
  const char* name;  ///< null: a temporary one; lives as long as the file is open
  [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
ShimFile* shim_of(sqlite3_file* file) {
  return reinterpret_cast<ShimFile*>(file);
}
sqlite3_file* real_of(sqlite3_file* file) {
  return shim_of(file)->real();
}

int close_file(sqlite3_file* file) {
  return real_of(file)->pMethods->xClose(real_of(file));
}
int read_file(sqlite3_file* file, void* out, int amount, sqlite3_int64 offset) {
  return real_of(file)->pMethods->xRead(real_of(file), out, amount, offset);
}
int write_file(sqlite3_file* file, const void* in, int amount, sqlite3_int64 offset) {
  if (shim_of(file)->owner->fails(FaultVfs::Fault::kDiskFull)) return SQLITE_FULL;
  if (shim_of(file)->owner->fails(FaultVfs::Fault::kWriteFails)) return SQLITE_IOERR_WRITE;
  if (const char* name = shim_of(file)->name;
      name != nullptr && std::string_view(name).ends_with("-wal"))
    ++shim_of(file)->owner->log_writes;
  const int result = real_of(file)->pMethods->xWrite(real_of(file), in, amount, offset);
  if (result == SQLITE_OK && shim_of(file)->name != nullptr)
    shim_of(file)->owner->disk.wrote(shim_of(file)->name, in, amount, offset);
  return result;
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  const int result = real_of(file)->pMethods->xTruncate(real_of(file), size);
  if (result == SQLITE_OK && shim_of(file)->name != nullptr)
    shim_of(file)->owner->disk.truncated(shim_of(file)->name, size);
  return result;
}
int sync_file(sqlite3_file* file, int flags) {
  if (shim_of(file)->owner->fails(FaultVfs::Fault::kSyncFails)) return SQLITE_IOERR_FSYNC;
  const int result = real_of(file)->pMethods->xSync(real_of(file), flags);
  if (result == SQLITE_OK && shim_of(file)->name != nullptr)
    shim_of(file)->owner->disk.synced(shim_of(file)->name);
  return result;
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock_file(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xLock(real_of(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_reserved_lock(sqlite3_file* file, int* out) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}
int file_control(sqlite3_file* file, int op, void* argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), op, argument);
}
int sector_size(sqlite3_file* file) {
  return real_of(file)->pMethods->xSectorSize(real_of(file));
}
int device_characteristics(sqlite3_file* file) {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
int shm_map(sqlite3_file* file, int region, int size, int extend, volatile void** out) {
  return real_of(file)->pMethods->xShmMap(real_of(file), region, size, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int n, int flags) {
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}
void shm_barrier(sqlite3_file* file) {
  real_of(file)->pMethods->xShmBarrier(real_of(file));
}
int shm_unmap(sqlite3_file* file, int remove) {
  return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

const sqlite3_io_methods kMethods = {2,
                                     close_file,
                                     read_file,
                                     write_file,
                                     truncate_file,
                                     sync_file,
                                     file_size,
                                     lock_file,
                                     unlock_file,
                                     check_reserved_lock,
                                     file_control,
                                     sector_size,
                                     device_characteristics,
                                     shm_map,
                                     shm_lock,
                                     shm_barrier,
                                     shm_unmap,
                                     nullptr,
                                     nullptr};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* owner = static_cast<FaultVfs::Impl*>(vfs->pAppData);
  auto* shim = new (file) ShimFile{{nullptr}, owner, name};
  if (owner->fails(FaultVfs::Fault::kOpenFails)) return SQLITE_CANTOPEN;
  if (name != nullptr) owner->disk.opened(name);
  const int result = owner->base->xOpen(owner->base, name, shim->real(), flags, out_flags);
  // A file whose methods are set is closed by SQLite even when it could not be opened.
  if (shim->real()->pMethods != nullptr) shim->base.pMethods = &kMethods;
  return result;
}

FaultVfs::Impl* owner_of(sqlite3_vfs* vfs) {
  return static_cast<FaultVfs::Impl*>(vfs->pAppData);
}

}  // namespace

FaultVfs::FaultVfs() : impl_(std::make_unique<Impl>()) {
  impl_->base = sqlite3_vfs_find(nullptr);
  sqlite3_vfs& shim = impl_->shim;
  shim = *impl_->base;
  shim.iVersion = 1;
  shim.pNext = nullptr;
  shim.zName = "every-faults";
  shim.szOsFile = static_cast<int>(sizeof(ShimFile)) + impl_->base->szOsFile;
  shim.pAppData = impl_.get();
  shim.xOpen = open_file;
  shim.xDelete = [](sqlite3_vfs* vfs, const char* name, int sync) {
    owner_of(vfs)->disk.deleted(name,
                                sync != 0 ? DiskModel::Folder::kSynced : DiskModel::Folder::kNot);
    return owner_of(vfs)->base->xDelete(owner_of(vfs)->base, name, sync);
  };
  shim.xAccess = [](sqlite3_vfs* vfs, const char* name, int flags, int* out) {
    return owner_of(vfs)->base->xAccess(owner_of(vfs)->base, name, flags, out);
  };
  shim.xFullPathname = [](sqlite3_vfs* vfs, const char* name, int size, char* out) {
    return owner_of(vfs)->base->xFullPathname(owner_of(vfs)->base, name, size, out);
  };
  shim.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
  sqlite3_vfs_register(&shim, 1);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&impl_->shim);
  sqlite3_vfs_register(impl_->base, 1);
}

void FaultVfs::inject(Fault fault, std::int64_t after) {
  impl_->left = after;
  impl_->fault = fault;
}

void FaultVfs::power_off(const std::filesystem::path& into, DiskModel::Rest rest,
                         std::uint64_t seed) {
  impl_->disk.power_off(into, rest, seed);
}

std::int64_t FaultVfs::hits() const {
  return impl_->hits;
}
std::int64_t FaultVfs::log_writes() const {
  return impl_->log_writes;
}

}  // namespace every::sql::testing
