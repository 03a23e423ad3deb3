#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>

#include "every/core/guarded.h"
#include "every/ipld/cid.h"

namespace every::cli {

/// What tells that a file is the one it was, as far as its content goes.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;     ///< bytes
  std::int64_t modified = 0;  ///< nanoseconds since 1970
  std::int64_t changed = 0;   ///< the same; nobody can set it back
  auto operator<=>(const FileIdentity&) const = default;
};

/// The CIDs of component files that were served before, so that a start neither reads nor hashes what did not change.
///
/// A hint: what is found is looked up by its CID, and read after all where nothing is known of that. A file that was changed a moment ago is
/// not remembered, since it could change again within one tick of the clock that its times come from. thread: any
class KnownFiles {
 public:
  /// in: folder   `known-files` is in it; one that is not this user's alone is not used
  /// errors: none; lines that cannot be read say nothing
  explicit KnownFiles(const std::filesystem::path& folder);

  /// A file as it is now: with an identity if it may be remembered, with a CID if it is.
  struct Seen {
    std::optional<FileIdentity> identity;
    std::optional<ipld::Cid> cid;
  };
  [[nodiscard]] Seen look(const std::filesystem::path& path);
  /// in: identity   as look() told before the file was read
  void remember(const FileIdentity& identity, const ipld::Cid& cid);
  /// Writes what is new. What cannot be written costs time at the next start, and nothing else.
  void save();

 private:
  struct State {
    std::map<FileIdentity, ipld::Cid> known;
    bool is_changed = false;
  };
  std::filesystem::path file_;  ///< empty: nothing is kept
  core::Guarded<State> state_;
};

}  // namespace every::cli
