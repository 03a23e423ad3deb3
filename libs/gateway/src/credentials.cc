#include "credentials.h"

#include "error_body.h"
#include "target.h"

namespace every::gateway {

std::string shown_token(std::string_view authorization, std::string_view upgrade_target) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() > kScheme.size() &&
      equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) {
    authorization.remove_prefix(kScheme.size());
    while (authorization.starts_with(' ')) authorization.remove_prefix(1);
    return std::string(authorization);
  }
  if (upgrade_target.empty()) return {};
  const auto target = parse_target(upgrade_target);
  const std::string* token = target ? target->find_query("access_token") : nullptr;
  return token != nullptr ? *token : std::string();
}

Response token_wanted(const Request& request) {
  const bool wrong = request.find_header("authorization") != nullptr ||
                     request.target.find("access_token=") != std::string::npos;
  Response response = error_response(
      {core::ErrorCode::kPermissionDenied,
       wrong ? "the token shown is none of this node's; it must be a line of the file this node "
               "was given with --token-file"
             : "this node asks for a token: send `Authorization: Bearer TOKEN`, or give `every` "
               "the file that holds it with --token-file FILE",
       {}});
  response.status = 401;
  response.headers.push_back(
      {"WWW-Authenticate",
       wrong ? R"(Bearer realm="every", error="invalid_token")" : R"(Bearer realm="every")"});
  return response;
}

}  // namespace every::gateway
