#include "verbs/info.h"

#include "node_request.h"
#include "panel.h"

namespace every::cli {

void InfoVerb::define(Options& /*options*/) {}

core::Result<int> InfoVerb::run(const Console& /*console*/) {
  // Under the original's name, its version: the one whose behaviour and data are meant.
  const std::string version = face == Face::kHomestar ? EVERY_HOMESTAR_VERSION : EVERY_VERSION;
  print(render_panel(panel_title("info"),
                     {{"version", "git_sha", "timestamp", "features"},
                      {version, EVERY_GIT_SHA, EVERY_GIT_TIMESTAMP,
                       "every-" EVERY_VERSION ",homestar-" EVERY_HOMESTAR_VERSION
                       ",ipfs,monitoring,wasmtime,websocket_notify"}},
                     paint_of(face)));
  return 0;
}

const VerbInfo kInfoVerb{"info", "Show version, commit and features of this binary",
                         "  every info\n", make_verb<InfoVerb>};

}  // namespace every::cli
