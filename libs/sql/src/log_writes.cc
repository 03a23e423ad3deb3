#include "log_writes.h"

#include <cstddef>

namespace every::sql {
namespace {

constexpr std::size_t kFrameHeaderBytes = 24;
// SQLite writes at most 128 KiB at a time.
constexpr std::size_t kMostBytes = 120'000;

/// Whether a frame's header says how long the database is after it: only the last frame of a transaction does.
bool commits(core::BytesView header) {
  return (header[4] | header[5] | header[6] | header[7]) != 0;
}

}  // namespace

LogWrites& LogWrites::of(sqlite3_file* file) {
  return *static_cast<const Methods*>(file->pMethods)->owner;
}

template <auto Method, typename... Arguments>
int LogWrites::after_flush(sqlite3_file* log, Arguments... arguments) {
  LogWrites& self = of(log);
  const int flushed = self.flush();
  return flushed != SQLITE_OK ? flushed : (self.real_->*Method)(log, arguments...);
}

void LogWrites::attach(sqlite3* database) {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) != SQLITE_OK)
    return;
  if (file == nullptr || file->pMethods == nullptr) return;
  real_ = file->pMethods;
  file_ = file;
  gathered_.reserve(kMostBytes);
  static_cast<sqlite3_io_methods&>(methods_) = *real_;
  methods_.owner = this;
  methods_.xWrite = [](sqlite3_file* log, const void* bytes, int count, sqlite3_int64 offset) {
    return of(log).write({static_cast<const std::uint8_t*>(bytes), static_cast<std::size_t>(count)},
                         offset);
  };
  methods_.xRead = after_flush<&sqlite3_io_methods::xRead>;
  methods_.xTruncate = after_flush<&sqlite3_io_methods::xTruncate>;
  methods_.xSync = after_flush<&sqlite3_io_methods::xSync>;
  methods_.xFileSize = after_flush<&sqlite3_io_methods::xFileSize>;
  methods_.xClose = [](sqlite3_file* log) {
    of(log).detach();
    return log->pMethods->xClose(log);
  };
  file->pMethods = &methods_;
}

void LogWrites::detach() {
  if (file_ != nullptr) file_->pMethods = real_;
  file_ = nullptr;
  gathered_.clear();
}

int LogWrites::flush() {
  if (gathered_.empty() || file_ == nullptr) return SQLITE_OK;
  const int written =
      real_->xWrite(file_, gathered_.data(), static_cast<int>(gathered_.size()), offset_);
  gathered_.clear();
  return written;
}

int LogWrites::write(core::BytesView bytes, sqlite3_int64 offset) {
  const bool goes_on = offset == offset_ + static_cast<sqlite3_int64>(gathered_.size());
  if (!goes_on || gathered_.size() + bytes.size() > kMostBytes) {
    if (const int flushed = flush(); flushed != SQLITE_OK) return flushed;
  }
  const bool is_header = bytes.size() == kFrameHeaderBytes;
  if (is_header) commits_ = commits(bytes);
  // Also where a page comes in two parts.
  const bool ends = !is_header && commits_;
  if (gathered_.empty()) {
    if (bytes.size() > kMostBytes)
      return real_->xWrite(file_, bytes.data(), static_cast<int>(bytes.size()), offset);
    offset_ = offset;
  }
  gathered_.insert(gathered_.end(), bytes.begin(), bytes.end());
  return ends ? flush() : SQLITE_OK;
}

}  // namespace every::sql
