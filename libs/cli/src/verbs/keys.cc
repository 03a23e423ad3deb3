#include "verbs/keys.h"

#include <filesystem>

#include "node_key.h"
#include "node_request.h"
#include "settings_in_force.h"
#include <boost/json.hpp>

#include "every/core/file.h"
#include "every/gateway/access.h"

namespace every::cli {
namespace {

namespace fs = std::filesystem;

/// What is there must be a token file, for this user alone.
core::Status add_line(const fs::path& file, const std::string& line) {
  std::string text;
  std::error_code problem;
  if (fs::exists(file, problem)) {
    EVERY_TRY(gateway::Tokens::read(file));
    EVERY_TRY_ASSIGN(const core::Bytes old, core::read_file(file));
    text = core::as_text(old);
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
  }
  return core::write_file_atomically(file, core::as_bytes(text + line + "\n"), 0600);
}

}  // namespace

void KeysShowVerb::define(Options& options) {
  options.value("--home", "DIR", home, "The home whose key is meant (default: the user's)")
      .completes(Completion::kDirectories);
  options.value("--config", "FILE", config, "Settings to read over the user's")
      .completes(Completion::kFiles);
  options.flag("--json", output, Output::kJson, "As JSON");
}

core::Result<int> KeysShowVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(const Places places, find_places(home, system_environment));
  EVERY_TRY_ASSIGN(const InForce all,
                   read_settings_in_force(places, config, environment_variables()));
  EVERY_TRY_ASSIGN(const NodeKey key, load_node_key(places, all.settings));
  for (const std::string& warning : key.warnings) console.warn(warning);
  const ipld::PublicKey& name = key.key.public_key();
  if (output == Output::kJson) {
    print(boost::json::serialize(boost::json::object{{"peer_id", name.peer_id()},
                                                     {"did", name.did()},
                                                     {"type", render_key_type(name.type())},
                                                     {"from", key.origin}}) +
          "\n");
    return 0;
  }
  print("peer id  " + name.peer_id() + "\ndid      " + name.did() + "\ntype     " +
        std::string(render_key_type(name.type())) + "\nfrom     " + key.origin + "\n");
  return 0;
}

const VerbInfo kKeysShowVerb{
    "keys show", "Show this node's peer id and DID; its key is made the first time",
    "  every keys show                       the did is what others put into `trusted_keys`\n",
    make_verb<KeysShowVerb>};

void KeysTokenVerb::define(Options& options) {
  options
      .value("--token-file", "FILE", token_file,
             "The file to add it to, made when it is not there (default: `tokens` in the home)")
      .completes(Completion::kFiles);
  options.value("--home", "DIR", home, "The home whose file is meant (default: the user's)")
      .completes(Completion::kDirectories);
  options.flag("--json", output, Output::kJson, "As JSON");
}

core::Result<int> KeysTokenVerb::run(const Console& console) {
  fs::path file;
  if (token_file) {
    file = fs::absolute(*token_file);
  } else {
    EVERY_TRY_ASSIGN(const Places places, find_places(home, system_environment));
    EVERY_TRY(core::ensure_private_directory(places.home));
    file = places.token_file();
  }
  const std::string token = gateway::make_token();
  EVERY_TRY(add_line(file, token));
  if (output == Output::kJson) {
    print(boost::json::serialize(
              boost::json::object{{"token", token}, {"token_file", file.string()}}) +
          "\n");
    return 0;
  }
  print(token + "\n");
  console.done("Added to", file.string());
  console.line("  serve:  every dev --host 0.0.0.0 --token-file " + file.string());
  console.line("  ask:    every runs --node http://HOST:3000 --token-file COPY");
  console.line("          or any client with the header Authorization: Bearer TOKEN");
  return 0;
}

const VerbInfo kKeysTokenVerb{
    "keys token", "Make a token that lets a client use this node from elsewhere",
    "  every keys token                            adds it to `tokens` in the home, and prints it\n"
    "  every keys token --token-file ci.token      a file of its own, for one client\n",
    make_verb<KeysTokenVerb>};

}  // namespace every::cli
