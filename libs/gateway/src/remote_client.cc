#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include "wire.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "every/gateway/client.h"

namespace every::gateway {
namespace {

using core::ErrorCode;

constexpr std::uint16_t kUsualPort = 3000;

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Freed<SSL_free>>;

core::Error unreachable(const NodeAddress& node, const std::string& why) {
  return {ErrorCode::kUnavailable,
          "no node answers at " + node.render() + ": " + why +
              "; check the address, and that the node was started with a --host others can reach",
          {{"reason", why}}};
}

core::Error too_slow(const NodeAddress& node) {
  return {ErrorCode::kTimeout,
          node.render() + " does not take a connection in time",
          {{"reason", "no connection in time"}}};
}

/// out: 0, or the errno of why there is no connection
int connect_within(int fd, const addrinfo& address, std::chrono::milliseconds limit) {
  if (::connect(fd, address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
  const int count = ::poll(&ready, 1, static_cast<int>(limit.count()));
  if (count == 0) return ETIMEDOUT;
  if (count < 0) return errno;
  int problem = 0;
  socklen_t size = sizeof(problem);
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size);
  return problem;
}

void limit_silence(int fd, std::chrono::milliseconds limit) {
  const timeval time{.tv_sec = limit.count() / 1000, .tv_usec = (limit.count() % 1000) * 1000};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
}

core::Result<core::UniqueFd> connect_to(const NodeAddress& node, const RemoteAccess& access) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int problem =
      ::getaddrinfo(node.host.c_str(), std::to_string(node.port).c_str(), &wanted, &found);
  if (problem != 0) return core::fail(unreachable(node, ::gai_strerror(problem)));
  const std::unique_ptr<addrinfo, Freed<::freeaddrinfo>> owned(found);
  int last = 0;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    core::UniqueFd fd(
        ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, at->ai_protocol));
    if (!fd.valid()) continue;
    last = connect_within(fd.get(), *at, access.connect);
    if (last != 0) continue;
    ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) & ~O_NONBLOCK);
    // A run may take long; that the other side is gone for good is noticed all the same.
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    return fd;
  }
  if (last == ETIMEDOUT) return core::fail(too_slow(node));
  return core::fail(unreachable(node, std::strerror(last)));
}

std::string last_tls_problem() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  return text.data();
}

class TlsWire final : public Wire {
 public:
  TlsWire(core::UniqueFd fd, Context context, Session session)
      : fd_(std::move(fd)), context_(std::move(context)), session_(std::move(session)) {}

  core::Result<std::size_t> send(std::string_view text) override {
    std::size_t sent = 0;
    ERR_clear_error();
    if (SSL_write_ex(session_.get(), text.data(), text.size(), &sent) == 1) return sent;
    if (SSL_get_error(session_.get(), 0) == SSL_ERROR_SYSCALL) return 0;
    return core::fail(ErrorCode::kIo, "cannot send to the node: " + last_tls_problem());
  }

  core::Result<std::size_t> receive(std::span<char> out) override {
    std::size_t got = 0;
    ERR_clear_error();
    if (SSL_read_ex(session_.get(), out.data(), out.size(), &got) == 1) return got;
    switch (SSL_get_error(session_.get(), 0)) {
      case SSL_ERROR_ZERO_RETURN:
        return 0;
      case SSL_ERROR_SYSCALL:
        return core::fail(ErrorCode::kIo, std::string("the node's answer broke off: ") +
                                              (errno != 0 ? std::strerror(errno) : "no goodbye"));
      default:
        return core::fail(ErrorCode::kIo, "the node's answer broke off: " + last_tls_problem());
    }
  }

 private:
  core::UniqueFd fd_;
  Context context_;
  Session session_;
};

core::Result<Context> make_context(const RemoteAccess& access) {
  Context context(SSL_CTX_new(TLS_client_method()));
  EVERY_CHECK(context != nullptr);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (access.tls_ca.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
    return context;
  }
  EVERY_TRY(core::read_file(access.tls_ca));
  if (SSL_CTX_load_verify_file(context.get(), access.tls_ca.c_str()) != 1)
    return core::fail(ErrorCode::kMalformed,
                      access.tls_ca.string() + " holds no certificate in PEM form");
  // A certificate that is given by itself is believed, whoever made it.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.get()), X509_V_FLAG_PARTIAL_CHAIN);
  return context;
}

