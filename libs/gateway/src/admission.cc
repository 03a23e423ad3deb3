#include "admission.h"

#include <algorithm>
#include <array>

#include "credentials.h"
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

/// `192.0.2.1`, `[2001:db8::1]`: no name, so nobody's DNS can make it mean this node.
bool is_address(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) return true;
  return !host.empty() &&
         std::ranges::all_of(host, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

/// in: known   a name, or `*.example.org`, which stands for one more label
bool same_name(std::string_view known, std::string_view host) {
  if (!known.starts_with("*.")) return equals_ignoring_case(known, host);
  const std::size_t dot = host.find('.');
  return dot != std::string_view::npos && dot > 0 &&
         equals_ignoring_case(known.substr(1), host.substr(dot));
}

bool is_known_host(std::string_view host, const std::vector<std::string>& known,
                   bool asks_for_tokens) {
  if (is_loopback_host(host) || (asks_for_tokens && is_address(host))) return true;
  return std::ranges::any_of(known,
                             [host](const std::string& name) { return same_name(name, host); });
}

/// in: host   of the same request, known
bool is_known_origin(std::string_view origin, std::string_view host,
                     const std::vector<std::string>& known) {
  if (is_loopback_origin(origin)) return true;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme) && equals_ignoring_case(origin.substr(scheme.size()), host))
      return true;
  }
  return std::ranges::any_of(
      known, [origin](const std::string& one) { return one == "*" || one == origin; });
}

core::Error host_refused(std::string_view host, bool asks_for_tokens) {
  const std::string name(without_port(host));
  return {ErrorCode::kPermissionDenied,
          "requests for host '" + std::string(host) + "' are not served here; " +
              (asks_for_tokens ? "if it is a name of this node, start it with --host-name " + name
                               : std::string("use http://localhost or http://127.0.0.1")),
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
  const auto is_host = [](const Header& header) {
    return equals_ignoring_case(header.name, "host");
  };
  if (std::ranges::count_if(request.headers, is_host) > 1)
    return error_response({ErrorCode::kMalformed, "the request has several Host headers", {}});
  const bool asks_for_tokens = request.peer != Peer::kNetwork;
  if (!is_known_host(without_port(*host), options.hosts, asks_for_tokens))
    return error_response(host_refused(*host, asks_for_tokens));
  const std::string* origin = request.find_header("origin");
  if (origin != nullptr && !is_known_origin(*origin, *host, options.origins)) {
    return error_response({ErrorCode::kPermissionDenied,
                           "pages of origin '" + *origin +
                               "' may not use this node; only pages served from this machine, and "
                               "those of origins given with --cors, may",
                           {}});
  }
  // A preflight carries no credentials.
  if (request.peer == Peer::kStranger && request.method != Method::kOptions)
    return token_wanted(request);
  return std::nullopt;
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
  Response response{204,
                    {{"Allow", "GET, HEAD, POST, OPTIONS"},
                     {"Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS"},
                     {"Access-Control-Allow-Headers",
                      "Accept,Content-Type,Authorization,Idempotency-Key,Last-Event-ID"},
                     {"Access-Control-Max-Age", "600"},
                     {"Vary", "Access-Control-Request-Headers"}},
                    {}};
  // A page of another address space (a public one, say) that was admitted must be told so once more.
  if (request.find_header("access-control-request-private-network") != nullptr)
    response.headers.push_back({"Access-Control-Allow-Private-Network", "true"});
  return response;
}

}  // namespace every::gateway
