#include "every/ipld/multihash.h"

#include <array>
#include <string>
#include <utility>

#include <openssl/evp.h>

#include "every/ipld/varint.h"

namespace every::ipld {
namespace {

constexpr std::size_t kMaxDigest = 128;

struct HashFunction {
  HashCode code;
  std::string_view name;
  const char* openssl_name;
  std::size_t size;
};

constexpr std::array kFunctions{
    HashFunction{HashCode::kSha2_256, "sha2-256", "SHA2-256", 32},
    HashFunction{HashCode::kSha2_512, "sha2-512", "SHA2-512", 64},
    HashFunction{HashCode::kSha3_256, "sha3-256", "SHA3-256", 32},
};

/// The place of a function in kFunctions; its size when it is not there.
std::size_t index_of(HashCode code) {
  std::size_t i = 0;
  while (i < kFunctions.size() && kFunctions[i].code != code) ++i;
  return i;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeMethod {
  void operator()(EVP_MD* method) const { EVP_MD_free(method); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;
using Method = std::unique_ptr<EVP_MD, FreeMethod>;

/// Fetched once: a fetch walks OpenSSL's providers under a lock and costs more than hashing a receipt.
const EVP_MD* method_of(std::size_t index) {
  static const std::array<Method, kFunctions.size()> methods = [] {
    std::array<Method, kFunctions.size()> fetched;
    for (std::size_t i = 0; i < fetched.size(); ++i) {
      fetched[i].reset(EVP_MD_fetch(nullptr, kFunctions[i].openssl_name, nullptr));
      EVERY_CHECK(fetched[i] != nullptr);
    }
    return fetched;
  }();
  return methods[index].get();
}

void start(EVP_MD_CTX* context, std::size_t index) {
  EVERY_CHECK(EVP_DigestInit_ex(context, method_of(index), nullptr) == 1);
}

core::Bytes finish_into_bytes(EVP_MD_CTX* context, std::size_t size) {
  core::Bytes out(size);
  EVERY_CHECK(EVP_DigestFinal_ex(context, out.data(), nullptr) == 1);
  return out;
}

}  // namespace

std::string_view hash_name(HashCode code) {
  if (code == HashCode::kIdentity) return "identity";
  const std::size_t index = index_of(code);
  return index < kFunctions.size() ? kFunctions[index].name : std::string_view();
}

core::Result<core::Bytes> digest(HashCode code, core::BytesView content) {
  if (code == HashCode::kIdentity) {
    if (content.size() > kMaxDigest) {
      return core::fail(core::ErrorCode::kResourceExhausted,
                        "identity hash: " + std::to_string(content.size()) +
                            " bytes of content, at most 128 fit; use sha2-256 or sha3-256");
    }
    return core::to_bytes(content);
  }
  const std::size_t index = index_of(code);
  if (index == kFunctions.size()) {
    return core::fail(core::ErrorCode::kUnsupported,
                      "hash function " + std::to_string(std::to_underlying(code)) +
                          " is not known here; known are identity, sha2-256, sha2-512, sha3-256");
  }
  // A context keeps what it allocated for its function, so each thread holds one a function.
  thread_local std::array<Context, kFunctions.size()> contexts;
  Context& context = contexts[index];
  if (!context) context.reset(EVP_MD_CTX_new());
  EVERY_CHECK(context != nullptr);
  start(context.get(), index);
  EVERY_CHECK(EVP_DigestUpdate(context.get(), content.data(), content.size()) == 1);
  return finish_into_bytes(context.get(), kFunctions[index].size);
}

struct Hasher::Impl {
  std::size_t index;
  Context context;
};

Hasher::Hasher(HashCode code) : impl_(std::make_unique<Impl>()) {
  impl_->index = index_of(code);
  EVERY_CHECK(impl_->index < kFunctions.size());
  impl_->context.reset(EVP_MD_CTX_new());
  EVERY_CHECK(impl_->context != nullptr);
  start(impl_->context.get(), impl_->index);
}

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(core::BytesView piece) {
  EVERY_CHECK(EVP_DigestUpdate(impl_->context.get(), piece.data(), piece.size()) == 1);
}

core::Bytes Hasher::finish() {
  core::Bytes out = finish_into_bytes(impl_->context.get(), kFunctions[impl_->index].size);
  start(impl_->context.get(), impl_->index);
  return out;
}

core::Bytes encode(const Multihash& hash) {
  core::Bytes out;
  out.reserve(hash.digest.size() + 4);
  encode_varint(std::to_underlying(hash.code), out);
  encode_varint(hash.digest.size(), out);
  out.insert(out.end(), hash.digest.begin(), hash.digest.end());
  return out;
}

core::Result<Multihash> decode_multihash(core::BytesView& bytes) {
  const auto malformed = [](const std::string& why) {
    return core::fail(core::ErrorCode::kMalformed, "multihash: " + why);
  };
  core::BytesView rest = bytes;
  EVERY_TRY_ASSIGN(const std::uint64_t code, decode_varint(rest));
  EVERY_TRY_ASSIGN(const std::uint64_t size, decode_varint(rest));
  const std::size_t index = index_of(HashCode{code});
  if (index < kFunctions.size() && size != kFunctions[index].size) {
    return malformed("a " + std::string(kFunctions[index].name) + " digest has " +
                     std::to_string(kFunctions[index].size) + " bytes, not " +
                     std::to_string(size));
  }
  if (size > kMaxDigest) {
    return malformed("a digest of " + std::to_string(size) + " bytes, at most 128 are read");
  }
  if (size > rest.size()) {
    return malformed("cut off, " + std::to_string(rest.size()) + " of " + std::to_string(size) +
                     " digest bytes are there");
  }
  Multihash hash{HashCode{code}, core::to_bytes(rest.first(size))};
  bytes = rest.subspan(size);
  return hash;
}

}  // namespace every::ipld
