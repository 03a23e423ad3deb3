#include "every/invocation/attestation.h"

#include <limits>
#include <utility>

#include "fields.h"

#include "every/core/text.h"
#include "every/ipld/dag_cbor.h"

namespace every::invocation {
namespace {

using core::ErrorCode;
using ipld::Map;
using ipld::Value;

std::unexpected<core::Error> wrong(const std::string& key, const std::string& what) {
  return core::fail(ErrorCode::kMalformed, "`" + key + "` of an attestation must be " + what);
}

core::Bytes encode_words(const Map& words) {
  auto bytes = ipld::dag_cbor::encode(Value(words));
  EVERY_CHECK(bytes.has_value());  // text is UTF-8 here, and nothing else can fail
  return std::move(*bytes);
}

}  // namespace

Attestation Attestation::make(const ipld::SigningKey& key, const ipld::Cid& receipt,
                              std::uint32_t profile, std::string engine) {
  Attestation made(key.public_key(), receipt, profile, core::to_valid_utf8(engine));
  made.signature_ = key.sign(made.message());
  return made;
}

Map Attestation::words() const {
  return Map{{"iss", Value(issuer_.did())},
             {"engine", Value(engine_)},
             {"profile", Value(ipld::Integer(std::int64_t{profile_}))},
             {"receipt", Value(receipt_)}};
}

core::Bytes Attestation::message() const {
  return encode_words(words());
}

Value Attestation::render() const {
  Map map = words();
  map.set("sig", Value(signature_));
  return Value(std::move(map));
}

core::Bytes Attestation::encode() const {
  Map map = words();
  map.set("sig", Value(signature_));
  return encode_words(map);
}

bool Attestation::looks_like_one(const Value& value) {
  const Map* map = value.if_map();
  if (map == nullptr || map->size() != 5) return false;
  for (const char* key : {"iss", "sig", "engine", "profile", "receipt"}) {
    if (map->find(key) == nullptr) return false;
  }
  return true;
}

core::Result<Attestation> Attestation::parse(const Value& value) {
  EVERY_TRY_ASSIGN(const Map* map, detail::expect_map(value, "an attestation"));
  if (!looks_like_one(value))
    return core::fail(ErrorCode::kMalformed,
                      "an attestation has the keys `iss`, `sig`, `engine`, `profile` and "
                      "`receipt`, and no other");
  const std::string* issuer = map->find("iss")->if_string();
  if (issuer == nullptr) return wrong("iss", "a did:key");
  const core::Bytes* signature = map->find("sig")->if_bytes();
  if (signature == nullptr) return wrong("sig", "bytes");
  const std::string* engine = map->find("engine")->if_string();
  if (engine == nullptr) return wrong("engine", "text");
  const ipld::Integer* profile = map->find("profile")->if_integer();
  const auto number = profile != nullptr ? profile->as_uint64() : std::nullopt;
  if (!number || *number > std::numeric_limits<std::uint32_t>::max())
    return wrong("profile", "a number up to 4294967295");
  const ipld::Cid* receipt = map->find("receipt")->if_link();
  if (receipt == nullptr) return wrong("receipt", "a link");
  auto key = ipld::PublicKey::parse_did(*issuer);
  if (!key) return core::fail(std::move(key).error().in("the issuer of an attestation"));
  Attestation parsed(std::move(*key), *receipt, static_cast<std::uint32_t>(*number), *engine);
  parsed.signature_ = *signature;
  // A key has one spelling only, so that what is signed is what was read.
  if (parsed.issuer_.did() != *issuer) return wrong("iss", "spelled as " + parsed.issuer_.did());
  if (!parsed.issuer_.verifies(parsed.message(), parsed.signature_)) {
    return core::fail(core::Error{ErrorCode::kIntegrity,
                                  "the attestation of receipt " + receipt->render() +
                                      " is forged: its signature is not that of " + *issuer,
                                  {{"receipt", receipt->render()}, {"issuer", *issuer}}});
  }
  return parsed;
}

core::Result<Attestation> Attestation::decode(core::BytesView block, const ipld::Cid& cid) {
  EVERY_TRY_ASSIGN(const bool same, cid.matches(block));
  if (!same)
    return core::fail(ErrorCode::kIntegrity,
                      "the bytes of attestation " + cid.render() + " do not hash to its CID");
  auto value = ipld::dag_cbor::decode(block);
  if (!value) return core::fail(std::move(value).error().in("attestation " + cid.render()));
  auto parsed = parse(*value);
  if (!parsed) return core::fail(std::move(parsed).error().in("attestation " + cid.render()));
  return parsed;
}

}  // namespace every::invocation
