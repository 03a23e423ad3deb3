#include "every/ipld/unixfs_directory.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "murmur3.h"

#include "every/ipld/dag_pb.h"

namespace every::ipld::unixfs {
namespace {

using core::ErrorCode;

constexpr std::uint64_t kMurmur3 = 0x22;
constexpr std::uint64_t kFanout = 256;
constexpr std::size_t kPrefix = 2;  // hex digits before a name in a shard of 256
constexpr std::size_t kLevels = 8;  // bytes of the hash, one a level

std::unexpected<core::Error> fail_at(const Cid& cid, ErrorCode code, const std::string& why) {
  const std::string text = cid.render();
  return core::fail(core::Error{code, "unixfs: block " + text + ": " + why, {}}.with("cid", text));
}

struct Parsed {
  dag_pb::Node node;
  Data data;
};

core::Result<Parsed> parse(const Cid& cid, core::BytesView block) {
  if (cid.codec() != Codec::kDagPb)
    return fail_at(cid, ErrorCode::kInvalidArgument, "it is not UnixFS (not dag-pb)");
  auto node = dag_pb::decode(block);
  if (!node) return fail_at(cid, ErrorCode::kMalformed, node.error().message);
  if (!node->data) return fail_at(cid, ErrorCode::kMalformed, "a dag-pb node without UnixFS data");
  auto data = decode_data(*node->data);
  if (!data) return fail_at(cid, ErrorCode::kMalformed, data.error().message);
  return Parsed{std::move(*node), std::move(*data)};
}

core::Result<Parsed> fetch_directory(const Cid& cid, const BlockSource& source) {
  EVERY_TRY_ASSIGN(const core::Bytes block, source(cid));
  EVERY_TRY_ASSIGN(Parsed parsed, parse(cid, block));
  const Data& data = parsed.data;
  if (data.type == Type::kDirectory) return parsed;
  if (data.type != Type::kHamtShard)
    return fail_at(cid, ErrorCode::kInvalidArgument,
                   "it is " + std::string(describe(data.type)) + ", not a directory");
  if (data.fanout != kFanout || data.hash_type != kMurmur3)
    return fail_at(cid, ErrorCode::kUnsupported,
                   "a HAMT directory that is not of 256 slots and murmur3");
  return parsed;
}

Entry entry_of(dag_pb::Link link, std::size_t prefix) {
  return {link.name.value_or(std::string()).substr(prefix), std::move(link.cid),
          link.tsize.value_or(0)};
}

struct Listing {
  std::vector<Entry> entries;
  std::size_t shards = 0;
};

core::Status list_into(const Cid& cid, const BlockSource& source, std::size_t level,
                       Listing& listing) {
  // Shards without entries count, too: a hostile tree of them would make listing endless.
  if (level > kLevels || ++listing.shards > kMaxEntries)
    return fail_at(cid, ErrorCode::kResourceExhausted, "too many shards, or too deep");
  EVERY_TRY_ASSIGN(Parsed parsed, fetch_directory(cid, source));
  const bool sharded = parsed.data.type == Type::kHamtShard;
  if (!sharded && level > 0)
    return fail_at(cid, ErrorCode::kMalformed, "a plain directory in the place of a shard");
  for (dag_pb::Link& link : parsed.node.links) {
    const std::size_t length = link.name ? link.name->size() : 0;
    if (sharded && length < kPrefix)
      return fail_at(cid, ErrorCode::kMalformed, "a link of a shard without its slot");
    if (sharded && length == kPrefix) {
      EVERY_TRY(list_into(link.cid, source, level + 1, listing));
      continue;
    }
    if (listing.entries.size() == kMaxEntries)
      return fail_at(cid, ErrorCode::kResourceExhausted,
                     "more than " + std::to_string(kMaxEntries) + " entries");
    listing.entries.push_back(entry_of(std::move(link), sharded ? kPrefix : 0));
  }
  return {};
}

std::string slot_name(std::uint64_t hash, std::size_t level) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto slot = static_cast<std::uint8_t>(hash >> (56 - 8 * level));
  return {kDigits[slot >> 4], kDigits[slot & 15]};
}

std::string_view name_of(const dag_pb::Link& link) {
  return link.name ? std::string_view(*link.name) : std::string_view();
}

struct Writer {
  const BlockSink& sink;
  CidVersion version;

