#pragma once

#include <cstdint>

/// The few numbers of RFC 8949 that DAG-CBOR uses.
namespace every::ipld::dag_cbor {

enum class Major : std::uint8_t {
  kUnsigned = 0,
  kNegative = 1,
  kBytes = 2,
  kText = 3,
  kArray = 4,
  kMap = 5,
  kTag = 6,
  kSimple = 7,
};

inline constexpr unsigned kMajorShift = 5;
inline constexpr std::uint8_t kInfoMask = 0x1f;
// The low five bits of a head: a value below 24, or how many bytes of it follow.
inline constexpr std::uint8_t kInfo8 = 24;
inline constexpr std::uint8_t kInfo16 = 25;
inline constexpr std::uint8_t kInfo32 = 26;
inline constexpr std::uint8_t kInfo64 = 27;
inline constexpr std::uint8_t kInfoIndefinite = 31;

inline constexpr std::uint8_t kFalse = 0xf4;
inline constexpr std::uint8_t kTrue = 0xf5;
inline constexpr std::uint8_t kNull = 0xf6;
inline constexpr std::uint8_t kUndefined = 0xf7;
inline constexpr std::uint8_t kFloat16 = 0xf9;
inline constexpr std::uint8_t kFloat32 = 0xfa;
inline constexpr std::uint8_t kFloat64 = 0xfb;

inline constexpr std::uint64_t kLinkTag = 42;
/// A binary CID in a tag 42 follows the multibase prefix of raw bytes.
inline constexpr std::uint8_t kLinkPrefix = 0x00;

}  // namespace every::ipld::dag_cbor
