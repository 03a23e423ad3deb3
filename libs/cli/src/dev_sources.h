#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "console.h"
#include "file_watch.h"
#include "known_files.h"
#include "places.h"
#include "toolchain_access.h"

#include "every/runtime/node.h"

namespace every::cli {

/// What `every dev` serves: components, and sources that it builds. A file that changes is built again and its functions are swapped.
///
/// A build that fails keeps the last good one. Runs under way keep the component they began with. thread: the owner's
class DevSources {
 public:
  /// References live as long as the object. in: paths   files and folders, as given
  /// errors: kNotFound … of opening the toolchain's places
  [[nodiscard]] static core::Result<std::unique_ptr<DevSources>> open(
      runtime::Node& node, const std::vector<std::string>& paths,
      const std::optional<std::string>& home, const Places& places, const Console& console);
  DevSources(const DevSources&) = delete;
  DevSources& operator=(const DevSources&) = delete;
  /// Ends watching, and a build under way.
  ~DevSources();

  /// Begins to note changes; builds what has to be built, several at once, and loads all in the order given, with a line for each that fails.
  /// out: how many are served
  [[nodiscard]] std::size_t load();
  /// Whether there is something to wait for: a source, which a person may be about to mend.
  [[nodiscard]] bool has_sources() const;
  /// Begins to act on changes, those during load() too, on a thread of its own. errors: those of FileWatch
  [[nodiscard]] core::Status watch();

 private:
  struct Entry {
    std::string path;
    std::string label;
    std::filesystem::path absolute;  ///< made once: the current folder may go away
    bool is_source = false;
    bool failed = false;  ///< the last time it was made
    std::optional<ipld::Cid> served;
    std::vector<std::filesystem::path> watched;  ///< absolute
  };
  /// Bytes to serve, built or read; none yet of a file whose CID is known.
  struct Made {
    core::Bytes bytes;
    std::vector<std::string> notices;
    std::vector<std::filesystem::path> watched;
    KnownFiles::Seen seen;
  };

  DevSources(runtime::Node& node, const Places& places, const Console& console)
      : node_(node), console_(console), known_(places.cache) {}
  [[nodiscard]] core::Result<Made> make(const Entry& entry);
  /// Makes these, several at once, and serves what is new. out: how many went well
  std::size_t renew(const std::vector<Entry*>& entries);
  /// Serves it by the CID it is known by. out: false if it has to be read for that
  bool serve_known(Entry& entry, const KnownFiles::Seen& seen);
  /// errors: those of Node::load, of read_function
  core::Status serve(Entry& entry, Made made, std::chrono::steady_clock::time_point began);
  void tell_clashes() const;
  [[nodiscard]] std::vector<std::filesystem::path> all_watched() const;
  void run();

  runtime::Node& node_;
  const Console& console_;
  KnownFiles known_;
  core::CancelSource cancel_;
  toolchain::WarmTools warm_;
  std::unique_ptr<ToolchainAccess> access_;
  std::vector<Entry> entries_;
  bool started_ = false;  ///< whether what is loaded from now on is a change
  std::unique_ptr<FileWatch> files_;
  std::thread thread_;
};

}  // namespace every::cli
