#include "arguments.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>

#include <CLI/CLI.hpp>

#include "every/core/error.h"

namespace every::cli {
namespace {

constexpr std::array<std::string_view, 4> kVerbs{"dev", "run", "call", "runs"};
constexpr const char* kExamples =
    "Examples:\n"
    "  every dev --fn math.wasm                 serve the functions of math.wasm on port 3000\n"
    "  curl localhost:3000/run --json @add.json run a workflow there\n"
    "  every run add.json --fn math.wasm        run one without a server\n"
    "  every call add 3.1 5.2 --fn math.wasm    call one function\n"
    "  every runs                               what ran, newest first\n";

// Marks a negative number, which would be taken for an option.
constexpr char kLiteral = '\x01';

bool is_negative_number(const std::string& text) {
  if (text.size() < 2 || text[0] != '-') return false;
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return end != nullptr && *end == '\0';
}

/// Puts the default verb in, takes a leading `cli` out, protects negative numbers.
std::vector<std::string> normalise(std::vector<std::string> arguments) {
  if (!arguments.empty() && arguments.front() == "cli") arguments.erase(arguments.begin());
  constexpr std::array<std::string_view, 4> kGlobal{"--help", "-h", "--version", "-v"};
  const auto is_in = [](const auto& list, const std::string& word) {
    return std::ranges::find(list, word) != list.end();
  };
  if (arguments.empty() ||
      (!is_in(kVerbs, arguments.front()) && !is_in(kGlobal, arguments.front()))) {
    arguments.insert(arguments.begin(), "dev");
  }
  for (std::string& word : arguments) {
    if (is_negative_number(word)) word.insert(word.begin(), kLiteral);
  }
  return arguments;
}

struct Raw {
  NodeChoices node;
  std::vector<std::string> files;
  std::string durability;
  bool debug = false;
  bool fresh = false;
  bool json = false;
  DevCommand dev;
  RunCommand run;
  CallCommand call;
  RunsCommand runs;
};

const std::map<std::string, core::LogFormat> kLogFormats{{"logfmt", core::LogFormat::kLogfmt},
                                                         {"json", core::LogFormat::kJson},
                                                         {"pretty", core::LogFormat::kPretty}};

void add_node_options(CLI::App& app, Raw& raw) {
  app.add_option("--fn", raw.node.functions,
                 "A component (.wasm, .wat) whose functions are served; may be given again")
      ->allow_extra_args(false)
      ->option_text("FILE");
  app.add_option("--home", raw.node.home,
                 "Where everything is kept (default: $XDG_DATA_HOME/every)")
      ->option_text("DIR");
  app.add_option("--config", raw.node.config, "Settings to use over the built-in ones")
      ->option_text("FILE");
  app.add_option("--workers", raw.node.workers,
                 "Worker processes that run guests; 0: none, guests run in this process (default: "
                 "one a core)")
      ->check(CLI::Range(0, 1024))
      ->option_text("N");
  app.add_option("--durability", raw.durability,
                 "durable: what was answered survives power loss (default); relaxed: ... a crash; "
                 "memory: nothing")
      ->check(CLI::IsMember({"durable", "relaxed", "memory"}))
      ->option_text("LEVEL");
  app.add_option("--log-format", raw.node.log_format, "logfmt (default), json or pretty")
      ->transform(CLI::CheckedTransformer(kLogFormats))
      ->option_text("FORMAT");
}

CLI::App* add_dev(CLI::App& app, Raw& raw) {
  CLI::App* dev =
      app.add_subcommand("dev", "Serve functions: gateway on port 3000 (the default command)");
  add_node_options(*dev, raw);
  dev->add_option("files", raw.files, "More components, as with --fn");
  dev->add_flag("--debug", raw.debug,
                "Add a fresh nonce to every task, so that nothing is replayed");
  dev->add_option("--port", raw.dev.port, "Port of the gateway (default 3000; 0: any free one)")
      ->check(CLI::Range(0, 65535))
      ->option_text("N");
  dev->add_option("--host", raw.dev.host,
                  "Loopback address to listen on (default: localhost, both 127.0.0.1 and ::1)")
      ->option_text("ADDRESS");
  return dev;
}

CLI::App* add_run(CLI::App& app, Raw& raw) {
  CLI::App* run =
      app.add_subcommand("run", "Run a workflow, here or on the node that is running already");
  add_node_options(*run, raw);
  run->add_option("workflow", raw.run.workflow,
                  "A workflow file, short or full form; - reads standard input")
      ->required();
  run->add_flag("--fresh", raw.fresh, "Run every task, whatever is known");
  run->add_flag("--json", raw.json,
                "Print every task with its CIDs, output and whether it was replayed");
  return run;
}

CLI::App* add_call(CLI::App& app, Raw& raw) {
  CLI::App* call = app.add_subcommand("call", "Call one function");
  add_node_options(*call, raw);
  call->add_option("function", raw.call.function, "Its name")->required();
  call->add_option("arguments", raw.call.arguments, "Its arguments in order, or as name=value");
  call->add_flag("--fresh", raw.fresh, "Run it, whatever is known");
  return call;
}

CLI::App* add_runs(CLI::App& app, Raw& raw) {
  CLI::App* runs = app.add_subcommand("runs", "List what ran, newest first");
  add_node_options(*runs, raw);
  runs->add_option("--limit", raw.runs.limit, "How many (default 20)")
      ->check(CLI::Range(1, 1000))
      ->option_text("N");
  runs->add_flag("--json", raw.json, "As JSON");
  return runs;
}

void unprotect(std::vector<std::string>& words) {
  for (std::string& word : words) {
    if (!word.empty() && word.front() == kLiteral) word.erase(0, 1);
  }
}

NodeChoices finish_node(Raw& raw) {
  NodeChoices node = std::move(raw.node);
  node.functions.insert(node.functions.end(), raw.files.begin(), raw.files.end());
  if (const auto durability = settings::parse_durability(raw.durability))
    node.durability = *durability;
  return node;
}

}  // namespace

Command parse_arguments(std::vector<std::string> arguments) {
  Raw raw;
  CLI::App app("Runs workflows of content-addressed WebAssembly component functions.", "every");
  app.set_version_flag("--version,-v", "every, " EVERY_VERSION);
  app.footer(kExamples);
  app.require_subcommand(0, 1);
  const CLI::App* dev = add_dev(app, raw);
  const CLI::App* run = add_run(app, raw);
  const CLI::App* call = add_call(app, raw);
  add_runs(app, raw);

  std::vector<std::string> words = normalise(std::move(arguments));
  std::ranges::reverse(words);  // as CLI11 wants them
  try {
    app.parse(std::move(words));
  } catch (const CLI::CallForVersion& version) {
    return Message{version.what(), 0};
  } catch (const CLI::Success&) {
    return Message{
        app.get_subcommands().empty() ? app.help() : app.get_subcommands().front()->help(), 0};
  } catch (const CLI::ParseError& error) {
    const std::string verb =
        app.get_subcommands().empty() ? "" : " " + app.get_subcommands().front()->get_name();
    return Message{std::string("error: ") + error.what() + "\nSee: every" + verb + " --help",
                   core::info(core::ErrorCode::kInvalidArgument).exit_code};
  }
  const auto reuse = raw.fresh ? runtime::Reuse::kFresh : runtime::Reuse::kMemo;
  const auto output = raw.json ? Output::kJson : Output::kText;
  if (dev->parsed()) {
    raw.dev.node = finish_node(raw);
    raw.dev.nonces = raw.debug ? gateway::Nonces::kRandom : gateway::Nonces::kNone;
    return std::move(raw.dev);
  }
  if (run->parsed()) {
    raw.run.node = finish_node(raw);
    raw.run.reuse = reuse;
    raw.run.output = output;
    return std::move(raw.run);
  }
  if (call->parsed()) {
    raw.call.node = finish_node(raw);
    raw.call.reuse = reuse;
    unprotect(raw.call.arguments);
    return std::move(raw.call);
  }
  raw.runs.node = finish_node(raw);
  raw.runs.output = output;
  return std::move(raw.runs);
}

}  // namespace every::cli
