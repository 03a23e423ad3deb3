#include "every/ipld/multibase.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "text.h"

namespace every::ipld {
namespace {

constexpr std::uint8_t kNoDigit = 0xff;
using DigitTable = std::array<std::uint8_t, 256>;

/// One base: its digits, the value of each character, and the bits a digit carries (0: not a power of two).
struct Alphabet {
  std::string_view name;
  std::string_view digits;
  unsigned bits;
  DigitTable values;
};

constexpr DigitTable make_table(std::string_view digits) {
  DigitTable table{};
  table.fill(kNoDigit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    table[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr Alphabet make_alphabet(std::string_view name, std::string_view digits, unsigned bits) {
  return {name, digits, bits, make_table(digits)};
}

constexpr std::string_view kLetters64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kLetters64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr Alphabet kBase16Lower = make_alphabet("base16", "0123456789abcdef", 4);
constexpr Alphabet kBase16Upper = make_alphabet("base16upper", "0123456789ABCDEF", 4);
constexpr Alphabet kBase32Lower = make_alphabet("base32", "abcdefghijklmnopqrstuvwxyz234567", 5);
constexpr Alphabet kBase32Upper =
    make_alphabet("base32upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5);
constexpr Alphabet kBase32HexLower =
    make_alphabet("base32hex", "0123456789abcdefghijklmnopqrstuv", 5);
constexpr Alphabet kBase36Lower =
    make_alphabet("base36", "0123456789abcdefghijklmnopqrstuvwxyz", 0);
constexpr Alphabet kBase36Upper =
    make_alphabet("base36upper", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 0);
constexpr Alphabet kBase58 =
    make_alphabet("base58btc", "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", 0);
constexpr Alphabet kBase64 = make_alphabet("base64", kLetters64, 6);
constexpr Alphabet kBase64UrlSafe = make_alphabet("base64url", kLetters64Url, 6);

constexpr Alphabet make_any_base64() {
  Alphabet any = make_alphabet("base64", kLetters64, 6);
  any.values['-'] = any.values['+'];
  any.values['_'] = any.values['/'];
  return any;
}
constexpr Alphabet kBase64Any = make_any_base64();

const Alphabet& alphabet_of(Multibase base) {
  switch (base) {
    case Multibase::kBase16:
      return kBase16Lower;
    case Multibase::kBase32:
      return kBase32Lower;
    case Multibase::kBase32Hex:
      return kBase32HexLower;
    case Multibase::kBase36:
      return kBase36Lower;
    case Multibase::kBase58Btc:
      return kBase58;
    case Multibase::kBase64Url:
      return kBase64UrlSafe;
  }
  EVERY_CHECK(false);
  std::unreachable();
}

/// The alphabet a prefix character announces; nullptr for one not spoken here.
const Alphabet* alphabet_of_prefix(char prefix) {
  switch (prefix) {
    case 'f':
      return &kBase16Lower;
    case 'F':
      return &kBase16Upper;
    case 'b':
      return &kBase32Lower;
    case 'B':
      return &kBase32Upper;
    case 'v':
      return &kBase32HexLower;
    case 'k':
      return &kBase36Lower;
    case 'K':
      return &kBase36Upper;
    case 'z':
      return &kBase58;
    case 'u':
      return &kBase64UrlSafe;
    default:
      return nullptr;
  }
}

std::unexpected<core::Error> malformed(const Alphabet& alphabet, const std::string& why) {
  return core::fail(core::ErrorCode::kMalformed, std::string(alphabet.name) + ": " + why);
}

std::unexpected<core::Error> bad_character(const Alphabet& alphabet, std::string_view text,
                                           std::size_t position) {
  return malformed(alphabet, "character " + shown(text[position]) + " at position " +
                                 std::to_string(position) + " is not in the alphabet");
}

/// The whole groups of bytes as digits: three are four of 6 bits, five are eight of 5. `bytes` is left with the rest.
template <std::size_t kBytes, std::size_t kDigits>
void encode_groups(const Alphabet& alphabet, core::BytesView& bytes, std::string& text) {
  constexpr unsigned kBits = 8 * kBytes / kDigits;
  const std::size_t groups = bytes.size() / kBytes;
  const std::size_t before = text.size();
  text.resize(before + groups * kDigits);
  char* out = text.data() + before;
  const char* const digits = alphabet.digits.data();
  for (std::size_t i = 0; i < groups * kBytes; i += kBytes) {
    std::uint64_t group = 0;
    for (std::size_t j = 0; j < kBytes; ++j) group = group << 8 | bytes[i + j];
    for (std::size_t j = kDigits; j-- > 0;)
      *out++ = digits[(group >> (j * kBits)) & ((1U << kBits) - 1)];
  }
  bytes = bytes.subspan(groups * kBytes);
}

/// The whole groups of digits as bytes, up to the first that has a character of none; how many digits were read.
template <std::size_t kBytes, std::size_t kDigits>
std::size_t decode_groups(const Alphabet& alphabet, std::string_view text, core::Bytes& bytes) {
  constexpr unsigned kBits = 8 * kBytes / kDigits;
  const std::size_t groups = text.size() / kDigits;
  bytes.resize(groups * kBytes);
  std::uint8_t* out = bytes.data();
  std::size_t at = 0;
  for (; at < groups * kDigits; at += kDigits) {
    std::uint64_t group = 0;
    std::uint8_t any = 0;
    for (std::size_t j = 0; j < kDigits; ++j) {
      const std::uint8_t value = alphabet.values[static_cast<unsigned char>(text[at + j])];
      any |= value;
      group = group << kBits | (value & ((1U << kBits) - 1));
    }
    if (any == kNoDigit) break;
    for (std::size_t j = kBytes; j-- > 0;) *out++ = static_cast<std::uint8_t>(group >> (8 * j));
  }
  bytes.resize(at / kDigits * kBytes);
  return at;
}

/// The bytes after what `text` holds already.
std::string encode_bits(const Alphabet& alphabet, core::BytesView bytes, std::string text = {}) {
  text.reserve(text.size() + (bytes.size() * 8 + alphabet.bits - 1) / alphabet.bits);
  const std::uint32_t mask = (1U << alphabet.bits) - 1;
  // Content comes as base64, and CIDs as base32: both are worth a faster way than one bit window.
  if (alphabet.bits == 6) encode_groups<3, 4>(alphabet, bytes, text);
  if (alphabet.bits == 5) encode_groups<5, 8>(alphabet, bytes, text);
  std::uint32_t window = 0;
  unsigned held = 0;
  for (const std::uint8_t byte : bytes) {
    window = (window << 8) | byte;
    held += 8;
    while (held >= alphabet.bits) {
      held -= alphabet.bits;
      text.push_back(alphabet.digits[(window >> held) & mask]);
    }
  }
  if (held > 0) text.push_back(alphabet.digits[(window << (alphabet.bits - held)) & mask]);
  return text;
}

core::Result<core::Bytes> decode_bits(const Alphabet& alphabet, std::string_view text) {
  core::Bytes bytes;
  bytes.reserve(text.size() * alphabet.bits / 8);
  std::uint32_t window = 0;
  unsigned held = 0;
  std::size_t start = 0;
  if (alphabet.bits == 6) start = decode_groups<3, 4>(alphabet, text, bytes);
  if (alphabet.bits == 5) start = decode_groups<5, 8>(alphabet, text, bytes);
  for (std::size_t i = start; i < text.size(); ++i) {
    const std::uint8_t digit = alphabet.values[static_cast<unsigned char>(text[i])];
    if (digit == kNoDigit) return bad_character(alphabet, text, i);
    window = (window << alphabet.bits) | digit;
    held += alphabet.bits;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<std::uint8_t>(window >> held));
    }
  }
  if (held >= alphabet.bits) {
    return malformed(alphabet, "no bytes have " + std::to_string(text.size()) + " characters");
  }
  if ((window & ((1U << held) - 1)) != 0) {
    return malformed(alphabet, "the last character has bits left over that are not zero");
  }
  return bytes;
}

/// Big-number bases: leading zero bytes are leading zero digits, the rest is one number.
std::string encode_number(const Alphabet& alphabet, core::BytesView bytes) {
  const auto base = static_cast<std::uint32_t>(alphabet.digits.size());
  const auto first = std::find_if(bytes.begin(), bytes.end(), [](auto byte) { return byte != 0; });
  const auto zeros = static_cast<std::size_t>(first - bytes.begin());
  std::vector<std::uint8_t> digits;  // least significant first
  digits.reserve(bytes.size() * 8 / 5 + 1);
  for (auto it = first; it != bytes.end(); ++it) {
    std::uint32_t carry = *it;
    for (std::uint8_t& digit : digits) {
      carry += static_cast<std::uint32_t>(digit) << 8;
      digit = static_cast<std::uint8_t>(carry % base);
      carry /= base;
    }
    for (; carry > 0; carry /= base) digits.push_back(static_cast<std::uint8_t>(carry % base));
  }
  std::string text(zeros, alphabet.digits.front());
  text.reserve(zeros + digits.size());
  for (auto it = digits.rbegin(); it != digits.rend(); ++it) text.push_back(alphabet.digits[*it]);
  return text;
}

core::Result<core::Bytes> decode_number(const Alphabet& alphabet, std::string_view text) {
  const auto base = static_cast<std::uint32_t>(alphabet.digits.size());
  const std::size_t zeros = std::min(text.find_first_not_of(alphabet.digits.front()), text.size());
  core::Bytes number;  // least significant first
  number.reserve(text.size());
  for (std::size_t i = zeros; i < text.size(); ++i) {
    const std::uint8_t value = alphabet.values[static_cast<unsigned char>(text[i])];
    if (value == kNoDigit) return bad_character(alphabet, text, i);
    std::uint32_t carry = value;
    for (std::uint8_t& byte : number) {
      carry += byte * base;
      byte = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
    if (carry > 0) number.push_back(static_cast<std::uint8_t>(carry));
  }
  number.insert(number.end(), zeros, 0);
  std::reverse(number.begin(), number.end());
  return number;
}

std::string encode_in(const Alphabet& alphabet, core::BytesView bytes) {
  return alphabet.bits > 0 ? encode_bits(alphabet, bytes) : encode_number(alphabet, bytes);
}

core::Result<core::Bytes> decode_in(const Alphabet& alphabet, std::string_view text) {
  return alphabet.bits > 0 ? decode_bits(alphabet, text) : decode_number(alphabet, text);
}

}  // namespace

std::string encode_base(Multibase base, core::BytesView bytes) {
  return encode_in(alphabet_of(base), bytes);
}

core::Result<core::Bytes> decode_base(Multibase base, std::string_view text) {
  return decode_in(alphabet_of(base), text);
}

std::string encode_multibase(Multibase base, core::BytesView bytes) {
  const Alphabet& alphabet = alphabet_of(base);
  std::string prefix(1, static_cast<char>(base));
  if (alphabet.bits > 0) return encode_bits(alphabet, bytes, std::move(prefix));
  return prefix + encode_number(alphabet, bytes);
}

core::Result<core::Bytes> decode_multibase(std::string_view text) {
  if (text.empty()) return core::fail(core::ErrorCode::kMalformed, "multibase: empty text");
  const Alphabet* const alphabet = alphabet_of_prefix(text.front());
  if (alphabet == nullptr) {
    return core::fail(core::ErrorCode::kMalformed,
                      "multibase: prefix " + shown(text.front()) +
                          " is not base16 (f), base32 (b), base32hex (v), base36 (k), "
                          "base58btc (z) or base64url (u)");
  }
  return decode_in(*alphabet, text.substr(1));
}

std::string encode_base64(core::BytesView bytes) {
  return encode_bits(kBase64, bytes);
}

core::Result<core::Bytes> decode_base64(std::string_view text) {
  return decode_bits(kBase64, text);
}

core::Result<core::Bytes> decode_base64_any(std::string_view text) {
  if (text.size() % 4 == 0 && text.ends_with('=')) {
    text.remove_suffix(text.ends_with("==") ? 2 : 1);
  }
  return decode_bits(kBase64Any, text);
}

}  // namespace every::ipld
