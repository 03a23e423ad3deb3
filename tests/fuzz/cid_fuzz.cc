#include "fuzz.h"

#include "every/ipld/cid.h"

using every::core::BytesView;
using every::fuzz::require;
using every::ipld::Cid;

namespace {

void check_cid(const Cid& cid) {
  require(Cid::parse(cid.render()) == cid, "parse gives back what was rendered");
  require(Cid::parse_reference("ipfs://" + cid.render() + "/a") == cid,
          "a reference leads to its CID");
  require(Cid::make(cid.version(), cid.codec(),
                    {cid.hash_code(), every::core::to_bytes(cid.digest())}) == cid,
          "a CID is made of its parts");
  const auto matches = cid.matches(cid.digest());
  require(matches.has_value() == !every::ipld::hash_name(cid.hash_code()).empty(),
          "only known functions match");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  if (const auto cid = Cid::decode(input)) {
    require(every::core::as_text(cid->encode()) == every::core::as_text(input),
            "encode gives back the bytes");
    check_cid(*cid);
  }
  BytesView rest = input;
  if (const auto cid = Cid::decode_prefix(rest)) {
    require(cid->encode().size() + rest.size() == size, "a prefix moves past what it read");
  }
  const std::string_view text = every::core::as_text(input);
  if (const auto cid = Cid::parse(text)) {
    check_cid(*cid);
    require(Cid::parse_reference(text) == cid, "a CID refers to itself");
  }
  if (const auto cid = Cid::parse_reference(text)) check_cid(*cid);
  return 0;
}
