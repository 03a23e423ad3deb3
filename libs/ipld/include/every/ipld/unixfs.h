#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"

/// Content of any size as a UnixFS v1 file, and back. Blocks come and go through the callers' functions.
/// source: https://specs.ipfs.tech/unixfs/ and docs/formats/unixfs.md
namespace every::ipld::unixfs {

/// Takes a finished block; children come before their parents, the root last. The view lives until the return. A block may
/// come more than once. An error ends the import and is handed on.
using BlockSink = std::function<core::Status(const Cid& cid, core::BytesView block)>;
/// Gives a block. errors: kNotFound absent; any other is handed on
using BlockSource = std::function<core::Result<core::Bytes>(const Cid& cid)>;
/// Takes the next piece of content; the view lives until the return. An error ends the reading and is handed on.
using ContentSink = std::function<core::Status(core::BytesView piece)>;

enum class Leaves : std::uint8_t {
  kRaw,      ///< a leaf is the bytes themselves
  kWrapped,  ///< a leaf is a DAG-PB node, as in CIDs of old
};
enum class CidVersion : std::uint8_t { k0, k1 };

/// How content is cut; together with the content it decides the CID. The defaults are `ipfs add --cid-version=1`.
struct ImportOptions {
  std::size_t chunk_size = 262144;  ///< [bytes], 1 … 1 MiB
  Leaves leaves = Leaves::kRaw;
  CidVersion version = CidVersion::k1;  ///< of DAG-PB nodes; raw leaves always have version 1
  std::size_t max_links = 174;          ///< of a node, 2 … 1024

  /// `ipfs add` of old: version 0 and wrapped leaves.
  [[nodiscard]] static ImportOptions version_0() {
    ImportOptions options;
    options.leaves = Leaves::kWrapped;
    options.version = CidVersion::k0;
    return options;
  }
};

struct Imported {
  Cid root;
  std::uint64_t size;      ///< [bytes] of content
  std::uint64_t dag_size;  ///< [bytes] of all blocks, repeated ones counted each time
  friend bool operator==(const Imported&, const Imported&) = default;
};

/// Makes a balanced tree of content that comes in pieces. One object, one file; not thread-safe.
///
/// Memory: one chunk and the open links, a few hundred for any size. Pieces that hold whole chunks are not copied.
class Importer {
 public:
  explicit Importer(BlockSink sink, const ImportOptions& options = {});
  ~Importer();
  Importer(Importer&&) noexcept;
  Importer& operator=(Importer&&) noexcept;

  /// errors: kInvalidArgument options out of their ranges; those of the sink, after which only destruction makes sense
  /// cost: linear, one hash over the content
  [[nodiscard]] core::Status add(core::BytesView piece);
  /// Ends the content. errors: as add
  [[nodiscard]] core::Result<Imported> finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The import of content that is all there; an empty sink throws the blocks away and only names the content.
/// errors: as Importer::add
[[nodiscard]] core::Result<Imported> import_bytes(core::BytesView content,
                                                  const BlockSink& sink = {},
                                                  const ImportOptions& options = {});

enum class Verify : std::uint8_t {
  kHashes,   ///< every block is hashed against its CID
  kNothing,  ///< the source has done it
};

struct ReadOptions {
  std::uint64_t offset = 0;  ///< [bytes] where to begin; at or past the end nothing is given
  std::uint64_t length = UINT64_MAX;  ///< [bytes] at most
  std::uint64_t max_size =
      UINT64_MAX;  ///< [bytes] the most that is given; more is refused before the first piece
  Verify verify = Verify::kHashes;
};

/// How deep a file's tree may be; Kubo's reach 8 at 2^64 bytes.
inline constexpr std::size_t kMaxFileDepth = 32;

/// Gives a file's content, or a range of it, in order.
///
/// in:     root   a UnixFS file (dag-pb) or a single raw block
/// out:    how many bytes were given
/// errors: kInvalidArgument not a file, its kind is named (directory, HAMT directory, symbolic link; other codecs);
///         kIntegrity a block that does not match its CID, or another size than its parent told;
///         kMalformed a node that does not parse, sizes that do not add up, links that hold nothing;
///         kResourceExhausted deeper than kMaxFileDepth, or more than max_size;
///         those of the source (a missing block stays kNotFound, with the CID named) and the sink
/// cost: reads only blocks the range touches; memory: one block a level. thread: any, source and sink are called on it
[[nodiscard]] core::Result<std::uint64_t> read_file(const Cid& root, const BlockSource& source,
                                                    const ContentSink& sink,
                                                    const ReadOptions& options = {});

/// As read_file, piece by piece when the caller wants the next. Not thread-safe.
class FileReader {
 public:
  /// Reads the root block. errors: as read_file
  [[nodiscard]] static core::Result<FileReader> open(const Cid& root, BlockSource source,
                                                     const ReadOptions& options = {});
  ~FileReader();
  FileReader(FileReader&&) noexcept;
  FileReader& operator=(FileReader&&) noexcept;

  /// Of the whole file [bytes]: what the root claims, which next() checks as it goes.
  [[nodiscard]] std::uint64_t size() const;
  /// How many bytes are given in all.
  [[nodiscard]] std::uint64_t length() const;
  /// The next bytes, never empty; none at the end. errors: as read_file; after one the reader is at its end
  [[nodiscard]] core::Result<std::optional<core::Bytes>> next();

 private:
  class Impl;
  explicit FileReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// A whole file in memory. in: max_size   the most that is taken [bytes]. errors: as read_file
[[nodiscard]] core::Result<core::Bytes> read_whole_file(const Cid& root, const BlockSource& source,
                                                        std::uint64_t max_size);

/// The size of a file by its root block alone: what the root claims, which read_file checks. errors: as read_file
[[nodiscard]] core::Result<std::uint64_t> file_size(const Cid& root, const BlockSource& source);

}  // namespace every::ipld::unixfs
