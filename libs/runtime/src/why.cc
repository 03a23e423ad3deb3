#include "why.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "active_run.h"
#include "instruction_diff.h"
#include "why_text.h"

#include "every/invocation/attestation.h"
#include "every/ipld/links.h"

namespace every::runtime {
namespace {

using core::ErrorCode;
using invocation::Miss;
using invocation::Way;
using Reason = Explanation::Reason;
using Field = Difference::Field;

constexpr std::size_t kMostChanges = 64;
constexpr std::size_t kMostNamed = 12;

std::optional<Reason> reason_of(Miss miss) {
  switch (miss) {
    case Miss::kFresh:
      return Reason::kFresh;
    case Miss::kFailure:
      return Reason::kFailure;
    case Miss::kForgotten:
      return Reason::kForgotten;
    case Miss::kUntrusted:
      return Reason::kUntrusted;
    case Miss::kOtherProfile:
      return Reason::kOtherProfile;
    case Miss::kContent:
      return Reason::kContent;
    case Miss::kDamaged:
      return Reason::kDamaged;
    case Miss::kNotKnown:
      break;
  }
  return std::nullopt;
}

/// Blocks a value links to that are not here.
std::vector<ipld::Cid> missing_in(blocks::BlockStore& blocks, const ipld::Value& value) {
  auto links = ipld::links_in(value);
  std::erase_if(links, [&](const ipld::Cid& link) {
    const auto there = blocks.has(link);
    return !there || *there;
  });
  return links;
}

/// The index that a person's word for a task means.
core::Result<std::uint32_t> find_task(const RecordedRun& run, const std::string& word) {
  const auto named = std::ranges::find(run.names, word);
  if (!word.empty() && named != run.names.end())
    return static_cast<std::uint32_t>(named - run.names.begin());
  std::uint32_t index = 0;
  const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), index);
  if (problem == std::errc() && end == word.data() + word.size() && index < run.tasks.size())
    return index;
  if (const auto cid = ipld::Cid::parse_reference(word)) {
    const auto found = run.index.find(*cid);
    if (found != run.index.end()) return found->second;
  }
  std::string names;
  for (std::size_t i = 0; i < std::min(run.names.size(), kMostNamed); ++i) {
    const std::string name = run.names[i].empty() ? std::to_string(i) : run.names[i];
    names += (names.empty() ? "" : ", ") + name;
  }
  if (run.names.size() > kMostNamed) names += ", …";
  return core::fail(core::Error{ErrorCode::kNotFound,
                                "run " + run.id + " has no task '" + word + "'; it has " + names +
                                    " (a name, an index from 0 or the CID of an instruction)",
                                {{"run", run.id}}});
}

}  // namespace

struct Explainer::Question {
  std::shared_ptr<const RunAnswer> answer;
  RecordedRun run;
  std::unique_ptr<EarlierTasks> earlier;
  std::unordered_map<std::string, std::shared_ptr<const RecordedRun>>
      makers;  ///< runs that made receipts, the last few

  std::shared_ptr<const RecordedRun> maker(const std::string& id, store::Store& store,
                                           const invocation::NormalizeUrl& normalize_url) {
    constexpr std::size_t kMostMakers = 32;
    if (const auto found = makers.find(id); found != makers.end()) return found->second;
    if (makers.size() >= kMostMakers) makers.clear();
    std::shared_ptr<const RecordedRun> made;
    if (const auto record = store.find_run(id); record && *record) {
      if (auto read = read_run(**record, normalize_url))
        made = std::make_shared<const RecordedRun>(std::move(*read));
    }
    makers.emplace(id, made);
    return made;
  }
};

