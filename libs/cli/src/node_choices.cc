#include "node_choices.h"

namespace every::cli {

void add_function_option(Options& options, NodeChoices& choices) {
  options
      .values("--fn", "FILE", choices.functions,
              "A component (.wasm, .wat) whose functions may be called; may be given again")
      .completes(Completion::kFiles);
}

void add_home_option(Options& options, NodeChoices& choices) {
  options
      .value("--home", "DIR", choices.home,
             "Where everything is kept (default: $XDG_DATA_HOME/every)")
      .completes(Completion::kDirectories);
}

void add_node_options(Options& options, NodeChoices& choices) {
  options.heading("Node");
  add_home_option(options, choices);
  options
      .value("--config", "FILE", choices.config,
             "Settings (TOML) to use over the built-in ones and the user's")
      .completes(Completion::kFiles);
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
}

}  // namespace every::cli
