#include <algorithm>
#include <map>

#include "fuzz.h"

#include "every/ipld/unixfs.h"
#include "every/ipld/unixfs_data.h"
#include "every/ipld/unixfs_directory.h"

using namespace every::ipld;
using every::core::Bytes;
using every::core::BytesView;
using every::fuzz::require;

namespace {

void check_data(BytesView input) {
  if (const auto data = unixfs::decode_data(input)) {
    require(unixfs::decode_data(unixfs::encode_data(*data)) == *data, "decode gives back the data");
  }
}

std::vector<Bytes> cut_at_ff(BytesView input) {
  std::vector<Bytes> blocks(1);
  for (const std::uint8_t byte : input) {
    if (byte == 0xff) {
      blocks.emplace_back();
    } else {
      blocks.back().push_back(byte);
    }
  }
  return blocks;
}

/// Reads a file whose links lead, by the last byte of their CIDs, to blocks cut from the input at 0xff.
void check_read(BytesView input) {
  const std::vector<Bytes> blocks = cut_at_ff(input);
  constexpr std::uint64_t kMost = 4096;
  std::uint64_t given = 0;
  const auto source = [&](const Cid& cid) -> every::core::Result<Bytes> {
    return blocks[cid.encode().back() % blocks.size()];
  };
  const auto sink = [&](BytesView piece) -> every::core::Status {
    given += piece.size();
    return {};
  };
  const Cid root = Cid::make(1, Codec::kDagPb, {HashCode::kIdentity, {0}}).value();
  const auto read =
      unixfs::read_file(root, source, sink, {0, UINT64_MAX, kMost, unixfs::Verify::kNothing});
  require(given <= kMost, "no more is given than is taken");
  if (read) require(*read == given, "what was given is what was told");
}

/// Lists a directory made as in check_read, and looks for an entry of it.
void check_directory(BytesView input) {
  const std::vector<Bytes> blocks = cut_at_ff(input);
  int reads = 0;
  const auto source = [&](const Cid& cid) -> every::core::Result<Bytes> {
    if (++reads > 1000) return every::core::fail(every::core::ErrorCode::kNotFound, "enough");
    return blocks[cid.encode().back() % blocks.size()];
  };
  const Cid root = Cid::make(1, Codec::kDagPb, {HashCode::kIdentity, {0}}).value();
  const auto listed = unixfs::list_directory(root, source);
  reads = 0;
  const auto found = unixfs::find_entry(root, "a", source);
  if (listed && found && *found)
    require(std::ranges::any_of(*listed, [](const auto& entry) { return entry.name == "a"; }),
            "what is found is listed");
}

void check_round_trip(BytesView input) {
  unixfs::ImportOptions options;
  options.chunk_size = 1 + every::fuzz::take_byte(input) % 16U;
  options.max_links = 2 + every::fuzz::take_byte(input) % 4U;
  options.leaves =
      every::fuzz::take_byte(input) % 2 == 0 ? unixfs::Leaves::kRaw : unixfs::Leaves::kWrapped;
  std::map<Cid, Bytes> blocks;
  const auto sink = [&](const Cid& cid, BytesView block) -> every::core::Status {
    blocks.insert_or_assign(cid, every::core::to_bytes(block));
    return {};
  };
  const auto imported = unixfs::import_bytes(input, sink, options);
  require(imported.has_value(), "any content can be imported");
  const auto source = [&](const Cid& cid) -> every::core::Result<Bytes> { return blocks.at(cid); };
  require(
      unixfs::read_whole_file(imported->root, source, UINT64_MAX) == every::core::to_bytes(input),
      "reading gives back the content");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  check_data(input);
  check_read(input);
  check_directory(input);
  check_round_trip(input.first(std::min<std::size_t>(size, 512)));
  return 0;
}
