#include "every/core/error.h"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace every::core {
namespace {

using enum ErrorCode;
using Retry = ErrorCodeInfo::Retry;

// Exit codes: 64… as in sysexits.h where it has a fitting one. JSON-RPC: the reserved codes where one fits, else -320xx.
constexpr std::array kTable{
    ErrorCodeInfo{kInvalidArgument, "invalid_argument", 400, -32602, 64, Retry::kNo},
    ErrorCodeInfo{kMalformed, "malformed", 400, -32700, 65, Retry::kNo},
    ErrorCodeInfo{kNotFound, "not_found", 404, -32004, 66, Retry::kNo},
    ErrorCodeInfo{kConflict, "conflict", 409, -32005, 73, Retry::kNo},
    ErrorCodeInfo{kUnsupported, "unsupported", 501, -32006, 69, Retry::kNo},
    ErrorCodeInfo{kIntegrity, "integrity", 500, -32007, 76, Retry::kNo},
    ErrorCodeInfo{kPermissionDenied, "permission_denied", 403, -32008, 77, Retry::kNo},
    ErrorCodeInfo{kTimeout, "timeout", 504, -32010, 75, Retry::kYes},
    ErrorCodeInfo{kCancelled, "cancelled", 409, -32011, 130, Retry::kYes},
    ErrorCodeInfo{kUnavailable, "unavailable", 503, -32009, 75, Retry::kYes},
    ErrorCodeInfo{kResourceExhausted, "resource_exhausted", 422, -32012, 71, Retry::kNo},
    ErrorCodeInfo{kGuestTrap, "guest_trap", 500, -32013, 70, Retry::kNo},
    ErrorCodeInfo{kGuestError, "guest_error", 422, -32014, 1, Retry::kNo},
    ErrorCodeInfo{kDependencyFailed, "dependency_failed", 500, -32015, 70, Retry::kNo},
    ErrorCodeInfo{kIo, "io", 500, -32016, 74, Retry::kYes},
    ErrorCodeInfo{kInternal, "internal", 500, -32603, 70, Retry::kNo},
};

}  // namespace

const ErrorCodeInfo& info(ErrorCode code) {
  const auto index = static_cast<std::size_t>(code);
  EVERY_CHECK(index < kTable.size());
  return kTable[index];
}

std::span<const ErrorCodeInfo> error_codes() {
  return kTable;
}

const ErrorCodeInfo* find_error_code(std::string_view name) {
  for (const auto& row : kTable) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

std::string_view Error::find(std::string_view key) const {
  for (const auto& [name, value] : context) {
    if (name == key) return value;
  }
  return {};
}

void check_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "every: internal error: %s at %s:%d\n", expression, file, line);
  std::abort();
}

}  // namespace every::core
