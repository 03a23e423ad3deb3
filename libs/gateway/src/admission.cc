#include "admission.h"

#include <algorithm>
#include <array>

#include "error_body.h"

namespace every::gateway {
namespace {

using core::ErrorCode;

/// `example:3000` → `example`, `[::1]:3000` → `[::1]`. Empty when what follows the name is not a port.
std::string_view without_port(std::string_view host) {
  const std::size_t end = host.starts_with('[') ? host.find(']') : std::string_view::npos;
  const std::size_t colon = host.find(':', end == std::string_view::npos ? 0 : end);
  if (colon == std::string_view::npos) return host;
  const std::string_view port = host.substr(colon + 1);
  if (!std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; })) return {};
  return host.substr(0, colon);
}

bool is_loopback_host(std::string_view host) {
  constexpr std::array<std::string_view, 3> kNames{"localhost", "127.0.0.1", "[::1]"};
  return std::ranges::any_of(
      kNames, [host](std::string_view name) { return equals_ignoring_case(name, host); });
}

core::Error host_refused(std::string_view host) {
  return {ErrorCode::kPermissionDenied,
          "requests for host '" + std::string(host) +
              "' are not served here; use http://localhost or http://127.0.0.1",
          {}};
}

}  // namespace

bool is_loopback_origin(std::string_view origin) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme))
      return is_loopback_host(without_port(origin.substr(scheme.size())));
  }
  return false;
}

std::optional<Response> refuse(const Request& request, const ServiceOptions& options) {
  if (request.peer == Peer::kOwner) return std::nullopt;
  const std::string* host = request.find_header("host");
  if (host == nullptr) {
    if (request.http_minor == 0) return std::nullopt;
    return error_response({ErrorCode::kMalformed, "the request has no Host header", {}});
  }
  const std::string_view name = without_port(*host);
  const auto same = [name](const std::string& known) { return equals_ignoring_case(known, name); };
  if (!is_loopback_host(name) && std::ranges::none_of(options.hosts, same)) {
    return error_response(host_refused(*host));
  }
  const std::string* origin = request.find_header("origin");
  if (origin == nullptr || is_loopback_origin(*origin)) return std::nullopt;
  const auto allowed = [origin](const std::string& known) {
    return known == "*" || known == *origin;
  };
  if (std::ranges::any_of(options.origins, allowed)) return std::nullopt;
  return error_response({ErrorCode::kPermissionDenied,
                         "pages of origin '" + *origin +
                             "' may not use this node; only pages served from this machine may",
                         {}});
}

void add_common_headers(Response& response, const Request& request, const ServiceOptions& options) {
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  response.headers.push_back({"Content-Security-Policy", "sandbox; default-src 'none'"});
  const bool any = std::ranges::find(options.origins, "*") != options.origins.end();
  // What is answered depends on who asks, also for one who asks without an Origin: a cache must know.
  if (!any) response.headers.push_back({"Vary", "Origin"});
  // A refused page gets no permission to read why.
  const std::string* origin = request.find_header("origin");
  if (origin == nullptr || response.status == 403) return;
  response.headers.push_back({"Access-Control-Allow-Origin", any ? std::string("*") : *origin});
  response.headers.push_back(
      {"Access-Control-Expose-Headers",
       "Every-Run, Every-Receipt, Every-Replayed, Every-Error, Location, Retry-After"});
}

Response preflight(const Request& request) {
  Response response{
      204,
      {{"Allow", "GET, HEAD, POST, OPTIONS"},
       {"Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS"},
       {"Access-Control-Allow-Headers", "Accept,Content-Type,Idempotency-Key,Last-Event-ID"},
       {"Access-Control-Max-Age", "600"},
       {"Vary", "Access-Control-Request-Headers"}},
      {}};
  // A page of another address space (a public one, say) that was admitted must be told so once more.
  if (request.find_header("access-control-request-private-network") != nullptr)
    response.headers.push_back({"Access-Control-Allow-Private-Network", "true"});
  return response;
}

}  // namespace every::gateway