core::Result<Explainer::Question> Explainer::ask(const std::string& id) {
  Question question;
  EVERY_TRY_ASSIGN(question.answer, parts_.get_run(id));
  if (const auto active = parts_.scheduler.find(id)) {
    // What it was asked with does not change, and its record may not be written yet.
    RecordedRun& run = question.run;
    run.id = id;
    run.name = active->request.name;
    run.accepted = active->accepted;
    run.fresh = active->request.reuse == Reuse::kFresh;
    run.tasks = active->request.workflow.workflow.tasks;
    run.names = active->request.workflow.task_names;
    for (std::uint32_t task = 0; task < run.tasks.size(); ++task) {
      run.add(active->graph.nodes[active->graph.node_of[task]].instruction);
    }
  } else {
    EVERY_TRY_ASSIGN(const auto record, find_record(parts_.store, id));
    EVERY_TRY_ASSIGN(question.run, read_run(record, parts_.normalize_url));
  }
  question.run.names.resize(question.run.tasks.size());
  question.earlier =
      std::make_unique<EarlierTasks>(parts_.store, parts_.normalize_url, id, parts_.bound);
  return question;
}

core::Result<Explanation> Explainer::why(const std::string& run, const std::string& task) {
  EVERY_TRY_ASSIGN(Question question, ask(run));
  EVERY_TRY_ASSIGN(const std::uint32_t index, find_task(question.run, task));
  return explain(question, index);
}

core::Result<std::vector<Explanation>> Explainer::why_all(const std::string& run) {
  EVERY_TRY_ASSIGN(Question question, ask(run));
  return explain_all(question);
}

core::Result<std::vector<Explanation>> Explainer::explain_all(Question& question) {
  std::vector<Explanation> out;
  for (std::uint32_t task = 0; task < question.run.tasks.size(); ++task) {
    EVERY_TRY_ASSIGN(Explanation explanation, explain(question, task));
    out.push_back(std::move(explanation));
  }
  return out;
}

core::Result<std::vector<Explanation>> Explainer::why_would(const workflow::NamedWorkflow& workflow,
                                                            const std::string& name) {
  // What cannot be run is refused as a run would be.
  EVERY_TRY(workflow::Graph::build(workflow.workflow, workflow.task_names));
  Question question;
  RecordedRun& run = question.run;
  run.name = name;
  run.tasks = workflow.workflow.tasks;
  run.names = workflow.task_names;
  run.names.resize(run.tasks.size());
  auto answer = std::make_shared<RunAnswer>(RunAnswer{.workflow = ipld::Cid::of_dag_cbor({})});
  for (std::uint32_t task = 0; task < run.tasks.size(); ++task) {
    EVERY_TRY_ASSIGN(ipld::Cid instruction, run.tasks[task].run.cid());
    answer->tasks.push_back(
        describe_task(workflow, task, instruction, component_of(run.tasks[task].run)));
    run.add(std::move(instruction));
  }
  question.answer = std::move(answer);
  question.earlier = std::make_unique<EarlierTasks>(parts_.store, parts_.normalize_url,
                                                    std::string(), parts_.bound);
  return explain_all(question);
}

// What would become of a task if it were asked for now.
core::Status Explainer::foresee(Question& question, std::uint32_t task, Explanation& out) {
  const ipld::Cid& instruction = question.run.instructions[task];
  if (const auto first = question.run.index.at(instruction); first != task) {
    out.reason = Reason::kJoined;
    out.known = KnownResult{.receipt = instruction, .made_by = question.run.place(first)};
    return {};
  }
  EVERY_TRY_ASSIGN(const auto records, parts_.store.receipts_of(instruction));
  std::optional<Reason> unusable;
  for (const store::ReceiptRecord& record : records) {
    std::vector<ipld::Cid> missing;
    const auto miss = miss_of(parts_.scheduler.trust().judge(record));
    if (!miss) {
      if (const auto receipt = invocation::Receipt::decode(record.block, record.cid))
        missing = missing_in(parts_.blocks, receipt->out.value);
    }
    if (!miss && missing.empty()) {
      out.reason = Reason::kHit;
      out.known = known_of(question, record);
      return {};
    }
    if (unusable) continue;
    unusable = reason_of(miss.value_or(Miss::kContent));
    out.missing = std::move(missing);
    out.known = known_of(question, record);
  }
  if (unusable) {
    out.reason = *unusable;
    return {};
  }
  return explain_miss(question, task, out);
}

