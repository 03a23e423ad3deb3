#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "console.h"
#include "options.h"

#include "every/core/error.h"
#include "every/gateway/client.h"
#include "every/gateway/server.h"
#include "every/settings/settings.h"

namespace every::cli {

/// Where a node's servers listen and who may use them: what verbs that serve take, over the settings.
struct AccessChoices {
  std::optional<std::string> host;
  std::vector<std::string> host_names;
  std::optional<std::string> token_file;
  std::optional<std::string> tls_cert;
  std::optional<std::string> tls_key;
};

/// `--host`, `--host-name`, `--token-file`, `--tls-cert`, `--tls-key`, under a heading of their own.
void add_access_options(Options& options, AccessChoices& choices);
/// Puts what was chosen over the settings. A host that was chosen is that of every port.
void apply(const AccessChoices& choices, settings::Settings& settings);

/// The same as the servers need it.
struct ServerAccess {
  std::vector<std::string> gateway_hosts;
  std::vector<std::string> runtime_hosts;  ///< of JSON-RPC and metrics
  std::vector<std::string> names;  ///< accepted in `Host` beside addresses and loopback names
  std::shared_ptr<const gateway::Tokens> tokens;
  std::shared_ptr<const gateway::TlsIdentity> tls;

  /// Reads the files. errors: those of Tokens::read and TlsIdentity::read; kInvalidArgument a certificate without its key, or the reverse
  [[nodiscard]] static core::Result<ServerAccess> open(const settings::Settings& settings);

  /// A server with what it asks of a client, and the limits of the settings; its port is still to be said. in: hosts   one of the two lists
  [[nodiscard]] gateway::ServerOptions options_for(const std::vector<std::string>& hosts,
                                                   const settings::Settings& settings) const;
  /// The gateway's address for other machines; none when it listens on loopback addresses only.
  [[nodiscard]] std::optional<std::string> url_for_others(std::uint16_t port) const;
  /// `! …` when what is said to other machines can be read on the way.
  void warn(const Console& console) const;
};

}  // namespace every::cli
