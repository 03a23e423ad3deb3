#include "why_json.h"

#include "js_json.h"

#include "every/core/clock.h"
#include "every/ipld/cid.h"

namespace every::gateway {
namespace {

using runtime::BuildNote;
using runtime::Change;
using runtime::Difference;
using runtime::Explanation;
using runtime::KnownResult;
using runtime::TaskPlace;

void add_text(ObjectWriter& object, std::string_view key, std::string_view text) {
  if (text.empty()) {
    object.raw(key, "null");
  } else {
    object.text(key, text);
  }
}

void add_time(ObjectWriter& object, std::string_view key, core::WallNanos time) {
  add_text(object, key, time == 0 ? std::string() : core::render_timestamp(time));
}

template <typename List, typename Render>
std::string list_of(const List& items, const Render& render) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    out += render(item);
  }
  return out + "]";
}

std::string quoted(const std::string& text) {
  return render_json_string(text);
}

std::string place_of(const TaskPlace& place) {
  ObjectWriter object;
  object.text("run", place.run).text("run_name", place.run_name);
  add_time(object, "accepted", place.accepted);
  object.raw("task", std::to_string(place.task)).text("name", place.name);
  return std::move(object.text("instruction", place.instruction.render())).finish();
}

std::string pairs_of(const std::vector<std::pair<std::string, std::string>>& pairs) {
  ObjectWriter object;
  for (const auto& [name, value] : pairs) object.text(name, value);
  return std::move(object).finish();
}

std::string build_of(const std::optional<BuildNote>& build) {
  if (!build) return "null";
  ObjectWriter object;
  object.text("language", build->language);
  add_time(object, "built", build->built);
  object.raw("tools", pairs_of(build->tools)).raw("options", pairs_of(build->options));
  return std::move(object.raw("files", pairs_of(build->files))).finish();
}

std::string difference_of(const Difference& difference) {
  ObjectWriter object;
  object.text("field", runtime::render_field(difference.field));
  add_text(object, "path", difference.path);
  add_text(object, "before", difference.before);
  add_text(object, "after", difference.after);
  if (difference.field == Difference::Field::kComponent) {
    object.raw("before_build", build_of(difference.before_build));
    object.raw("after_build", build_of(difference.after_build));
    object.raw("build_changes", list_of(difference.build_changes, quoted));
  }
  return std::move(object).finish();
}

std::string change_of(const Change& change) {
  ObjectWriter object;
  object.raw("task", place_of(change.task)).raw("earlier", place_of(change.earlier));
  object.raw("awaited_by", change.awaited_by ? std::to_string(*change.awaited_by) : "null");
  object.raw("differences", list_of(change.differences, difference_of));
  return std::move(object.raw("more", std::to_string(change.more))).finish();
}

std::string known_of(const KnownResult& known) {
  ObjectWriter object;
  object.text("receipt", known.receipt.render());
  object.text("provenance", known.imported ? "imported" : "local");
  add_time(object, "created", known.created);
  object.raw("made_by", known.made_by ? place_of(*known.made_by) : "null");
  add_text(object, "node", known.node);
  add_text(object, "engine", known.engine);
  return std::move(object.raw("attested_by", list_of(known.attested_by, quoted))).finish();
}

}  // namespace

std::string render_why(const Explanation& why) {
  ObjectWriter object;
  object.text("run", why.task.run).raw("task", std::to_string(why.task.task));
  object.text("name", why.task.name).text("func", why.func);
  add_text(object, "component", why.component ? why.component->render() : std::string());
  object.text("instruction", why.task.instruction.render());
  object.text("state", runtime::render_state(why.state));
  add_text(object, "way", invocation::render_way(why.trace.way));
  object.text("reason", runtime::render_reason(why.reason)).text("sentence", why.sentence);
  object.raw("known", why.known ? known_of(*why.known) : "null");
  object.raw("missing",
             list_of(why.missing, [](const ipld::Cid& cid) { return quoted(cid.render()); }));
  object.raw("earlier", why.earlier ? place_of(*why.earlier) : "null");
  object.raw("changes", list_of(why.changes, change_of));
  ObjectWriter searched;
  searched.raw("runs", std::to_string(why.runs_searched));
  searched.raw("all", why.searched_all ? "true" : "false");
  return std::move(object.raw("searched", std::move(searched).finish())).finish();
}

std::string render_whys(const std::string& run, const std::vector<Explanation>& whys) {
  ObjectWriter object;
  object.text("run", run);
  return std::move(object.raw("tasks", list_of(whys, render_why))).finish();
}

}  // namespace every::gateway
