#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "options.h"

#include "every/core/log.h"
#include "every/settings/settings.h"

namespace every::cli {

/// Which node is asked, when it is not this user's own.
struct RemoteChoices {
  std::optional<std::string> node;  ///< its URL
  std::optional<std::string> token_file;
  std::optional<std::string> tls_ca;
};

/// What every verb that needs a node takes.
struct NodeChoices {
  std::vector<std::string> functions;  ///< files, `--fn` first, then positional ones
  RemoteChoices remote;
  std::optional<std::string> home;
  std::optional<std::string> config;
  std::vector<std::string> trusted_urls;  ///< added to those of the settings
  std::optional<std::uint32_t> workers;
  std::optional<settings::Durability> durability;
  core::LogFormat log_format = core::LogFormat::kLogfmt;
  std::optional<std::string> log_level;  ///< a level, or directives: core::apply_log_directives
  std::optional<core::LogLevel> guest_log_level;
};

/// `--fn`.
void add_function_option(Options& options, NodeChoices& choices);
/// `--home`.
void add_home_option(Options& options, NodeChoices& choices);
/// `--node`, `--token-file`, `--tls-ca`, for verbs that ask a node and nothing else, under a heading of their own. Comes before add_node_options.
void add_remote_options(Options& options, NodeChoices& choices);
/// How a node is set up: `--home`, `--config`, `--workers`, `--durability`, and how it logs, under a heading of their own. Comes last.
void add_node_options(Options& options, NodeChoices& choices);

}  // namespace every::cli
