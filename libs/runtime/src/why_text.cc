#include "why_text.h"

#include <algorithm>
#include <vector>

namespace every::runtime {
namespace {

using Reason = Explanation::Reason;
using Field = Difference::Field;

/// What is said of a run, or of one that is only thought of.
struct Tense {
  const char* ran;
  const char* did_not_run;
  const char* on_its_own;
};
Tense tense_of(const Explanation& why) {
  if (why.task.run.empty()) return {" would run", " would not run", " would not run on its own: "};
  return {" ran", " did not run", " did not run on its own: "};
}

std::string name_of(const TaskPlace& place) {
  return "task " + (place.name.empty() ? std::to_string(place.task) : place.name);
}

std::string in_run(const TaskPlace& place, const TaskPlace& asked) {
  if (asked.run.empty() && place.run.empty()) return name_of(place) + " of this workflow";
  return place.run == asked.run ? name_of(place) + " of this run"
                                : name_of(place) + " of run " + place.run;
}

std::string searched(const Explanation& why) {
  const std::size_t runs = why.runs_searched;
  if (runs == 0) return "no run is recorded before it";
  if (runs == 1)
    return why.searched_all ? "the one run before it was looked at"
                            : "the last run before it was looked at, not those before";
  return (why.searched_all ? "all " : "the last ") + std::to_string(runs) +
         " runs before it were looked at" + (why.searched_all ? "" : ", not those before");
}

/// The message of a task that nothing was executed for, without saying so once more.
std::string reason_of(const std::string& message) {
  for (const std::string_view begin : {"not run: ", "skipped: "}) {
    if (message.starts_with(begin)) return message.substr(begin.size());
  }
  return message;
}

std::string hit_sentence(const Explanation& why) {
  const std::string begin = name_of(why.task) + tense_of(why).did_not_run + ": its result " +
                            (why.task.run.empty() ? "is" : "was") + " known";
  if (!why.known) return begin;
  if (why.known->imported) {
    return begin + ", and came from elsewhere" +
           (why.known->attested_by.empty() ? ""
                                           : ", attested by " + why.known->attested_by.front());
  }
  return why.known->made_by ? begin + " from " + in_run(*why.known->made_by, why.task) : begin;
}

std::string joined_sentence(const Explanation& why) {
  const std::string begin = name_of(why.task) + tense_of(why).on_its_own;
  if (why.known && why.known->made_by)
    return begin + "an equal one, " + in_run(*why.known->made_by, why.task) + ", " +
           (why.task.run.empty() ? "gives its outcome to this one, too"
                                 : "was under way, and this one took its outcome");
  return begin + "an equal one was under way, and this one took its outcome";
}

std::string pending_sentence(const Explanation& why) {
  if (why.trace.started != 0) return name_of(why.task) + " is running";
  return name_of(why.task) +
         (why.trace.ready != 0 ? " waits for a worker" : " waits for what it awaits");
}

std::string content_sentence(const Explanation& why) {
  std::string text = name_of(why.task) + tense_of(why).ran +
                     " again because content that its known result links to was not here";
  if (why.missing.empty()) return text + " (by now it is)";
  text += ": " + why.missing.front().render();
  if (why.missing.size() > 1) text += " and " + std::to_string(why.missing.size() - 1) + " more";
  return text;
}

/// `its component changed`, with `whose` in place of `its` for a task further up.
std::string what_changed(const Change& change, const std::string& whose) {
  std::vector<std::string> parts;
  for (const Difference& difference : change.differences) {
    switch (difference.field) {
      case Field::kComponent:
        parts.emplace_back("component");
        break;
      case Field::kFunction:
        parts.push_back("function (" + difference.before + " → " + difference.after + ")");
        break;
      case Field::kArgument:
        parts.push_back("argument " + difference.path + " (" +
                        (difference.before.empty() ? "none" : difference.before) + " → " +
                        (difference.after.empty() ? "none" : difference.after) + ")");
        break;
      case Field::kNonce:
        parts.emplace_back("nonce (--debug gives each request its own)");
        break;
      case Field::kOperation:
        parts.emplace_back("operation");
        break;
      case Field::kAwait:
        break;
    }
  }
  constexpr std::size_t kMostParts = 3;
  std::string text;
  const std::size_t shown = std::min(parts.size(), kMostParts);
  for (std::size_t i = 0; i < shown; ++i) {
    const bool is_last = i + 1 == shown && parts.size() <= kMostParts;
    text += (i == 0 ? "" : is_last ? " and " : ", ") + parts[i];
  }
  if (parts.size() > kMostParts) text += " and more";
  return whose + " " + text + " changed";
}

bool is_root(const Change& change) {
  return std::ranges::any_of(change.differences, [](const Difference& difference) {
    return difference.field != Field::kAwait;
  });
}

std::string changed_sentence(const Explanation& why) {
  std::size_t root = 0;
  while (root < why.changes.size() && !is_root(why.changes[root])) ++root;
  std::string text = name_of(why.task) + tense_of(why).ran + " ";
  text += why.changes.front().earlier.name == why.task.name ? "again because " : "because ";
  if (root == why.changes.size()) {
    // What it awaits is outside of the workflows, or too far away.
    return text + "it awaits another instruction than " +
           in_run(why.changes.front().earlier, why.task);
  }
  if (root == 0) return text + what_changed(why.changes.front(), "its");
  std::vector<std::string> way;
  for (std::size_t at = root; why.changes[at].awaited_by; at = *why.changes[at].awaited_by)
    way.push_back(name_of(why.changes[at].task));
  constexpr std::size_t kMostNamed = 4;
  text += "it awaits ";
  if (way.size() > kMostNamed) {
    text += way.back() + ", which awaits others and in the end " + way.front();
  } else {
    for (std::size_t i = way.size(); i-- > 0;) text += way[i] + (i > 0 ? ", which awaits " : "");
  }
  return text + ", and " + what_changed(why.changes[root], "there the");
}

}  // namespace

std::string sentence_of(const Explanation& why, const TaskAnswer& answer) {
  const std::string name = name_of(why.task);
  const Tense tense = tense_of(why);
  const std::string ran = name + tense.ran;
  switch (why.reason) {
    case Reason::kHit:
      return hit_sentence(why);
    case Reason::kJoined:
      return joined_sentence(why);
    case Reason::kPending:
      return pending_sentence(why);
    case Reason::kNotRun:
      return name + tense.did_not_run +
             (answer.error ? ": " + reason_of(answer.error->message) : std::string());
    case Reason::kFresh:
      if (!why.forked_from.empty())
        return ran + " because its run was made of run " + why.forked_from +
               " to do it anew (every runs fork)";
      return ran + " because its run was to execute everything, whatever is known (--fresh)";
    case Reason::kFailure:
      return ran +
             " because a failure's value reached it: its result is true of this run alone and "
             "is never remembered";
    case Reason::kForgotten:
      return ran + " again because the receipt that was known had been forgotten (every forget)";
    case Reason::kUntrusted:
      return ran +
             " because the result that came from elsewhere is attested by nobody this node "
             "trusts (every.trusted_keys in the settings, or every car import --trust)";
    case Reason::kOtherProfile:
      return ran +
             " because the result that came from elsewhere was made in another sandbox "
             "(determinism profile)";
    case Reason::kContent:
      return content_sentence(why);
    case Reason::kDamaged:
      return ran + " again because the receipt that was known is damaged in the store";
    case Reason::kFailedBefore:
      return ran + " again because it had no result before: " + in_run(*why.earlier, why.task) +
             " is the same and failed or was cancelled, which is never remembered";
    case Reason::kGone:
      return ran + " again although " + in_run(*why.earlier, why.task) +
             " is the same and went well: its receipt is not here any more, or its value rested "
             "on a failure";
    case Reason::kTogether:
      return ran + " although " + in_run(*why.earlier, why.task) +
             " is the same: that had not ended yet, and could not be shared";
    case Reason::kChanged:
      return changed_sentence(why);
    case Reason::kFirst:
      return ran + " because nothing like it had run here before: " + searched(why);
  }
  return name;
}

std::string_view render_field(Difference::Field field) {
  switch (field) {
    case Field::kComponent:
      return "component";
    case Field::kFunction:
      return "function";
    case Field::kArgument:
      return "argument";
    case Field::kAwait:
      return "await";
    case Field::kNonce:
      return "nonce";
    case Field::kOperation:
      break;
  }
  return "operation";
}

std::string_view render_reason(Explanation::Reason reason) {
  switch (reason) {
    case Reason::kHit:
      return "hit";
    case Reason::kJoined:
      return "joined";
    case Reason::kPending:
      return "pending";
    case Reason::kNotRun:
      return "not-run";
    case Reason::kFresh:
      return "fresh";
    case Reason::kFailure:
      return "failure";
    case Reason::kForgotten:
      return "forgotten";
    case Reason::kUntrusted:
      return "untrusted";
    case Reason::kOtherProfile:
      return "profile";
    case Reason::kContent:
      return "content";
    case Reason::kDamaged:
      return "damaged";
    case Reason::kFailedBefore:
      return "failed-before";
    case Reason::kGone:
      return "gone";
    case Reason::kTogether:
      return "together";
    case Reason::kChanged:
      return "changed";
    case Reason::kFirst:
      break;
  }
  return "first";
}

}  // namespace every::runtime
