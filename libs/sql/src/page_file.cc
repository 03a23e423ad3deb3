#include "page_file.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "every/core/file.h"

namespace every::sql {
namespace {

constexpr std::size_t kHeader = 100;
constexpr std::uint8_t kInteriorIndex = 2;
constexpr std::uint8_t kInteriorTable = 5;
constexpr std::uint8_t kLeafIndex = 10;
constexpr std::uint8_t kLeafTable = 13;

std::uint64_t big_endian(core::BytesView bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i) number = number << 8 | bytes[at + i];
  return number;
}

/// Takes a number of SQLite's variable length from the front.
std::optional<std::uint64_t> take_varint(core::BytesView& bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 9 && i < bytes.size(); ++i) {
    const std::uint8_t byte = bytes[i];
    number = i == 8 ? number << 8 | byte : number << 7 | (byte & 0x7fU);
    if (i < 8 && (byte & 0x80U) != 0) continue;
    bytes = bytes.subspan(i + 1);
    return number;
  }
  return std::nullopt;
}

std::size_t integer_size(std::uint64_t type) {
  constexpr std::size_t kSizes[] = {0, 1, 2, 3, 4, 6, 8};
  return kSizes[type];
}

std::int64_t signed_of(std::uint64_t number, std::size_t size) {
  if (size < 8 && (number >> (8 * size - 1) & 1U) != 0) number |= ~std::uint64_t{0} << (8 * size);
  return std::bit_cast<std::int64_t>(number);
}

/// One value of a record, its bytes taken from the front of `body`.
std::optional<Cell> take_value(std::uint64_t type, core::BytesView& body) {
  const auto take = [&](std::uint64_t size) -> std::optional<core::BytesView> {
    if (size > body.size()) return std::nullopt;
    const auto taken = body.first(static_cast<std::size_t>(size));
    body = body.subspan(taken.size());
    return taken;
  };
  if (type == 0) return Cell();
  if (type == 8 || type == 9) return Cell(static_cast<std::int64_t>(type - 8));
  if (type <= 7) {
    const std::size_t size = type == 7 ? 8 : integer_size(type);
    const auto taken = take(size);
    if (!taken) return std::nullopt;
    const std::uint64_t number = big_endian(*taken, 0, size);
    if (type == 7) return Cell(std::bit_cast<double>(number));
    return Cell(signed_of(number, size));
  }
  if (type < 12) return std::nullopt;
  const auto taken = take((type - 12) / 2);
  if (!taken) return std::nullopt;
  if (type % 2 == 0) return Cell(*taken);
  return Cell(core::as_text(*taken));
}

/// The values of a record; nothing where it is none.
std::optional<std::vector<Cell>> values_of(core::BytesView record) {
  core::BytesView types = record;
  const auto head = take_varint(types);
  if (!head || *head > record.size()) return std::nullopt;
  const auto used = record.size() - types.size();
  if (*head < used) return std::nullopt;
  types = types.first(static_cast<std::size_t>(*head) - used);
  core::BytesView body = record.subspan(static_cast<std::size_t>(*head));
  std::vector<Cell> values;
  while (!types.empty()) {
    const auto type = take_varint(types);
    if (!type) return std::nullopt;
    auto value = take_value(*type, body);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

struct PageHead {
  std::uint8_t kind = 0;
  std::size_t begin = 0;  ///< of the head, within the page
  std::size_t cells = 0;
  [[nodiscard]] bool interior() const { return kind == kInteriorIndex || kind == kInteriorTable; }
  [[nodiscard]] std::size_t pointers() const { return begin + (interior() ? 12 : 8); }
};

std::optional<PageHead> head_of(core::BytesView page, PageFile::Number number) {
  PageHead head;
  head.begin = number == 1 ? kHeader : 0;
  if (page.size() < head.begin + 12) return std::nullopt;
  head.kind = page[head.begin];
  if (head.kind != kInteriorIndex && head.kind != kInteriorTable && head.kind != kLeafIndex &&
      head.kind != kLeafTable)
    return std::nullopt;
  head.cells = big_endian(page, head.begin + 3, 2);
  // As many as there is room to point at: a larger number is damage, and the first ones may be sound all the same.
  head.cells = std::min(head.cells, (page.size() - head.pointers()) / 2);
  return head;
}

core::BytesView cell_at(core::BytesView page, const PageHead& head, std::size_t number) {
  const std::size_t at = big_endian(page, head.pointers() + 2 * number, 2);
  if (at < head.pointers() || at >= page.size()) return {};
  return page.subspan(at);
}

}  // namespace

PageFile::PageFile(core::BytesView bytes, std::uint32_t page_bytes)
    : bytes_(bytes), page_bytes_(page_bytes) {
  if (bytes.size() > 18) {
    const std::uint64_t told = big_endian(bytes, 16, 2);
    const std::uint64_t size = told == 1 ? 65536 : told;
    if (size >= 512 && std::has_single_bit(size)) page_bytes_ = static_cast<std::uint32_t>(size);
  }
  pages_ = static_cast<Number>(bytes.size() / page_bytes_);
}

PageFile::PageFile(PageFile&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})),
      page_bytes_(other.page_bytes_),
      pages_(std::exchange(other.pages_, 0)) {}

