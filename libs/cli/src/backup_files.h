#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "places.h"

#include "every/core/error.h"

namespace every::cli {

/// One file of a backup. source: docs/formats/home.md
struct BackupFile {
  std::string_view name;
  std::string_view what;  ///< for a person
  enum class Kind : std::uint8_t { kDatabase, kSecret } kind;
  std::filesystem::path (*place)(const Places& places);  ///< where a home has it
};
/// All there may be. Restoring puts them in place in this order, the receipts last: what is there always has its content.
[[nodiscard]] const std::array<BackupFile, 5>& backup_files();

/// A file of a backup that is there.
struct KeptFile {
  const BackupFile* file = nullptr;
  std::uint64_t bytes = 0;
  std::string sha256;  ///< hex
};

/// Files that are there whole or not at all: a folder beside its place, under another name, moved there at the end.
class NewFolder {
 public:
  /// errors: kConflict something is at `place`; kNotFound, kPermissionDenied, kIo its parent
  [[nodiscard]] static core::Result<std::unique_ptr<NewFolder>> make(std::filesystem::path place);
  /// What was not finished is taken away again.
  ~NewFolder();
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return part_; }
  /// errors: as make
  [[nodiscard]] core::Status finish();

 private:
  NewFolder(std::filesystem::path place, std::filesystem::path part)
      : place_(std::move(place)), part_(std::move(part)) {}
  std::filesystem::path place_;
  std::filesystem::path part_;  // empty: it was moved
};

/// Copies a file to a new one, 0600, on the disk on return. out: its size and hash. errors: kNotFound, kConflict `to` is there, kPermissionDenied, kResourceExhausted, kIo
[[nodiscard]] core::Result<KeptFile> copy_hashed(const std::filesystem::path& from,
                                                 const std::filesystem::path& to);
/// errors: kNotFound, kPermissionDenied, kIo
[[nodiscard]] core::Result<KeptFile> hash_file(const std::filesystem::path& file);

/// `SHA256SUMS`: a line a file, as sha256sum writes and checks them.
[[nodiscard]] core::Status write_sums(const std::filesystem::path& folder,
                                      const std::vector<KeptFile>& files);
/// errors: kNotFound there is no backup; kMalformed a line that is none, or of a file that no backup has
[[nodiscard]] core::Result<std::vector<KeptFile>> read_sums(const std::filesystem::path& folder);

}  // namespace every::cli
