#include <algorithm>

#include "fuzz.h"

#include "every/ipld/multibase.h"

using namespace every::ipld;
using every::core::BytesView;
using every::fuzz::require;

namespace {

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

void check_text(std::string_view text) {
  if (const auto bytes = decode_multibase(text)) {
    const bool upper = text[0] == 'F' || text[0] == 'B' || text[0] == 'K';
    const std::string plain = upper ? lower(std::string(text)) : std::string(text);
    require(encode_multibase(static_cast<Multibase>(plain[0]), *bytes) == plain,
            "one text a base and bytes");
  }
  const auto strict = decode_base64(text);
  const auto any = decode_base64_any(text);
  if (strict) {
    require(encode_base64(*strict) == text, "one base64 text of bytes");
    require(any == strict, "what is strict is accepted everywhere");
  }
}

void check_bytes(BytesView bytes) {
  for (const Multibase base : {Multibase::kBase16, Multibase::kBase32, Multibase::kBase32Hex,
                               Multibase::kBase36, Multibase::kBase58Btc, Multibase::kBase64Url}) {
    require(decode_multibase(encode_multibase(base, bytes)) == every::core::to_bytes(bytes),
            "decode gives back the bytes");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  check_text(every::core::as_text(input));
  check_bytes(input.first(std::min<std::size_t>(size, 256)));
  return 0;
}