core::Result<Explanation> Explainer::explain(Question& question, std::uint32_t task) {
  Explanation out{.task = question.run.place(task)};
  if (task >= question.answer->tasks.size())
    return core::fail(ErrorCode::kInternal,
                      "run " + question.run.id + " has fewer tasks than its workflow");
  const TaskAnswer& answer = question.answer->tasks[task];
  out.func = answer.func;
  out.component = answer.component;
  out.state = answer.state;
  out.trace = answer.trace;
  const Way way = answer.trace.way;
  if (question.run.id.empty()) {
    EVERY_TRY(foresee(question, task, out));
  } else if (answer.state == TaskState::kPending) {
    out.reason = Reason::kPending;
  } else if (answer.replayed || way == Way::kHit) {
    out.reason = Reason::kHit;
    if (answer.receipt) EVERY_TRY(add_known(question, *answer.receipt, out));
  } else if (way == Way::kJoined) {
    out.reason = Reason::kJoined;
    if (answer.receipt) EVERY_TRY(add_known(question, *answer.receipt, out));
  } else if (way == Way::kNone || answer.state == TaskState::kSkipped) {
    out.reason = Reason::kNotRun;
  } else {
    EVERY_TRY(explain_miss(question, task, out));
  }
  out.runs_searched = question.earlier->searched();
  out.searched_all = question.earlier->searched_all();
  out.sentence = sentence_of(out, answer);
  return out;
}

core::Status Explainer::explain_miss(Question& question, std::uint32_t task, Explanation& out) {
  const ipld::Cid& instruction = question.run.instructions[task];
  auto reason = reason_of(out.trace.miss);
  // Runs of versions without traces say at least that.
  if (!reason && question.run.fresh) reason = Reason::kFresh;
  if (reason) {
    out.reason = *reason;
    if (question.answer->fork && !question.run.fresh) out.forked_from = question.answer->fork->run;
    if (out.reason == Reason::kContent) out.missing = missing_of(instruction);
    EVERY_TRY_ASSIGN(const auto records, parts_.store.receipts_of(instruction));
    for (const store::ReceiptRecord& record : records) {
      // What this very run made is no news.
      if (record.run == question.run.id || out.reason == Reason::kFailure) continue;
      out.known = known_of(question, record);
      break;
    }
    return {};
  }
  EVERY_TRY_ASSIGN(const auto equal, question.earlier->find_equal(instruction));
  if (!equal.empty()) return explain_equal(question, equal.front(), out);
  return explain_change(question, task, out);
}

// The same instruction was asked for before, and yet nothing was known of it.
core::Status Explainer::explain_equal(Question& question, const EarlierTasks::Found& equal,
                                      Explanation& out) {
  out.earlier = equal.run->place(equal.task);
  EVERY_TRY_ASSIGN(const auto rows, parts_.store.tasks_of(equal.run->id));
  const auto row = std::ranges::find(rows, equal.task, &store::TaskRecord::task);
  const bool is_ok = row != rows.end() && row->status == store::TaskStatus::kOk;
  const bool is_under_way = row == rows.end();
  if (!is_ok && !is_under_way) {
    out.reason = Reason::kFailedBefore;
    return {};
  }
  const core::WallNanos ended = is_ok ? row->trace.ended : 0;
  // What is only thought of is asked for after everything that is recorded.
  const core::WallNanos asked = question.run.id.empty() ? INT64_MAX
                                : out.trace.ready != 0  ? out.trace.ready
                                                        : question.run.accepted;
  const bool ended_later = is_under_way || (ended != 0 && ended >= asked);
  out.reason = ended_later ? Reason::kTogether : Reason::kGone;
  return {};
}