PageFile::~PageFile() {
  if (bytes_.empty()) return;
  // munmap takes what mmap gave.
  ::munmap(
      const_cast<std::uint8_t*>(bytes_.data()),  // NOLINT(cppcoreguidelines-pro-type-const-cast)
      bytes_.size());
}

core::Result<PageFile> PageFile::open(const std::filesystem::path& file, std::uint32_t page_bytes) {
  const core::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0)
    return core::fail(core::system_error("cannot read", file, errno));
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return PageFile({}, page_bytes);
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (mapped == MAP_FAILED) return core::fail(core::system_error("cannot read", file, errno));
  return PageFile({static_cast<const std::uint8_t*>(mapped), size}, page_bytes);
}

core::BytesView PageFile::page(Number number) const {
  if (number == 0 || number > pages_) return {};
  return bytes_.subspan(std::size_t{page_bytes_} * (number - 1), page_bytes_);
}

core::Bytes PageFile::payload(core::BytesView cell, std::uint64_t size, Tree tree) const {
  // How much of a payload stands in its cell: the format's own arithmetic.
  const std::uint64_t usable = page_bytes_;
  const std::uint64_t least = (usable - 12) * 32 / 255 - 23;
  const std::uint64_t most = tree == Tree::kTable ? usable - 35 : (usable - 12) * 64 / 255 - 23;
  if (size > bytes_.size()) return {};
  std::uint64_t local = size;
  if (size > most) {
    const std::uint64_t even = least + (size - least) % (usable - 4);
    local = even <= most ? even : least;
  }
  if (local > cell.size()) return {};
  core::Bytes whole = core::to_bytes(cell.first(static_cast<std::size_t>(local)));
  if (local == size) return whole;
  if (local + 4 > cell.size()) return {};
  auto next = static_cast<Number>(big_endian(cell, static_cast<std::size_t>(local), 4));
  while (whole.size() < size) {
    const core::BytesView more = page(next);
    if (more.empty()) return {};
    const auto piece = more.subspan(4, std::min<std::size_t>(more.size() - 4, size - whole.size()));
    whole.insert(whole.end(), piece.begin(), piece.end());
    next = static_cast<Number>(big_endian(more, 0, 4));
  }
  return whole;
}

std::size_t PageFile::each_record(Number number, const OnRecord& on_record) const {
  const core::BytesView bytes = page(number);
  const auto head = head_of(bytes, number);
  // What is within a table's tree only leads to its leaves.
  if (!head || head->kind == kInteriorTable) return 0;
  const Tree tree = head->kind == kLeafTable ? Tree::kTable : Tree::kIndex;
  std::size_t broken = 0;
  for (std::size_t i = 0; i < head->cells; ++i) {
    core::BytesView cell = cell_at(bytes, *head, i);
    if (head->interior()) cell = cell.size() > 4 ? cell.subspan(4) : core::BytesView();
    const auto size = take_varint(cell);
    const auto rowid = tree == Tree::kTable ? take_varint(cell) : std::optional<std::uint64_t>(0);
    const core::Bytes record = size && rowid ? payload(cell, *size, tree) : core::Bytes();
    const auto values = values_of(record);
    if (record.empty() || !values) {
      ++broken;
      continue;
    }
    on_record({tree, std::bit_cast<std::int64_t>(*rowid), *values});
  }
  return broken;
}

std::vector<PageFile::Number> PageFile::tree_of(Number root, std::vector<bool>& seen) const {
  std::vector<Number> found;
  std::vector<Number> left{root};
  while (!left.empty()) {
    const Number number = left.back();
    left.pop_back();
    if (number == 0 || number > pages_ || seen[number]) continue;
    const core::BytesView bytes = page(number);
    const auto head = head_of(bytes, number);
    if (!head) continue;
    seen[number] = true;
    found.push_back(number);
    if (!head->interior()) continue;
    left.push_back(static_cast<Number>(big_endian(bytes, head->begin + 8, 4)));
    for (std::size_t i = 0; i < head->cells; ++i) {
      const core::BytesView cell = cell_at(bytes, *head, i);
      if (cell.size() >= 4) left.push_back(static_cast<Number>(big_endian(cell, 0, 4)));
    }
  }
  return found;
}

void PageFile::mark_free(std::vector<bool>& seen) const {
  if (bytes_.size() < kHeader) return;
  auto trunk = static_cast<Number>(big_endian(bytes_, 32, 4));
  while (trunk != 0 && trunk <= pages_ && !seen[trunk]) {
    seen[trunk] = true;
    const core::BytesView bytes = page(trunk);
    const std::uint64_t leaves =
        std::min<std::uint64_t>(big_endian(bytes, 4, 4), (page_bytes_ - 8) / 4);
    for (std::uint64_t i = 0; i < leaves; ++i) {
      const auto leaf =
          static_cast<Number>(big_endian(bytes, 8 + 4 * static_cast<std::size_t>(i), 4));
      if (leaf != 0 && leaf <= pages_) seen[leaf] = true;
    }
    trunk = static_cast<Number>(big_endian(bytes, 0, 4));
  }
}

}  // namespace every::sql
