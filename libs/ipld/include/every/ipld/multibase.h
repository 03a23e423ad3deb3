#pragma once

#include <string>
#include <string_view>

#include "every/core/bytes.h"
#include "every/core/error.h"

namespace every::ipld {

/// The bases spoken here, by their multibase prefix character.
/// source: https://github.com/multiformats/multibase
enum class Multibase : char {
  kBase16 = 'f',
  kBase32 = 'b',
  kBase32Hex = 'v',  ///< also, without a prefix, the text form of nonces
  kBase36 = 'k',
  kBase58Btc = 'z',
  kBase64Url = 'u',
};

/// Text of bytes without the multibase prefix; lower case, unpadded. cost: linear, base36 and base58btc quadratic.
[[nodiscard]] std::string encode_base(Multibase base, core::BytesView bytes);
/// The inverse. errors: kMalformed a character outside the alphabet (its position is named), or bits left over that are not zero
[[nodiscard]] core::Result<core::Bytes> decode_base(Multibase base, std::string_view text);

/// With the prefix character. `decode_multibase` accepts upper-case base16, base32 and base36 prefixes too.
[[nodiscard]] std::string encode_multibase(Multibase base, core::BytesView bytes);
[[nodiscard]] core::Result<core::Bytes> decode_multibase(std::string_view text);

/// Standard base64 (RFC 4648 §4), as DAG-JSON bytes write it: unpadded out. `decode_base64_any` takes padded, unpadded and URL-safe.
[[nodiscard]] std::string encode_base64(core::BytesView bytes);
[[nodiscard]] core::Result<core::Bytes> decode_base64(std::string_view text);
[[nodiscard]] core::Result<core::Bytes> decode_base64_any(std::string_view text);

}  // namespace every::ipld