core::Error handshake_error(SSL* session, const NodeAddress& node) {
  const long verdict = SSL_get_verify_result(session);
  if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH)
    return {ErrorCode::kPermissionDenied,
            "the certificate at " + node.render() + " is not for " + node.host +
                "; ask for the node by a name its certificate has",
            {{"reason", "its certificate is not for " + node.host}}};
  if (verdict != X509_V_OK)
    return {ErrorCode::kPermissionDenied,
            "the certificate at " + node.render() + " is not trusted (" +
                X509_verify_cert_error_string(verdict) +
                "); give its authority, or a self-made certificate itself, with --tls-ca FILE",
            {{"reason", std::string("its certificate is not trusted: ") +
                            X509_verify_cert_error_string(verdict)}}};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return too_slow(node);
  const int reason = ERR_GET_REASON(ERR_peek_error());
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST) {
    NodeAddress plain = node;
    plain.scheme = NodeAddress::Scheme::kHttp;
    return {ErrorCode::kUnsupported,
            node.render() + " does not speak TLS; use " + plain.render() +
                ", or start the node with --tls-cert and --tls-key",
            {{"reason", "it does not speak TLS"}}};
  }
  return {ErrorCode::kUnavailable,
          "no TLS connection to " + node.render() + ": " +
              (ERR_peek_error() != 0 ? last_tls_problem() : "it was closed"),
          {}};
}

core::Result<std::unique_ptr<Wire>> secure(core::UniqueFd fd, const NodeAddress& node,
                                           const RemoteAccess& access) {
  EVERY_TRY_ASSIGN(Context context, make_context(access));
  Session session(SSL_new(context.get()));
  EVERY_CHECK(session != nullptr);
  in6_addr ignored{};
  const bool is_address = ::inet_pton(AF_INET, node.host.c_str(), &ignored) == 1 ||
                          ::inet_pton(AF_INET6, node.host.c_str(), &ignored) == 1;
  if (is_address) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), node.host.c_str());
  } else {
    SSL_set1_host(session.get(), node.host.c_str());
    // As SSL_set_tlsext_host_name, whose macro casts the old way.
    SSL_ctrl(session.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(node.host.c_str()));
  }
  SSL_set_fd(session.get(), fd.get());
  limit_silence(fd.get(), access.connect);
  ERR_clear_error();
  errno = 0;
  if (SSL_connect(session.get()) != 1) return core::fail(handshake_error(session.get(), node));
  limit_silence(fd.get(), access.silence);
  return std::make_unique<TlsWire>(std::move(fd), std::move(context), std::move(session));
}

}  // namespace

core::Result<NodeAddress> NodeAddress::parse(std::string_view text) {
  const std::string whole(text);
  const auto refused = [&whole] {
    return core::fail(ErrorCode::kInvalidArgument,
                      "'" + whole +
                          "' is no address of a node; write http://HOST:PORT or "
                          "https://HOST:PORT, with the port of its gateway");
  };
  NodeAddress node;
  node.port = kUsualPort;
  if (text.starts_with("https://")) {
    node.scheme = Scheme::kHttps;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return refused();
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return refused();
  if (const std::size_t colon = text.find(':', bracket); colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), node.port);
    if (problem != std::errc() || end != port.data() + port.size() || node.port == 0)
      return refused();
    text = text.substr(0, colon);
  }
  if (bracket > 0 && bracket + 1 != text.size()) return refused();
  node.host = bracket > 0 ? text.substr(1, bracket - 1) : text;
  if (node.host.empty() || node.host.find_first_of("/?#@ \t\r\n") != std::string::npos)
    return refused();
  return node;
}

std::string NodeAddress::authority() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string NodeAddress::render() const {
  return (scheme == Scheme::kHttps ? "https://" : "http://") + authority();
}

core::Result<Response> call_remote(const NodeAddress& node, const RemoteAccess& access,
                                   const Request& request) {
  Request shown = request;
  if (!access.token.empty()) shown.headers.push_back({"Authorization", "Bearer " + access.token});
  EVERY_TRY_ASSIGN(core::UniqueFd fd, connect_to(node, access));
  std::unique_ptr<Wire> wire;
  if (node.scheme == NodeAddress::Scheme::kHttps) {
    EVERY_TRY_ASSIGN(wire, secure(std::move(fd), node, access));
  } else {
    limit_silence(fd.get(), access.silence);
    wire = std::make_unique<PlainWire>(std::move(fd));
  }
  EVERY_TRY_ASSIGN(const std::string text,
                   converse(*wire, render_request(shown, node.authority()), access.longest_answer));
  return parse_response(text);
}

}  // namespace every::gateway