core::Status Explainer::explain_change(Question& question, std::uint32_t task, Explanation& out) {
  const RecordedRun& run = question.run;
  EVERY_TRY_ASSIGN(const auto nearest,
                   question.earlier->find_nearest(run.tasks[task].run, run.names[task], run.name));
  if (!nearest) {
    out.reason = Reason::kFirst;
    return {};
  }
  out.reason = Reason::kChanged;
  // Along what is awaited, on both sides, to where they begin to differ. Breadth first, each instruction once.
  struct Step {
    std::uint32_t task;
    std::uint32_t earlier;
    std::optional<std::size_t> awaited_by;
  };
  std::vector<Step> todo{{task, nearest->task, std::nullopt}};
  std::unordered_set<ipld::Cid> seen{run.instructions[task]};
  for (std::size_t i = 0; i < todo.size() && i < kMostChanges; ++i) {
    Change change = change_between(run, todo[i].task, *nearest->run, todo[i].earlier);
    change.awaited_by = todo[i].awaited_by;
    for (const Difference& difference : change.differences) {
      if (difference.field != Field::kAwait) continue;
      const auto now = ipld::Cid::parse(difference.after);
      const auto before = ipld::Cid::parse(difference.before);
      if (!now || !before || !seen.insert(*now).second) continue;
      const auto here = run.index.find(*now);
      const auto there = nearest->run->index.find(*before);
      // One outside of its workflow has nothing more to say.
      if (here == run.index.end() || there == nearest->run->index.end()) continue;
      todo.push_back({here->second, there->second, i});
    }
    out.changes.push_back(std::move(change));
  }
  return {};
}

Change Explainer::change_between(const RecordedRun& run, std::uint32_t task,
                                 const RecordedRun& earlier, std::uint32_t earlier_task) {
  auto differences = diff(earlier.tasks[earlier_task].run, run.tasks[task].run);
  for (Difference& difference : differences.list) {
    if (difference.field != Field::kComponent || !parts_.build_of) continue;
    const auto build_of = [&](const std::string& text) {
      const auto cid = ipld::Cid::parse(text);
      return cid ? parts_.build_of(*cid) : std::nullopt;
    };
    difference.before_build = build_of(difference.before);
    difference.after_build = build_of(difference.after);
    if (difference.before_build && difference.after_build)
      difference.build_changes = build_changes(*difference.before_build, *difference.after_build);
  }
  return {.task = run.place(task),
          .earlier = earlier.place(earlier_task),
          .differences = std::move(differences.list),
          .more = differences.more};
}

core::Status Explainer::add_known(Question& question, const ipld::Cid& receipt, Explanation& out) {
  EVERY_TRY_ASSIGN(const auto record, parts_.store.find_receipt(receipt));
  if (record) {
    out.known = known_of(question, *record);
  } else {
    // On its way to the disk, or of its run alone.
    out.known = KnownResult{.receipt = receipt};
  }
  return {};
}

KnownResult Explainer::known_of(Question& question, const store::ReceiptRecord& record) {
  KnownResult known{.receipt = record.cid};
  known.imported = record.provenance == store::Provenance::kImported;
  known.created = record.created;
  known.engine = record.engine;
  if (!record.run.empty()) {
    const auto run = record.run == question.run.id
                         ? std::shared_ptr<const RecordedRun>(&question.run, [](const auto*) {})
                         : question.maker(record.run, parts_.store, parts_.normalize_url);
    if (run && record.task < run->tasks.size()) known.made_by = run->place(record.task);
  }
  if (known.imported) known.node = maker_of(parts_.store, record);
  if (const auto attestations = parts_.store.attestations_of(record.cid)) {
    for (const store::AttestationRecord& kept : *attestations) {
      const auto attestation = invocation::Attestation::decode(kept.block, kept.cid);
      if (attestation) known.attested_by.push_back(attestation->issuer().did());
    }
  }
  return known;
}

std::vector<ipld::Cid> Explainer::missing_of(const ipld::Cid& instruction) {
  std::vector<ipld::Cid> missing;
  const auto records = parts_.store.receipts_of(instruction);
  if (!records) return missing;
  for (const store::ReceiptRecord& record : *records) {
    const auto receipt = invocation::Receipt::decode(record.block, record.cid);
    if (!receipt) continue;
    const auto of_record = missing_in(parts_.blocks, receipt->out.value);
    missing.insert(missing.end(), of_record.begin(), of_record.end());
  }
  return missing;
}

}  // namespace every::runtime
