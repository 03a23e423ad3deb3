#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/toolchain/language_builder.h"

namespace every::toolchain {

/// A component, and how it came about.
struct Built {
  Source source;
  std::filesystem::path file;  ///< absolute; where it was written
  core::Bytes bytes;
  ipld::Cid cid = cid_of_component({});
  World world;  ///< what it imports and exports
  enum class How : std::uint8_t {
    kBuilt,
    kRecorded,  ///< taken from the build record
    kAsIs,      ///< it was a component already
  } how = How::kBuilt;
  std::vector<std::string> notices;
  std::vector<std::filesystem::path> watched;
  std::chrono::nanoseconds duration{0};

  /// Its functions, without what language runtimes export for themselves (componentize-qjs's `init`, componentize-py's `exports`).
  [[nodiscard]] std::vector<const WitFunction*> functions() const;
  /// What its imports say about it: that its result depends on its arguments alone, or what it asks for that is virtual here.
  [[nodiscard]] std::string purity() const;
};

/// Builds one path: detects the language, looks in the record, builds, makes it a component, writes it, keeps the record.
///
/// The output file appears by a rename, and not at all when it has these bytes already.
/// errors: those of detect_source, LanguageBuilder::prepare, BuildJob::run; kMalformed what the tool made is no component
/// cost: blocks; seconds to minutes. thread: any
[[nodiscard]] core::Result<Built> build(const BuildRequest& request, const BuildContext& context,
                                        const BuildRecords& records);

/// An empty folder for one build, removed with the object.
class WorkFolder {
 public:
  /// in: parent   made if it is not there. errors: kIo
  [[nodiscard]] static core::Result<WorkFolder> make(const std::filesystem::path& parent);
  WorkFolder(WorkFolder&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  WorkFolder& operator=(WorkFolder&&) = delete;
  ~WorkFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit WorkFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace every::toolchain
