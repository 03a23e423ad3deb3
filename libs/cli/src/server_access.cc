#include "server_access.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <unistd.h>

namespace every::cli {
namespace {

namespace fs = std::filesystem;

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

bool is_wildcard(const std::string& host) {
  return host == "0.0.0.0" || host == "::" || host == "[::]";
}

/// The original's addresses stand for both of the machine's own.
std::vector<std::string> runtime_hosts_of(const settings::Settings& settings) {
  const settings::Settings usual;
  if (settings.webserver_host != usual.webserver_host) return {settings.webserver_host};
  if (settings.webserver_v4_host == usual.webserver_v4_host &&
      settings.webserver_v6_host == usual.webserver_v6_host)
    return {"localhost"};
  return {settings.webserver_v4_host, settings.webserver_v6_host};
}

std::string machine_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

}  // namespace

void add_access_options(Options& options, AccessChoices& choices) {
  options.heading("Access from other machines");
  options.value("--host", "ADDRESS", choices.host,
                "Address to listen on, for every port (default: localhost, both 127.0.0.1 and "
                "::1); one that others can reach (0.0.0.0: all) needs --token-file");
  options
      .value("--token-file", "FILE", choices.token_file,
             "Who shows a token of this file may use the node; `every keys token` makes one")
      .completes(Completion::kFiles);
  options
      .value("--tls-cert", "FILE", choices.tls_cert,
             "Speak TLS on every port, with this certificate (PEM, with its chain)")
      .completes(Completion::kFiles);
  options.value("--tls-key", "FILE", choices.tls_key, "The certificate's key (PEM)")
      .completes(Completion::kFiles);
  options.values("--host-name", "NAME", choices.host_names,
                 "A name this node is reached by, beside its addresses and the names of its "
                 "certificate; may be given again");
}

void apply(const AccessChoices& choices, settings::Settings& settings) {
  if (choices.host) {
    const settings::Settings usual;
    settings.host = *choices.host;
    settings.webserver_host = *choices.host;
    settings.webserver_v4_host = usual.webserver_v4_host;
    settings.webserver_v6_host = usual.webserver_v6_host;
  }
  if (choices.token_file) settings.token_file = fs::absolute(*choices.token_file);
  if (choices.tls_cert) settings.tls_cert = fs::absolute(*choices.tls_cert);
  if (choices.tls_key) settings.tls_key = fs::absolute(*choices.tls_key);
  settings.host_names.insert(settings.host_names.end(), choices.host_names.begin(),
                             choices.host_names.end());
}

core::Result<ServerAccess> ServerAccess::open(const settings::Settings& settings) {
  if (settings.tls_cert.has_value() != settings.tls_key.has_value())
    return core::fail(core::ErrorCode::kInvalidArgument,
                      settings.tls_cert ? "--tls-cert needs its key: --tls-key FILE"
                                        : "--tls-key needs its certificate: --tls-cert FILE");
  ServerAccess access;
  access.gateway_hosts = {settings.host};
  access.runtime_hosts = runtime_hosts_of(settings);
  access.names = settings.host_names;
  if (settings.token_file) {
    EVERY_TRY_ASSIGN(access.tokens, gateway::Tokens::read(*settings.token_file));
  }
  if (settings.tls_cert) {
    EVERY_TRY_ASSIGN(access.tls, gateway::TlsIdentity::read(*settings.tls_cert, *settings.tls_key));
    const auto& known = access.tls->names();
    access.names.insert(access.names.end(), known.begin(), known.end());
  }
  // Behind a token, a page of another site gains nothing by a name of this machine's.
  if (access.tokens != nullptr) access.names.push_back(machine_name());
  return access;
}

gateway::ServerOptions ServerAccess::options_for(const std::vector<std::string>& hosts,
                                                 const settings::Settings& settings) const {
  gateway::ServerOptions options;
  options.hosts = hosts;
  options.tokens = tokens;
  options.tls = tls;
  options.limits.body_bytes = settings.body_bytes;
  options.limits.connections = settings.connections;
  return options;
}

std::optional<std::string> ServerAccess::url_for_others(std::uint16_t port) const {
  const auto open = std::ranges::find_if_not(gateway_hosts, is_loopback);
  if (open == gateway_hosts.end()) return std::nullopt;
  gateway::NodeAddress address;
  address.port = port;
  if (tls != nullptr) address.scheme = gateway::NodeAddress::Scheme::kHttps;
  address.host = is_wildcard(*open) ? machine_name() : *open;
  if (address.host.starts_with('[')) address.host = address.host.substr(1, open->size() - 2);
  for (const std::string& name : names) {
    if (name.starts_with("*.") || name == "localhost") continue;
    address.host = name;
    break;
  }
  return address.render() + "/";
}

void ServerAccess::warn(const Console& console) const {
  const auto open = [](const std::vector<std::string>& hosts) {
    return !std::ranges::all_of(hosts, is_loopback);
  };
  if (tls == nullptr && (open(gateway_hosts) || open(runtime_hosts)))
    console.warn(
        "Tokens and results travel unencrypted: others on the way can read them; give --tls-cert "
        "and --tls-key, or put a proxy that speaks TLS in front");
}

}  // namespace every::cli