  core::Result<Imported> put(const dag_pb::Node& node) const {
    EVERY_TRY_ASSIGN(const core::Bytes block, dag_pb::encode(node));
    const Cid v1 = Cid::of(Codec::kDagPb, HashCode::kSha2_256, block);
    EVERY_TRY_ASSIGN(Cid cid, version == CidVersion::k1
                                  ? core::Result<Cid>(v1)
                                  : Cid::make(0, Codec::kDagPb,
                                              {HashCode::kSha2_256, core::to_bytes(v1.digest())}));
    if (sink) EVERY_TRY(sink(cid, block));
    std::uint64_t size = block.size();
    for (const dag_pb::Link& link : node.links) size += link.tsize.value_or(0);
    return Imported{std::move(cid), 0, size};
  }
};

/// The shard of entries that agree in the first bytes of their hashes. in: entries   sorted by hash
core::Result<Imported> make_shard(std::span<std::pair<std::uint64_t, Entry>> entries,
                                  std::size_t level, const Writer& writer) {
  if (level == kLevels)
    return core::fail(ErrorCode::kResourceExhausted,
                      "two names of the directory have the same hash: " + entries[0].second.name +
                          " and " + entries[1].second.name);
  dag_pb::Node node;
  Data data{.type = Type::kHamtShard, .hash_type = kMurmur3, .fanout = kFanout};
  std::array<std::uint8_t, kFanout / 8> slots{};
  const auto slot_of = [level](const std::pair<std::uint64_t, Entry>& entry) {
    return static_cast<std::uint8_t>(entry.first >> (56 - 8 * level));
  };
  while (!entries.empty()) {
    const std::uint8_t slot = slot_of(entries.front());
    const auto end =
        std::ranges::find_if(entries, [&](const auto& entry) { return slot_of(entry) != slot; });
    const auto count = static_cast<std::size_t>(end - entries.begin());
    slots[slots.size() - 1 - slot / 8] |= static_cast<std::uint8_t>(1u << (slot % 8));
    const std::string name = slot_name(entries.front().first, level);
    if (count == 1) {
      const Entry& entry = entries.front().second;
      node.links.push_back({entry.cid, name + entry.name, entry.dag_size});
    } else {
      EVERY_TRY_ASSIGN(Imported below, make_shard(entries.first(count), level + 1, writer));
      node.links.push_back({std::move(below.root), name, below.dag_size});
    }
    entries = entries.subspan(count);
  }
  const auto first = std::ranges::find_if(slots, [](std::uint8_t byte) { return byte != 0; });
  data.content.assign(first, slots.end());
  node.data = encode_data(data);
  return writer.put(node);
}

}  // namespace

core::Result<Kind> kind_of(const Cid& cid, core::BytesView block) {
  if (cid.codec() == Codec::kRaw) return Kind{Type::kFile, block.size()};
  EVERY_TRY_ASSIGN(const Parsed parsed, parse(cid, block));
  Kind kind{parsed.data.type, 0};
  if (kind.type == Type::kSymlink) {
    kind.target = core::as_text(parsed.data.content);
    kind.size = kind.target.size();
  } else if (kind.type == Type::kFile || kind.type == Type::kRaw) {
    kind.size = parsed.data.content.size();
    for (const std::uint64_t size : parsed.data.block_sizes) kind.size += size;
  }
  return kind;
}

core::Result<std::vector<Entry>> list_directory(const Cid& directory, const BlockSource& source) {
  Listing listing;
  EVERY_TRY(list_into(directory, source, 0, listing));
  std::ranges::stable_sort(listing.entries, {}, &Entry::name);
  return std::move(listing.entries);
}

core::Result<std::optional<Entry>> find_entry(const Cid& directory, std::string_view name,
                                              const BlockSource& source) {
  const std::uint64_t hash = murmur3(name);
  Cid at = directory;
  for (std::size_t level = 0; level < kLevels; ++level) {
    EVERY_TRY_ASSIGN(Parsed parsed, fetch_directory(at, source));
    const bool sharded = parsed.data.type == Type::kHamtShard;
    if (!sharded && level > 0)
      return fail_at(at, ErrorCode::kMalformed, "a plain directory in the place of a shard");
    const std::string slot = sharded ? slot_name(hash, level) : std::string();
    const std::string wanted = slot + std::string(name);
    std::optional<Cid> below;
    for (dag_pb::Link& link : parsed.node.links) {
      if (name_of(link) == wanted) return entry_of(std::move(link), slot.size());
      if (sharded && name_of(link) == slot) below = std::move(link.cid);
    }
    if (!below) return std::nullopt;
    at = std::move(*below);
  }
  return fail_at(at, ErrorCode::kResourceExhausted, "shards nested deeper than their hashes");
}

core::Result<Imported> make_directory(std::vector<Entry> entries, const BlockSink& sink,
                                      CidVersion version) {
  std::ranges::sort(entries, {}, &Entry::name);
  const auto twice = std::ranges::adjacent_find(entries, {}, &Entry::name);
  if (twice != entries.end())
    return core::fail(ErrorCode::kInvalidArgument,
                      "a directory has two entries named '" + twice->name + "'");
  const Writer writer{sink, version};
  std::size_t weight = 0;
  for (const Entry& entry : entries) weight += entry.name.size() + entry.cid.encode().size();
  if (weight <= kShardAbove) {
    dag_pb::Node node;
    node.data = encode_data({.type = Type::kDirectory});
    for (Entry& entry : entries)
      node.links.push_back({std::move(entry.cid), std::move(entry.name), entry.dag_size});
    return writer.put(node);
  }
  std::vector<std::pair<std::uint64_t, Entry>> hashed;
  hashed.reserve(entries.size());
  for (Entry& entry : entries) {
    const std::uint64_t hash = murmur3(entry.name);
    hashed.emplace_back(hash, std::move(entry));
  }
  std::ranges::sort(hashed, {}, [](const auto& entry) { return entry.first; });
  return make_shard(hashed, 0, writer);
}

core::Result<Imported> make_symlink(std::string_view target, const BlockSink& sink,
                                    CidVersion version) {
  dag_pb::Node node;
  node.data =
      encode_data({.type = Type::kSymlink, .content = core::to_bytes(core::as_bytes(target))});
  return Writer{sink, version}.put(node);
}

}  // namespace every::ipld::unixfs
