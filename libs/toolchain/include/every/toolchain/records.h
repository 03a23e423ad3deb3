#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"

namespace every::toolchain {

/// Everything a build's bytes depend on. Paths are relative to the project, so that two checkouts have one key.
struct BuildInputs {
  std::string language;
  std::uint32_t recipe =
      1;  ///< raised when the builder changes in a way that must reach the results
  std::vector<std::pair<std::string, ipld::Cid>> files;      ///< path and hash (hash_of_content)
  std::vector<std::pair<std::string, std::string>> options;  ///< profile, world, engine …
  std::vector<std::pair<std::string, std::string>> tools;    ///< name and version

  void add_file(std::string path, core::BytesView content);
  /// The key of the record: the CID of all this in canonical form, whatever the order of adding.
  [[nodiscard]] ipld::Cid key() const;
};

/// A hash of a file's content for BuildInputs.
[[nodiscard]] ipld::Cid hash_of_content(core::BytesView content);
/// The CID that Kubo and the node give a component file.
[[nodiscard]] ipld::Cid cid_of_component(core::BytesView content);

/// What an earlier build gave.
struct BuildRecord {
  ipld::Cid component;
  core::Bytes bytes;
};

/// Remembers which inputs gave which component. Source of docs/formats/build-records.md.
///
/// One folder: `records/<key>.json` and `components/<cid>.wasm`, each written by rename, so that two processes may use it at once. What
/// does not hash to its name is no record. thread: any
class BuildRecords {
 public:
  /// errors: kIo, kPermissionDenied
  [[nodiscard]] static core::Result<std::unique_ptr<BuildRecords>> open(
      const std::filesystem::path& folder);

  /// What these inputs gave before; none where there is no record, or a damaged one (which is removed).
  [[nodiscard]] core::Result<std::optional<BuildRecord>> find(const BuildInputs& inputs) const;
  /// errors: kIo
  [[nodiscard]] core::Status put(const BuildInputs& inputs, core::BytesView component) const;

  /// All records and their components as one file. out: how many records. errors: kIo
  [[nodiscard]] core::Result<std::size_t> export_to(const std::filesystem::path& file) const;
  /// Takes over the records of such a file; every part is checked. A record that is here already stays.
  /// out: how many are new. errors: kMalformed, kIntegrity (nothing is taken then), kNotFound, kIo
  [[nodiscard]] core::Result<std::size_t> import_from(const std::filesystem::path& file) const;

 private:
  explicit BuildRecords(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
};

}  // namespace every::toolchain
