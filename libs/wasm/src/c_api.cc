#include "c_api.h"

#include <utility>

namespace every::wasm {

EngineBytes::EngineBytes(EngineBytes&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

EngineBytes& EngineBytes::operator=(EngineBytes&& other) noexcept {
  if (this != &other) {
    every_bytes_free(&bytes_);
    bytes_ = std::exchange(other.bytes_, {});
  }
  return *this;
}

EngineBytes::~EngineBytes() {
  every_bytes_free(&bytes_);
}

every_bytes_t* EngineBytes::out() {
  every_bytes_free(&bytes_);
  return &bytes_;
}

core::Error to_error(int status, std::string_view text) {
  using enum core::ErrorCode;
  auto code = kInternal;
  switch (status) {
    case EVERY_STATUS_INVALID:
      code = kMalformed;
      break;
    case EVERY_STATUS_UNSUPPORTED:
      code = kUnsupported;
      break;
    case EVERY_STATUS_TRAP:
    case EVERY_STATUS_EXIT:
    case EVERY_STATUS_DENIED:
      code = kGuestTrap;
      break;
    case EVERY_STATUS_MEMORY_LIMIT:
    case EVERY_STATUS_MEMORY_BUDGET:
    case EVERY_STATUS_TABLE_LIMIT:
    case EVERY_STATUS_STACK_LIMIT:
    case EVERY_STATUS_FUEL_LIMIT:
    case EVERY_STATUS_RESULT_LIMIT:
    case EVERY_STATUS_LOG_LIMIT:
      code = kResourceExhausted;
      break;
    case EVERY_STATUS_NO_ROOM:
      code = kUnavailable;
      break;
    case EVERY_STATUS_TIME_LIMIT:
      code = kTimeout;
      break;
    case EVERY_STATUS_CANCELLED:
      code = kCancelled;
      break;
    default:
      break;
  }
  return {code, std::string(text), {}};
}

}  // namespace every::wasm
