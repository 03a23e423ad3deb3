#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "every/gateway/body_stream.h"

/// HTTP messages as plain data: what routes see, whatever socket (or none) they came through.
namespace every::gateway {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };
/// `GET`, … ; kOther is `OTHER`.
[[nodiscard]] std::string_view render_method(Method method);
/// The method of a request line; kOther for any that is not listed.
[[nodiscard]] Method parse_method(std::string_view text);

struct Header {
  std::string name;
  std::string value;
};

/// Who is asking.
enum class Peer : std::uint8_t {
  kNetwork,  ///< anybody who reaches the TCP port: Host and Origin are judged
  kOwner,    ///< this user, through the home's socket or in this process
  kTokenHolder,  ///< who showed a token this node knows: as kNetwork, and may change what the node has: admission.h
  kStranger,  ///< who showed none where one is asked for: refused
};

struct Request {
  Method method = Method::kGet;
  std::string target = "/";  ///< path and query as sent, percent-encoded
  std::vector<Header> headers;
  std::string body;
  Peer peer = Peer::kOwner;
  std::uint8_t http_minor = 1;

  /// The first header of a name, in any case; nullptr without one. Valid as long as the request is left alone.
  [[nodiscard]] const std::string* find_header(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::vector<Header> headers;
  std::string body;
  std::shared_ptr<BodyStream> stream = nullptr;  ///< in place of `body` where there is one

  [[nodiscard]] const std::string* find_header(std::string_view name) const;
};

/// The reason phrase of a status (`Not Found`); `Unknown` for one not listed.
[[nodiscard]] std::string_view reason_phrase(int status);

/// Whether two texts are the same but for the case of ASCII letters.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);

}  // namespace every::gateway
