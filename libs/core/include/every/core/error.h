#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace every::core {

/// The closed set of ways anything here can fail. Which code an input yields is part of each API and tested.
enum class ErrorCode : std::uint8_t {
  kInvalidArgument,  ///< the caller asked for something that makes no sense (wrong type, unknown name)
  kMalformed,        ///< bytes or text that do not parse
  kNotFound,         ///< what was named does not exist
  kConflict,         ///< something else holds the place (a second owner, a clashing name, a cycle)
  kUnsupported,      ///< valid, but not done here
  kIntegrity,        ///< content that does not match its hash, or contradicts what is recorded
  kPermissionDenied,   ///< not allowed to this caller
  kTimeout,            ///< a time limit or deadline passed
  kCancelled,          ///< somebody asked to stop
  kUnavailable,        ///< not now; trying again may help (queue full, shutting down, worker lost)
  kResourceExhausted,  ///< a limit on memory, size, depth or count was reached
  kGuestTrap,          ///< the guest stopped itself or broke the sandbox's rules
  kGuestError,         ///< the guest returned an error value
  kDependencyFailed,   ///< a task this one awaits failed, or was skipped
  kIo,                 ///< the operating system or the database failed
  kInternal,           ///< our own bug
};

/// What the outside world sees of a code.
struct ErrorCodeInfo {
  ErrorCode code;
  std::string_view
      name;  ///< stable, snake_case, e.g. `guest_trap`; the `code` of HTTP bodies and failure receipts
  int http_status;
  int jsonrpc_code;
  int exit_code;
  enum class Retry : std::uint8_t { kNo, kYes } retryable;
};

/// The row of a code. errors: none. thread: any.
[[nodiscard]] const ErrorCodeInfo& info(ErrorCode code);
/// All rows, in enum order. thread: any.
[[nodiscard]] std::span<const ErrorCodeInfo> error_codes();
/// The row of a stable name; nullptr when no code has it.
[[nodiscard]] const ErrorCodeInfo* find_error_code(std::string_view name);

/// One failure: a code, a sentence for a person (what, where, why, what to do), and machine-readable context.
struct [[nodiscard]] Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::vector<std::pair<std::string, std::string>>
      context;  ///< e.g. {"cid", "bafy…"}, in order of adding

  /// The same error with one more piece of context.
  [[nodiscard]] Error with(std::string key, std::string value) && {
    context.emplace_back(std::move(key), std::move(value));
    return std::move(*this);
  }
  /// The same error with `prefix: ` before its message.
  [[nodiscard]] Error in(std::string_view prefix) && {
    message = std::string(prefix) + ": " + message;
    return std::move(*this);
  }
  /// The value of a context key, or empty.
  [[nodiscard]] std::string_view find(std::string_view key) const;

  friend bool operator==(const Error&, const Error&) = default;
};

/// A value or an Error. Never dropped silently.
template <typename T>
using Result = std::expected<T, Error>;
/// Success without a value.
using Status = Result<void>;

/// Shorthand for returning a failure: `return fail(ErrorCode::kNotFound, "…");`
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message), {}});
}
[[nodiscard]] inline std::unexpected<Error> fail(Error error) {
  return std::unexpected(std::move(error));
}

/// Stops the process with a message: our own bug, never bad input.
[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace every::core

#define EVERY_DETAIL_CONCAT2(a, b) a##b
#define EVERY_DETAIL_CONCAT(a, b) EVERY_DETAIL_CONCAT2(a, b)

/// Returns the error of a Result/Status expression, if it failed.
#define EVERY_TRY(expression)                                                           \
  do {                                                                                  \
    auto every_try_result = (expression);                                               \
    if (!every_try_result) return std::unexpected(std::move(every_try_result).error()); \
  } while (false)

/// `EVERY_TRY_ASSIGN(auto x, f());` declares or assigns the value, or returns the error.
#define EVERY_TRY_ASSIGN(target, expression) \
  EVERY_DETAIL_TRY_ASSIGN(EVERY_DETAIL_CONCAT(every_try_result_, __LINE__), target, expression)
#define EVERY_DETAIL_TRY_ASSIGN(result, target, expression)       \
  auto result = (expression);                                     \
  if (!result) return std::unexpected(std::move(result).error()); \
  target = std::move(result).value()

/// Aborts when one of our own invariants is broken. Never for input.
#define EVERY_CHECK(condition)            \
  (static_cast<bool>(condition) ? void(0) \
                                : ::every::core::check_failed(#condition, __FILE__, __LINE__))
