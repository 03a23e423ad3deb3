#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/core/file.h"

namespace every::wasm {

/// Compiled functions on disk, so that a component whose bytes changed in places costs only what changed: the runtime inside
/// a component of Python or JavaScript is the same each time.
///
/// Keys and contents are the engine's: a key covers all that the code of one function depends on, its compiler's version too. One file, in the folder of
/// the CodeCache and under its trust (this user's alone). It grows at its end; one that would grow beyond its limit is replaced by what was used last.
/// file: "every functions 1\n", then records: key [32] size:u32le checksum:u64le (of key and content) content [size]
/// Whatever does not read as a record ends the file: it is cut there before the next one is added.
/// thread: any, any number of processes
class FunctionCache {
 public:
  static constexpr std::size_t kKeySize = 32;
  static constexpr std::uint64_t kDefaultLimit = std::uint64_t{256} << 20;

  /// Reads nothing before the first use. in: limit   bytes of the file
  explicit FunctionCache(std::filesystem::path file, std::uint64_t limit = kDefaultLimit);
  ~FunctionCache();
  FunctionCache(const FunctionCache&) = delete;
  FunctionCache& operator=(const FunctionCache&) = delete;

  /// out: lives as long as the cache. errors: none; damage counts as absence
  [[nodiscard]] std::optional<core::BytesView> find(core::BytesView key);
  /// Kept in memory until save(); a process that may not write to the file keeps nothing.
  void put(core::BytesView key, core::BytesView content);
  /// Adds to the file what was put since the last time. errors: kIo, kPermissionDenied
  [[nodiscard]] core::Status save();

  /// Whether every record of a file is whole. cost: reads all of it
  [[nodiscard]] static bool is_sound(const std::filesystem::path& path);

  /// How many of the functions asked for were there, and how many not.
  [[nodiscard]] std::size_t hits() const { return hits_; }
  [[nodiscard]] std::size_t misses() const { return misses_; }

 private:
  struct Place {
    std::size_t begin = 0;  ///< of the record
    std::size_t size = 0;   ///< of the content
  };
  void open();
  /// A new file of what was used and added, in the place of the old one.
  [[nodiscard]] core::Status replace();

  std::filesystem::path file_;
  std::uint64_t limit_;
  std::once_flag opened_;
  core::BytesView mapped_;
  bool writable_ = false;
  std::unordered_map<std::string_view, Place> places_;  // keys lie in the mapping
  std::mutex mutex_;
  std::set<std::size_t> used_;  // begins of records
  core::Bytes added_;           // records
  std::atomic<std::size_t> hits_ = 0;
  std::atomic<std::size_t> misses_ = 0;
};

}  // namespace every::wasm
