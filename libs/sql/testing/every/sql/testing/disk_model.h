#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace every::sql::testing {

/// What a disk has of files when the power goes: all that was synced, and of the rest any sectors in any order. thread: any
class DiskModel {
 public:
  void opened(const std::string& file);
  void wrote(const std::string& file, const void* bytes, std::int64_t size, std::int64_t offset);
  void truncated(const std::string& file, std::int64_t size);
  void synced(const std::string& file);
  enum class Folder : std::uint8_t { kSynced, kNot };
  /// Where nobody syncs the folder after it, the file may be there again.
  void deleted(const std::string& file, Folder folder);

  enum class Rest : std::uint8_t {
    kNone,  ///< nothing beyond what was synced
    kSome,  ///< sectors as `seed` has it
  };
  /// Writes into a folder what is left of each file, as if the power went now.
  void power_off(const std::filesystem::path& into, Rest rest, std::uint64_t seed);

 private:
  struct Change {
    std::int64_t offset = 0;  ///< of bytes; of a truncation: the new size
    std::vector<char> bytes;
    bool is_truncation = false;
  };
  struct File {
    std::vector<char> on_disk;
    bool name_on_disk = false;  ///< a deletion that was not synced leaves the name
    std::vector<Change> pending;
  };
  static void apply(std::vector<char>& content, const Change& change);

  std::mutex mutex_;
  std::map<std::string, File> files_;
};

}  // namespace every::sql::testing
