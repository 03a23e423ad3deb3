#include "verbs/info.h"

#include <algorithm>
#include <string>

#include "home_sizes.h"
#include "node_request.h"
#include "panel.h"
#include "places.h"
#include "sizes.h"
#include <boost/json.hpp>

namespace every::cli {
namespace {

namespace json = boost::json;

constexpr const char* kFeatures = "every-" EVERY_VERSION ",homestar-" EVERY_HOMESTAR_VERSION
                                  ",ipfs,monitoring,wasmtime,websocket_notify";

std::string row(std::string name, const std::string& size, const std::string& what) {
  name.resize(std::max<std::size_t>(name.size(), 16), ' ');
  std::string text = "  " + name + std::string(12 - std::min<std::size_t>(size.size(), 11), ' ');
  return text + size + (what.empty() ? "" : "   " + what) + "\n";
}

std::string counted(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string describe(const store::StoreSizes& sizes) {
  std::string text = counted(sizes.runs, "run", "runs");
  if (sizes.unfinished > 0) text += " (" + std::to_string(sizes.unfinished) + " unfinished)";
  return text + ", " + counted(sizes.receipts, "result", "results") + ", " +
         counted(sizes.failures, "failure", "failures") + ", " +
         counted(sizes.log_lines, "line of log", "lines of log");
}

std::string describe(const blocks::BlockSizes& sizes) {
  return counted(sizes.blocks, "block", "blocks") + " of " + size_text(sizes.content_bytes) + ", " +
         counted(sizes.components, "component", "components") + " loaded so far, " +
         counted(sizes.pins, "root", "roots") + " added or pinned";
}

std::string render_text(const HomeSizes& sizes, const Places& places) {
  std::string text = places.home.string();
  if (sizes.owner) text += " (used by pid " + std::to_string(sizes.owner->pid) + ")";
  text += "\n" + row("runs, results", size_text(sizes.disk.store),
                     sizes.store ? describe(*sizes.store) : "nothing yet");
  text += row("  their log", size_text(sizes.disk.store_log), "");
  text += row("content", size_text(sizes.disk.blocks),
              sizes.blocks ? describe(*sizes.blocks) : "nothing yet");
  text += row("  its log", size_text(sizes.disk.blocks_log), "");
  text += row("compiled code", size_text(sizes.disk.code), "");
  text += row("builds", size_text(sizes.disk.toolchain), "what building functions keeps");
  const std::uint64_t free =
      (sizes.store ? sizes.store->free_bytes : 0) + (sizes.blocks ? sizes.blocks->free_bytes : 0);
  text += row("free in files", size_text(free),
              "used again; `every gc` tells what else could go, and --apply gives it back");
  return text;
}

json::object render_json(const HomeSizes& sizes, const Places& places) {
  json::object out{{"home", places.home.string()},
                   {"cache", places.cache.string()},
                   {"pid", sizes.owner ? json::value(sizes.owner->pid) : json::value()}};
  const DiskUse& disk = sizes.disk;
  out["disk"] = json::object{{"store", disk.store},   {"store_log", disk.store_log},
                             {"blocks", disk.blocks}, {"blocks_log", disk.blocks_log},
                             {"code", disk.code},     {"builds", disk.toolchain}};
  if (const auto& store = sizes.store) {
    out["store"] = json::object{{"runs", store->runs},
                                {"unfinished", store->unfinished},
                                {"results", store->receipts},
                                {"failures", store->failures},
                                {"log_lines", store->log_lines},
                                {"pins", store->pins},
                                {"free_bytes", store->free_bytes}};
  }
  if (const auto& blocks = sizes.blocks) {
    out["content"] = json::object{{"blocks", blocks->blocks},
                                  {"bytes", blocks->content_bytes},
                                  {"components", blocks->components},
                                  {"roots", blocks->pins},
                                  {"free_bytes", blocks->free_bytes}};
  }
  return out;
}

}  // namespace

void InfoVerb::define(Options& options) {
  options.flag("--json", output, Output::kJson, "As JSON");
  add_home_option(options, node);
}

core::Result<int> InfoVerb::run(const Console& /*console*/) {
  // Under the original's name, its version: the one whose behaviour and data are meant.
  const std::string version = face == Face::kHomestar ? EVERY_HOMESTAR_VERSION : EVERY_VERSION;
  if (output == Output::kText)
    print(render_panel(panel_title("info"),
                       {{"version", "git_sha", "timestamp", "features"},
                        {version, EVERY_GIT_SHA, EVERY_GIT_TIMESTAMP, kFeatures}},
                       paint_of(face)));
  if (face == Face::kHomestar) return 0;
  EVERY_TRY_ASSIGN(const Places places, find_places(node.home, system_environment));
  EVERY_TRY_ASSIGN(const HomeSizes sizes, read_home_sizes(places));
  if (output == Output::kText) {
    print("\n" + render_text(sizes, places));
    return 0;
  }
  json::object out{{"version", version},
                   {"git_sha", EVERY_GIT_SHA},
                   {"timestamp", EVERY_GIT_TIMESTAMP},
                   {"features", kFeatures}};
  for (auto& entry : render_json(sizes, places)) out[entry.key()] = entry.value();
  print(json::serialize(out) + "\n");
  return 0;
}

const VerbInfo kInfoVerb{"info",
                         "Show what this binary is and what a home keeps, in counts and bytes",
                         "  every info\n"
                         "  every info --home DIR --json\n",
                         make_verb<InfoVerb>};

}  // namespace every::cli
