#include "every/ipld/cid.h"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include "text.h"

#include "every/ipld/varint.h"

namespace every::ipld {
namespace {

constexpr std::uint8_t kVersion1 = 0x01;
constexpr std::size_t kVersion0TextSize = 46;
/// Longer than any text of a digest of 128 bytes in any base; keeps the quadratic bases cheap.
constexpr std::size_t kMaxTextSize = 400;

bool is_version_0(core::BytesView binary) {
  return binary.size() >= 2 && binary[0] == 0x12 && binary[1] == 0x20;
}

std::unexpected<core::Error> malformed(const std::string& why) {
  return core::fail(core::ErrorCode::kMalformed, "CID: " + why);
}

/// The parts of a valid binary CID, seen in place.
struct Parts {
  std::uint64_t version = 0;
  std::uint64_t codec = std::to_underlying(Codec::kDagPb);
  std::uint64_t hash = 0;
  core::BytesView digest;
};

Parts parts_of(core::BytesView binary) {
  Parts parts;
  if (!is_version_0(binary)) {
    parts.version = decode_varint(binary).value();
    parts.codec = decode_varint(binary).value();
  }
  parts.hash = decode_varint(binary).value();
  (void)decode_varint(binary).value();  // the digest is the rest
  parts.digest = binary;
  return parts;
}

}  // namespace

Cid::Cid(core::BytesView binary) {
  void* room = ::operator new(sizeof(Shared) + binary.size());
  shared_ = new (room) Shared{.owners = 1,
                              .size = static_cast<std::uint32_t>(binary.size()),
                              .hash = std::hash<std::string_view>()(core::as_text(binary))};
  std::ranges::copy(binary, reinterpret_cast<std::uint8_t*>(shared_ + 1));
}

void Cid::release(Shared* shared) noexcept {
  shared->~Shared();
  ::operator delete(shared);
}

Cid Cid::of(Codec codec, HashCode hash, core::BytesView content) {
  auto hashed = ipld::digest(hash, content);
  EVERY_CHECK(hashed.has_value());
  core::Bytes binary;
  binary.reserve(hashed->size() + 8);
  binary.push_back(kVersion1);
  encode_varint(std::to_underlying(codec), binary);
  encode_varint(std::to_underlying(hash), binary);
  encode_varint(hashed->size(), binary);
  binary.insert(binary.end(), hashed->begin(), hashed->end());
  return Cid(binary);
}

core::Result<Cid> Cid::make(std::uint64_t version, Codec codec, const Multihash& hash) {
  const auto refuse = [](const std::string& why) {
    return core::fail(core::ErrorCode::kInvalidArgument, "CID: " + why);
  };
  if (version > 1) return refuse("there is no version " + std::to_string(version));
  core::Bytes binary;
  if (version == 0) {
    if (codec != Codec::kDagPb || hash.code != HashCode::kSha2_256 || hash.digest.size() != 32) {
      return refuse("version 0 is dag-pb with a 32-byte sha2-256 only");
    }
  } else {
    binary.push_back(kVersion1);
    encode_varint(std::to_underlying(codec), binary);
  }
  const core::Bytes multihash = ipld::encode(hash);
  binary.insert(binary.end(), multihash.begin(), multihash.end());
  auto cid = decode(binary);
  if (!cid) return refuse(cid.error().message);
  return cid;
}

core::Result<Cid> Cid::parse(std::string_view text) {
  const auto refuse = [&](std::string why) {
    return malformed(quoted(text) + " is not one: " + std::move(why));
  };
  if (text.empty()) return malformed("empty text");
  if (text.size() > kMaxTextSize) {
    return refuse(std::to_string(text.size()) + " characters, at most " +
                  std::to_string(kMaxTextSize) + " are read");
  }
  const bool bare = text.size() == kVersion0TextSize && text.starts_with("Qm");
  auto binary = bare ? decode_base(Multibase::kBase58Btc, text) : decode_multibase(text);
  if (!binary) return refuse(std::move(binary).error().message);
  if (!bare && is_version_0(*binary)) {
    return refuse("a version 0 is written in base58btc without a prefix");
  }
  auto cid = decode(*binary);
  if (!cid) return refuse(std::move(cid).error().message);
  return cid;
}

core::Result<Cid> Cid::parse_reference(std::string_view text) {
  constexpr std::string_view kScheme = "ipfs://";
  constexpr std::string_view kPath = "/ipfs/";
  std::optional<std::string_view> inner;
  if (text.starts_with(kScheme)) inner = text.substr(kScheme.size());
  const std::size_t at = inner.value_or(text).find(kPath);
  if (inner ? at == 0 : at != std::string_view::npos) {
    inner = inner.value_or(text).substr(at + kPath.size());
  }
  if (!inner) return parse(text);
  return parse(inner->substr(0, inner->find_first_of("/?#")));
}

std::string Cid::render() const {
  if (version() == 0) return encode_base(Multibase::kBase58Btc, encode());
  return encode_multibase(Multibase::kBase32, encode());
}

core::Result<std::string> Cid::render(Multibase base) const {
  if (version() == 1) return encode_multibase(base, encode());
  if (base == Multibase::kBase58Btc) return render();
  return core::fail(core::ErrorCode::kInvalidArgument,
                    "CID: " + render() + " is of version 0, which has no text but base58btc");
}

core::Result<Cid> Cid::decode(core::BytesView bytes) {
  EVERY_TRY_ASSIGN(Cid cid, decode_prefix(bytes));
  if (!bytes.empty()) return malformed(std::to_string(bytes.size()) + " bytes left over");
  return cid;
}

core::Result<Cid> Cid::decode_prefix(core::BytesView& bytes) {
  core::BytesView rest = bytes;
  if (!is_version_0(bytes)) {
    auto version = decode_varint(rest);
    if (!version) return core::fail(std::move(version).error().in("CID"));
    if (*version != 1) return malformed("there is no version " + std::to_string(*version));
    if (auto codec = decode_varint(rest); !codec) {
      return core::fail(std::move(codec).error().in("CID"));
    }
  }
  if (auto hash = decode_multihash(rest); !hash) {
    return core::fail(std::move(hash).error().in("CID"));
  }
  const core::BytesView binary = bytes.first(bytes.size() - rest.size());
  bytes = rest;
  // Varints are minimal, so the bytes read are the bytes encode() would write.
  return Cid(binary);
}

std::uint64_t Cid::version() const {
  return is_version_0(encode()) ? 0 : 1;
}
Codec Cid::codec() const {
  return Codec{parts_of(encode()).codec};
}
HashCode Cid::hash_code() const {
  return HashCode{parts_of(encode()).hash};
}
core::BytesView Cid::digest() const {
  return parts_of(encode()).digest;
}

core::Result<bool> Cid::matches(core::BytesView content) const {
  const Parts parts = parts_of(encode());
  if (HashCode{parts.hash} == HashCode::kIdentity) {
    return core::as_text(content) == core::as_text(parts.digest);
  }
  auto hashed = ipld::digest(HashCode{parts.hash}, content);
  if (!hashed) return core::fail(std::move(hashed).error().in("CID " + render()));
  return core::as_text(*hashed) == core::as_text(parts.digest);
}

}  // namespace every::ipld
