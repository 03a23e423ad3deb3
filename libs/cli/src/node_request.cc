#include "node_request.h"

#include <cctype>
#include <cstdio>

#include "toolchain_access.h"

#include "every/core/text.h"

namespace every::cli {

using gateway::Request;
using gateway::Response;

namespace {

/// Has the functions served, and says so when that changes what others find at a node.
core::Status load_functions_of(NodeAccess& node, const std::vector<std::string>& components,
                               const NodeChoices& choices, const Console& console) {
  if (components.empty() || !node.is_shared()) return node.load(components);
  EVERY_TRY_ASSIGN(const Response before, node.send(get("/")));
  EVERY_TRY(node.load(components));
  EVERY_TRY_ASSIGN(const Response after, node.send(get("/")));
  if (before.body != after.body) {
    console.warn("The node that is running serves the functions of " +
                 core::join_words(choices.functions) + " from now on, too, until it stops");
  }
  return {};
}

}  // namespace

core::Result<Response> ask(const NodeChoices& choices, const Request& request,
                           const Console& console) {
  return converse(choices, console, [&request](NodeAccess& node) { return node.send(request); });
}

core::Result<Response> converse(const NodeChoices& choices, const Console& console,
                                const std::function<core::Result<Response>(NodeAccess&)>& talk) {
  EVERY_TRY_ASSIGN(const auto components, build_sources(choices.functions, choices.home, console));
  constexpr int kTries = 5;
  for (int i = 1;; ++i) {
    EVERY_TRY_ASSIGN(const auto node, NodeAccess::open(choices, console));
    EVERY_TRY(load_functions_of(*node, components, choices, console));
    auto response = talk(*node);
    const bool gone =
        response ? response->status == 503 : response.error().code == core::ErrorCode::kUnavailable;
    // A node elsewhere does not change its owner.
    if (!gone || i == kTries || choices.remote.node) return response;
  }
}

Request get(std::string target) {
  return {gateway::Method::kGet, std::move(target), {}, {}};
}

Request json_post(std::string target, std::string body) {
  return {gateway::Method::kPost,
          std::move(target),
          {{"Content-Type", "application/json"}},
          std::move(body)};
}

std::string url_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_') {
      out += c;
    } else {
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

void print(std::string_view bytes) {
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  std::fflush(stdout);
}

void print_body(const Response& response) {
  print(response.body);
  const std::string* type = response.find_header("content-type");
  const bool is_text =
      type != nullptr && (type->starts_with("text/") || type->starts_with("application/json"));
  if (is_text && !response.body.ends_with('\n')) print("\n");
}

}  // namespace every::cli
