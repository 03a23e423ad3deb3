#include "node_choices.h"

namespace every::cli {

void add_function_option(Options& options, NodeChoices& choices) {
  options
      .values("--fn", "FILE", choices.functions,
              "A component (.wasm, .wat) whose functions may be called, or a source or project, "
              "which is "
              "built first; may be given again")
      .completes(Completion::kFiles);
}

void add_home_option(Options& options, NodeChoices& choices) {
  options
      .value("--home", "DIR", choices.home,
             "Where everything is kept (default: $XDG_DATA_HOME/every)")
      .completes(Completion::kDirectories);
}

void add_remote_options(Options& options, NodeChoices& choices) {
  options.heading("A node elsewhere");
  options.value("--node", "URL", choices.remote.node,
                "The node to ask, by the address of its gateway, such as https://node.example:3000 "
                "(default: this user's own)");
  options
      .value("--token-file", "FILE", choices.remote.token_file,
             "A file of mode 0600 with a token that node knows; its first line counts")
      .completes(Completion::kFiles);
  options
      .value("--tls-ca", "FILE", choices.remote.tls_ca,
             "The authority, or the self-made certificate, to trust (default: the system's)")
      .completes(Completion::kFiles);
}

void add_node_options(Options& options, NodeChoices& choices) {
  options.heading("Node");
  add_home_option(options, choices);
  options
      .value("--config", "FILE", choices.config,
             "Settings (TOML) to use over the built-in ones and the user's")
      .completes(Completion::kFiles);
  options.values("--trust-url", "URL", choices.trusted_urls,
                 "An https:// address below which components may be fetched, by their hash in "
                 "`rsc`; may be given again");
  options.number("--workers", "N", choices.workers, 0, 1024,
                 "Worker processes that run guests (default: one a core); 0: guests run in this "
                 "process");
  options.choice<settings::Durability>(
      "--durability", "LEVEL", choices.durability,
      {{"durable", settings::Durability::kDurable},
       {"relaxed", settings::Durability::kRelaxed},
       {"memory", settings::Durability::kMemory}},
      "durable: what was answered survives power loss (default); relaxed: it survives a crash; "
      "memory: nothing is kept");
  options.choice<core::LogFormat>("--log-format", "FORMAT", choices.log_format,
                                  {{"logfmt", core::LogFormat::kLogfmt},
                                   {"json", core::LogFormat::kJson},
                                   {"pretty", core::LogFormat::kPretty}},
                                  "How log lines look: logfmt (default), json or pretty");
  options.value(
      "--log-level", "LEVEL", choices.log_level,
      "Of the node's own lines: trace, debug, info, warn, error or off, or a list such as "
      "warn,worker=debug (default: EVERY_LOG, then RUST_LOG, then info)");
  options.choice<core::LogLevel>("--guest-log-level", "LEVEL", choices.guest_log_level,
                                 {{"trace", core::LogLevel::kTrace},
                                  {"debug", core::LogLevel::kDebug},
                                  {"info", core::LogLevel::kInfo},
                                  {"warn", core::LogLevel::kWarn},
                                  {"error", core::LogLevel::kError},
                                  {"off", core::LogLevel::kOff}},
                                 "Of the lines that functions write (default under dev: trace)");
}

}  // namespace every::cli
