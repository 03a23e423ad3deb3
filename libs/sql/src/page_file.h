#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/sql/inquiry.h"

namespace every::sql {

/// The pages of a database file as they are, read without SQLite: what is damaged hides nothing but itself. thread: one at a time
///
/// source: https://www.sqlite.org/fileformat2.html
class PageFile {
 public:
  /// in: page_bytes   taken where the file's header does not say one
  /// errors: those of opening and mapping the file
  [[nodiscard]] static core::Result<PageFile> open(const std::filesystem::path& file,
                                                   std::uint32_t page_bytes);
  PageFile(PageFile&& other) noexcept;
  PageFile& operator=(PageFile&&) = delete;
  PageFile(const PageFile&) = delete;
  PageFile& operator=(const PageFile&) = delete;
  ~PageFile();

  using Number = std::uint32_t;  ///< of a page, from 1
  [[nodiscard]] Number pages() const { return pages_; }

  enum class Tree : std::uint8_t { kTable, kIndex };
  struct Record {
    Tree tree = Tree::kTable;
    std::int64_t rowid = 0;        ///< of a table's
    std::span<const Cell> values;  ///< valid until the call returns
  };
  using OnRecord = std::function<void(const Record&)>;
  /// The records in the cells of one page; none where it is no page of a tree. Cells that make no sense are left out. out: how many those were
  std::size_t each_record(Number page, const OnRecord& on_record) const;

  /// All pages of the tree below a root, each once; `seen` has an entry a page (and one for 0) and gains them. Broken branches are left out.
  [[nodiscard]] std::vector<Number> tree_of(Number root, std::vector<bool>& seen) const;
  /// Marks the pages that belong to nothing now, and may hold what was deleted.
  void mark_free(std::vector<bool>& seen) const;

 private:
  PageFile(core::BytesView bytes, std::uint32_t page_bytes);
  [[nodiscard]] core::BytesView page(Number number) const;
  [[nodiscard]] core::Bytes payload(core::BytesView cell, std::uint64_t size, Tree tree) const;

  core::BytesView bytes_;
  std::uint32_t page_bytes_;
  Number pages_;
};

}  // namespace every::sql
