#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "every/core/bytes.h"
#include "every/core/cancel.h"
#include "every/toolchain/build.h"
#include "every/toolchain/process.h"
#include "every/toolchain/warm_tools.h"
#include "every/toolchain/wit_folder.h"

namespace every::toolchain {

/// A componentize-py that has compiled CPython and waits; each build goes on from there in a copy of its process (python/warm/warm.c), and
/// gives what the tool gives when it is run for it alone. thread: one at a time
class WarmPython final : public WarmTools::Tool {
 public:
  /// Starts the tool; until it is ready it works in the background.
  ///
  /// in: work   laid out for this build, kept; spec   how the tool is run there; what   all that is not the content of a source
  /// errors: those of StandingProcess
  [[nodiscard]] static core::Result<std::unique_ptr<WarmPython>> start(WorkFolder work,
                                                                       const ProcessSpec& spec,
                                                                       std::string what);

  [[nodiscard]] const std::string& what() const { return what_; }
  /// Builds the sources as they are now.
  ///
  /// in: files   the same names as when it was started, relative to the work folder
  /// out: the component; or nothing: the sources are wrong or the tool was lost, and running it alone says which
  [[nodiscard]] std::optional<core::Bytes> build(std::span<const TextFile> files,
                                                 const core::CancelToken& cancel);
  /// Whether it can be used again.
  [[nodiscard]] bool alive() const { return process_ != nullptr; }

 private:
  WarmPython(WorkFolder work, std::unique_ptr<StandingProcess> process, std::string what)
      : work_(std::move(work)), process_(std::move(process)), what_(std::move(what)) {}
  [[nodiscard]] bool wait_until_ready(const core::CancelToken& cancel);
  [[nodiscard]] bool make(const core::CancelToken& cancel);
  /// What a copy has left (bytecode of modules) would be found by the next one, which would then see another machine.
  void remove_leavings() const;

  WorkFolder work_;
  std::unique_ptr<StandingProcess> process_;
  std::string what_;
  bool ready_ = false;
  std::set<std::filesystem::path> laid_out_;
};

}  // namespace every::toolchain
