#pragma once

#include <string>
#include <string_view>

#include <every_engines.h>

#include "every/core/bytes.h"
#include "every/core/error.h"

namespace every::wasm {

/// A buffer of the engines, given back once. Move only.
class EngineBytes {
 public:
  EngineBytes() = default;
  EngineBytes(EngineBytes&& other) noexcept;
  EngineBytes& operator=(EngineBytes&& other) noexcept;
  EngineBytes(const EngineBytes&) = delete;
  EngineBytes& operator=(const EngineBytes&) = delete;
  ~EngineBytes();

  /// Takes over a buffer that the engines have just handed out.
  explicit EngineBytes(every_bytes_t bytes) : bytes_(bytes) {}
  /// Where the engines may write one; what was held goes first.
  [[nodiscard]] every_bytes_t* out();
  [[nodiscard]] core::BytesView view() const { return {bytes_.data, bytes_.len}; }
  [[nodiscard]] std::string text() const { return std::string(core::as_text(view())); }

 private:
  every_bytes_t bytes_{};
};

/// The error of a status that is not EVERY_STATUS_OK, with the engines' text.
[[nodiscard]] core::Error to_error(int status, std::string_view text);

/// Calls `function(out, error)` and gives what it wrote.
template <typename Function>
[[nodiscard]] core::Result<EngineBytes> collect(Function function) {
  EngineBytes out;
  EngineBytes error;
  if (const int status = function(out.out(), error.out()); status != EVERY_STATUS_OK)
    return core::fail(to_error(status, error.text()));
  return out;
}

}  // namespace every::wasm
