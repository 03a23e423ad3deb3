#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "every/core/bytes.h"
#include "every/core/error.h"

/// The small binary codec of the worker protocol: little-endian numbers, lengths before bytes.
/// source: docs/formats/worker-protocol.md
namespace every::wasm::worker {

/// Appends fields to a buffer.
class ByteWriter {
 public:
  void u8(std::uint8_t value) { out_.push_back(value); }
  void u32(std::uint32_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }
  void raw(core::BytesView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void bytes(core::BytesView bytes) {
    u64(bytes.size());
    raw(bytes);
  }
  void text(std::string_view text) { bytes(core::as_bytes(text)); }
  [[nodiscard]] core::Bytes take() { return std::move(out_); }

 private:
  void number(std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  core::Bytes out_;
};

/// Reads fields from bytes of a sender that is not trusted. After the first field that is not there every read gives zero or
/// nothing and `finish` fails, so that a decoder reads all its fields and checks once.
class ByteReader {
 public:
  explicit ByteReader(core::BytesView in) : in_(in) {}
  [[nodiscard]] std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  [[nodiscard]] std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  [[nodiscard]] std::uint64_t u64() { return number(8); }
  [[nodiscard]] core::BytesView raw(std::uint64_t size) {
    if (size > in_.size()) {
      failed_ = true;
      in_ = {};
      return {};
    }
    const auto taken = in_.first(static_cast<std::size_t>(size));
    in_ = in_.subspan(static_cast<std::size_t>(size));
    return taken;
  }
  [[nodiscard]] core::BytesView bytes() { return raw(u64()); }
  [[nodiscard]] std::string text() { return std::string(core::as_text(bytes())); }
  /// A number of items that follow, each of at least `item_bytes`: never more than can be there.
  [[nodiscard]] std::uint32_t count(std::size_t item_bytes) {
    const auto count = u32();
    if (count > in_.size() / item_bytes) {
      failed_ = true;
      in_ = {};
      return 0;
    }
    return count;
  }
  [[nodiscard]] core::BytesView rest() { return raw(in_.size()); }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::size_t left() const { return in_.size(); }
  /// errors: kMalformed something was missing, or is left over
  [[nodiscard]] core::Status finish(std::string_view what) const {
    if (failed_)
      return core::fail(core::ErrorCode::kMalformed, std::string(what) + " is truncated");
    if (!in_.empty())
      return core::fail(core::ErrorCode::kMalformed, std::string(what) + " has bytes left over");
    return {};
  }

 private:
  std::uint64_t number(std::size_t width) {
    const auto bytes = raw(width);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
    return value;
  }
  core::BytesView in_;
  bool failed_ = false;
};

}  // namespace every::wasm::worker
