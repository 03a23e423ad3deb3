#include "verbs/keys.h"

#include "node_key.h"
#include "node_request.h"
#include "settings_in_force.h"
#include <boost/json.hpp>

namespace every::cli {

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

}  // namespace every::cli
