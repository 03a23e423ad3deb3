#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "console.h"

#include "every/core/cancel.h"
#include "every/core/error.h"
#include "every/toolchain/build.h"

namespace every::cli {

/// The engines as the toolchain needs them.
[[nodiscard]] const toolchain::WasmTools& wasm_tools();

/// Ctrl-C and TERM cancel a token while this lives; the second one ends the process. Made before the process has threads.
class CancelOnSignal {
 public:
  CancelOnSignal();
  CancelOnSignal(const CancelOnSignal&) = delete;
  CancelOnSignal& operator=(const CancelOnSignal&) = delete;
  ~CancelOnSignal();
  [[nodiscard]] core::CancelToken token() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Everything a build needs, of one home. What tools print goes to standard error as it comes.
struct ToolchainAccess {
  toolchain::ToolchainPlaces places;
  std::unique_ptr<toolchain::BuildRecords> records;
  std::unique_ptr<toolchain::BuildContext> context;  ///< refers to `places`

  /// A file that is written whenever tools have been installed, so that a node can build what lacked them.
  [[nodiscard]] std::filesystem::path installed_mark() const {
    return places.toolchains / "last-installed";
  }

  /// errors: kInvalidArgument nothing says where the user's files are; kIo, kPermissionDenied
  [[nodiscard]] static core::Result<std::unique_ptr<ToolchainAccess>> open(
      const std::optional<std::string>& home, core::CancelToken cancel, const Console& console);
};

/// Whether a path is a source or a project, which is to be built, and not a component.
[[nodiscard]] bool is_source(const std::string& path);

/// The components of function files: sources among them are built as `every dev` builds them, the rest stays as it is. Made before the
/// process has threads.
/// errors: those of toolchain::build
[[nodiscard]] core::Result<std::vector<std::string>> build_sources(
    const std::vector<std::string>& paths, const std::optional<std::string>& home,
    const Console& console);

}  // namespace every::cli
