#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"

namespace every::wasm {

/// Compiled code on disk, so that a component is compiled once on this machine.
///
/// An entry is three files named after the CID and what the code depends on: `.component` (the binary that was compiled), `.code`,
/// and `.entry` (size, WIT text, language, checksums of both and of itself), which is written last, so an entry is whole or
/// absent. Files are written by rename and never changed: code is mapped and runs. The folder must be this user's alone, else
/// there is no cache. thread: any, any number of processes.
class CodeCache {
 public:
  /// in: folder   made when absent
  /// errors: kPermissionDenied others may write to it; kIo
  [[nodiscard]] static core::Result<CodeCache> open(const std::filesystem::path& folder);

  /// What is told of a component without its bytes.
  struct About {
    std::string wit;
    std::optional<std::string>
        language;            ///< as in ComponentInfo; none in what earlier versions kept
    std::uint64_t size = 0;  ///< of the original bytes
  };
  struct Entry {
    std::filesystem::path code;
    std::filesystem::path component;
    About about;
    std::uint64_t component_sum =
        0;  ///< of the file `component`, which is not looked at before it is used
  };
  /// errors: none; a damaged or foreign entry counts as absent
  [[nodiscard]] std::optional<Entry> find(const ipld::Cid& cid,
                                          const std::string& fingerprint) const;
  /// Its binary, for another engine. errors: kIntegrity it is damaged (says what to do); kIo, kNotFound
  [[nodiscard]] static core::Result<core::Bytes> read_component(const std::filesystem::path& file,
                                                                std::uint64_t sum);
  /// errors: kIo, kPermissionDenied
  [[nodiscard]] core::Result<Entry> put(const ipld::Cid& cid, const std::string& fingerprint,
                                        core::BytesView code, core::BytesView component,
                                        About about) const;

 private:
  explicit CodeCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
  [[nodiscard]] std::filesystem::path path(const ipld::Cid& cid, const std::string& fingerprint,
                                           const char* extension) const;
  std::filesystem::path folder_;
};

}  // namespace every::wasm
