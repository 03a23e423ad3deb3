#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "every/core/bytes.h"
#include "every/core/error.h"

namespace every::blocks {

/// Where an HTTP server is.
struct HttpPlace {
  enum class Scheme : std::uint8_t { kHttp, kHttps } scheme = Scheme::kHttp;
  std::string host;
  std::uint16_t port = 80;
  std::string path;  ///< before the target, without a slash at its end

  /// `http://host:port/path`. errors: kInvalidArgument
  [[nodiscard]] static core::Result<HttpPlace> parse(std::string_view text);
  [[nodiscard]] std::string render() const;
};

struct HttpRequest {
  std::string_view method = "GET";
  std::string target;
  std::string accept;        ///< empty: none
  std::string content_type;  ///< empty: no body
  std::string body;
};
struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};
struct HttpLimits {
  std::chrono::milliseconds connect{2000};
  std::chrono::milliseconds answer{30000};  ///< between two pieces of it, too
  std::uint64_t body_bytes = std::uint64_t{128} << 20;
};

/// One request on a connection of its own. Certificates are checked against the system's authorities.
///
/// errors: kUnavailable nobody listens, or the connection broke; kTimeout; kResourceExhausted a larger answer; kCancelled `cancelled` became true
/// thread: any, blocks
[[nodiscard]] core::Result<HttpAnswer> http_request(const HttpPlace& place,
                                                    const HttpRequest& request,
                                                    const HttpLimits& limits,
                                                    const std::atomic<bool>& cancelled);

}  // namespace every::blocks
