// Results executed again, to see whether they are what they are said to be.

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "arguments.h"
#include "sharing_impl.h"

#include "every/core/random.h"
#include "every/ipld/dag_cbor.h"

namespace every::runtime {
namespace {

using core::ErrorCode;
using store::ReceiptRecord;

/// A second execution that did not do what the first one did, and no limit or accident of this machine's is to blame.
bool is_the_guests_doing(ErrorCode code) {
  return code == ErrorCode::kGuestTrap || code == ErrorCode::kGuestError;
}

class Verifier {
 public:
  explicit Verifier(const SharingImpl::Parts& parts)
      : parts_(parts), invocations_(parts.invocations()) {}

  /// How one came out, and the block of its second receipt where there is another.
  struct Finding {
    Verified verified;
    core::Bytes block = {};
  };

  /// Executes a few at a time. out: in the order given
  core::Status verify(const std::vector<ReceiptRecord>& receipts,
                      const std::function<core::Status(const ReceiptRecord&, Finding)>& take) {
    const std::size_t window = std::max<std::size_t>(1, parts_.executor.concurrency());
    std::deque<std::pair<const ReceiptRecord*, std::shared_ptr<Execution>>> under_way;
    const auto finish_first = [&]() -> core::Status {
      auto [receipt, execution] = std::move(under_way.front());
      under_way.pop_front();
      return take(*receipt, compare(*receipt, *execution));
    };
    core::Status status;
    for (std::size_t next = 0; status && next < receipts.size(); ++next) {
      status = parts_.go_on();
      while (status && under_way.size() >= window) status = finish_first();
      if (!status) break;
      auto execution = start(receipts[next]);
      // What it rests on may be under way: those come first.
      if (execution->lacks_a_result && !under_way.empty()) {
        while (status && !under_way.empty()) status = finish_first();
        execution = start(receipts[next]);
      }
      under_way.emplace_back(&receipts[next], std::move(execution));
    }
    while (status && !under_way.empty()) status = finish_first();
    for (auto& [receipt, execution] : under_way) {
      if (execution->id) parts_.executor.cancel(*execution->id);
      execution->wait();
    }
    return status;
  }

 private:
  /// One execution; shared with the callback that ends it.
  struct Execution {
    std::mutex mutex;
    std::condition_variable done;
    std::optional<core::Result<core::Bytes>> value;
    std::optional<wasm::Executor::TaskId> id;
    std::optional<ipld::Cid> component;
    std::string func;
    bool lacks_a_result = false;  // of what it awaits

    void end(core::Result<core::Bytes> result) {
      const std::lock_guard lock(mutex);
      value = std::move(result);
      done.notify_all();
    }
    const core::Result<core::Bytes>& wait() {
      std::unique_lock lock(mutex);
      done.wait(lock, [this] { return value.has_value(); });
      return *value;
    }
  };

  std::shared_ptr<Execution> start(const ReceiptRecord& receipt) {
    auto execution = std::make_shared<Execution>();
    auto spec = make_spec(receipt, *execution);
    if (!spec) {
      // Not the guest's doing, whatever the code: it did not run.
      core::Error error = std::move(spec).error();
      if (is_the_guests_doing(error.code)) error.code = ErrorCode::kDependencyFailed;
      execution->end(std::unexpected(std::move(error)));
      return execution;
    }
    execution->id = parts_.executor.start(
        std::move(*spec), [](wasm::LogLine) {},
        [execution](wasm::TaskOutcome outcome) { execution->end(std::move(outcome.value)); });
    return execution;
  }

  core::Result<wasm::TaskSpec> make_spec(const ReceiptRecord& receipt, Execution& execution) {
    EVERY_TRY_ASSIGN(const Invocation invocation, invocations_.find(receipt));
    const invocation::Instruction& run = invocation.task.run;
    EVERY_TRY_ASSIGN(execution.component, run.component());
    EVERY_TRY_ASSIGN(execution.func, run.func());
    EVERY_TRY(parts_.scheduler.ensure_component(run));
    const auto info = parts_.executor.find_prepared(*execution.component);
    if (!info)
      return core::fail(ErrorCode::kInternal,
                        "component " + execution.component->render() + " was prepared and is gone");
    EVERY_TRY_ASSIGN(const auto function, info->find(execution.func));
    EVERY_TRY_ASSIGN(const ipld::List* args, run.args());
    wasm::TaskSpec spec{
        .component = *execution.component, .function = execution.func, .args = {}, .limits = {}};
    std::deque<ipld::Value> values;  // stay where they are
    const ArgumentSources sources{
        .awaited =
            [&](const invocation::Await& await) {
              auto found = awaited(await, values);
              if (!found && found.error().code == ErrorCode::kNotFound)
                execution.lacks_a_result = true;
              return found;
            },
        .content =
            [&](const ipld::Cid& cid) {
              return blocks::read_content(parts_.blocks, cid, spec.limits.memory_bytes);
            },
    };
    EVERY_TRY_ASSIGN(spec.args, resolve_arguments(*args, *function, sources));
    spec.seed = wasm::seed_of(receipt.instruction);
    return spec;
  }

  /// The known result of what is awaited, with its type, as the run that made the receipt had it.
  core::Result<Awaited> awaited(const invocation::Await& await, std::deque<ipld::Value>& values) {
    EVERY_TRY_ASSIGN(const auto record, parts_.find_hit(await.instruction));
    if (!record)
      return core::fail(ErrorCode::kNotFound, "it rests on instruction " +
                                                  await.instruction.render() +
                                                  ", whose result is not known here, or not "
                                                  "believed");
    EVERY_TRY_ASSIGN(auto receipt, invocation::Receipt::decode(record->block, record->cid));
    values.push_back(std::move(receipt.out.value));
    Awaited awaited;
    awaited.name = "instruction " + await.instruction.render();
    awaited.value = &values.back();
    // A reader of its own: the other one remembers the run of the receipt that is verified.
    const auto invocation = parts_.invocations().find(*record);
    if (invocation) awaited.type = parts_.scheduler.result_type_of(invocation->task.run);
    return awaited;
  }

  static Finding compare(const ReceiptRecord& receipt, Execution& execution) {
    const core::Result<core::Bytes>& value = execution.wait();
    Finding finding{.verified = {.receipt = receipt.cid}};
    Verified& verified = finding.verified;
    verified.component = execution.component;
    verified.func = execution.func;
    if (!value) {
      const bool different = execution.id && is_the_guests_doing(value.error().code);
      verified.outcome = different ? Verified::Outcome::kDifferent : Verified::Outcome::kUnable;
      verified.why = (different ? "it fails now: " : "") + value.error().message;
      return finding;
    }
    auto again = invocation::splice_receipt(invocation::Outcome::Tag::kOk, *value, receipt.ran,
                                            execution.func);
    if (again.cid == receipt.cid || same_result(receipt, *value)) return finding;
    verified.outcome = Verified::Outcome::kDifferent;
    verified.other = std::move(again.cid);
    verified.why = "it gives another result now";
    finding.block = std::move(again.bytes);
    return finding;
  }

  /// Receipts of others may say the same in other words around the result.
  static bool same_result(const ReceiptRecord& receipt, core::BytesView value) {
    const auto before = invocation::Receipt::decode(receipt.block, receipt.cid);
    const auto now = ipld::dag_cbor::decode(value);
    return before && now && before->out.value == *now;
  }

  const SharingImpl::Parts& parts_;
  Invocations invocations_;
};

/// The receipts a request means, and where its page ends.
struct Chosen {
  std::vector<ReceiptRecord> receipts;
  std::optional<std::int64_t> next;
};

bool is_wanted(const VerifyRequest& request, const ReceiptRecord& record) {
  if (request.engine && record.engine != *request.engine) return false;
  if (request.profile && record.profile != *request.profile) return false;
  return true;
}

bool is_drawn(double share) {
  if (share >= 1) return true;
  std::array<std::uint8_t, 4> bytes{};
  core::fill_random(bytes);
  const std::uint32_t number = std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
                               std::uint32_t{bytes[2]} << 8 | bytes[3];
  return number < share * 0x1p32;
}

core::Result<Chosen> choose_all(const SharingImpl::Parts& parts, const VerifyRequest& request) {
  Chosen chosen;
  EVERY_TRY_ASSIGN(auto listed, parts.store.list_receipts(request.after, request.limit));
  if (listed.size() == request.limit) chosen.next = listed.back().id;
  for (store::ListedReceipt& row : listed) {
    if (row.record && row.record->standing != store::Standing::kForgotten &&
        is_wanted(request, *row.record) && is_drawn(request.share))
      chosen.receipts.push_back(std::move(*row.record));
  }
  return chosen;
}

/// Named receipts, each after those it rests on that are not believed yet.
class Chooser {
 public:
  Chooser(const SharingImpl::Parts& parts, const VerifyRequest& request)
      : parts_(parts), request_(request), invocations_(parts.invocations()) {}

  core::Status add(const std::string& word) {
    if (const auto cid = ipld::Cid::parse_reference(word)) {
      EVERY_TRY_ASSIGN(auto record, parts_.store.find_receipt(*cid));
      if (!record)
        return core::fail(core::Error{
            ErrorCode::kNotFound,
            word + " is not the receipt of a result known here; `every runs show` lists receipts",
            {{"cid", word}}});
      return add(std::move(*record));
    }
    EVERY_TRY(parts_.get_run(word));
    std::uint64_t failures = 0;
    EVERY_TRY_ASSIGN(auto records, parts_.receipts_of_run(word, failures));
    for (ReceiptRecord& record : records) EVERY_TRY(add(std::move(record)));
    return {};
  }
  [[nodiscard]] std::vector<ReceiptRecord> take() { return std::move(chosen_); }

 private:
  struct Frame {
    ReceiptRecord record;
    bool expanded = false;
  };

  core::Status add(ReceiptRecord record) {
    if (!is_wanted(request_, record)) return {};
    std::vector<Frame> stack;
    stack.push_back({std::move(record)});
    while (!stack.empty()) {
      if (stack.back().expanded || seen_.contains(stack.back().record.cid)) {
        if (seen_.insert(stack.back().record.cid).second)
          chosen_.push_back(std::move(stack.back().record));
        stack.pop_back();
        continue;
      }
      stack.back().expanded = true;
      const auto invocation = invocations_.find(stack.back().record);
      if (!invocation) continue;  // told when it is to be executed
      for (const auto& await : invocation::find_awaits(invocation->task.run.input)) {
        EVERY_TRY_ASSIGN(const auto hit, parts_.find_hit(await.instruction));
        if (hit) continue;
        EVERY_TRY_ASSIGN(auto others, parts_.store.receipts_of(await.instruction));
        for (ReceiptRecord& other : others) {
          if (other.standing != store::Standing::kForgotten) stack.push_back({std::move(other)});
        }
      }
    }
    return {};
  }

  const SharingImpl::Parts& parts_;
  const VerifyRequest& request_;
  Invocations invocations_;
  std::vector<ReceiptRecord> chosen_;
  std::unordered_set<ipld::Cid> seen_;
};

core::Result<Chosen> choose_named(const SharingImpl::Parts& parts, const VerifyRequest& request) {
  Chooser chooser(parts, request);
  for (const std::string& word : request.what) EVERY_TRY(chooser.add(word));
  return Chosen{chooser.take(), std::nullopt};
}

/// What a result that came out differently means: of two that both were believed, neither can be; one that nobody vouched for was false.
core::Status take_in_difference(const SharingImpl::Parts& parts, const ReceiptRecord& receipt,
                                Verifier::Finding& finding) {
  Verified& verified = finding.verified;
  const core::WallNanos now = parts.clock.wall();
  store::Batch batch;
  if (verified.other) {
    batch.receipts.push_back(ReceiptRecord{.cid = *verified.other,
                                           .instruction = receipt.instruction,
                                           .ran = receipt.ran,
                                           .block = std::move(finding.block),
                                           .provenance = store::Provenance::kLocal,
                                           .profile = wasm::kDeterminismProfile,
                                           .engine = parts.options.engine,
                                           .created = now,
                                           .run = receipt.run,
                                           .task = receipt.task});
  }
  const bool other_sandbox = receipt.profile != 0 && receipt.profile != wasm::kDeterminismProfile;
  const auto use = parts.trust.judge(receipt);
  if (other_sandbox) {
    verified.why += "; it was made under determinism profile " + std::to_string(receipt.profile) +
                    ", this node has " + std::to_string(wasm::kDeterminismProfile);
  } else if (use == Origin::Use::kHit && verified.component) {
    verified.why += "; the component is in quarantine";
    batch.quarantined.push_back({*verified.component, receipt.instruction, receipt.cid,
                                 verified.other.value_or(receipt.cid), now});
  } else if (use == Origin::Use::kUntrusted) {
    verified.why += "; nobody trusted vouched for it, and it is forgotten";
    batch.standings.push_back({receipt.cid, store::Standing::kForgotten, now});
  }
  EVERY_TRY(parts.store.commit_and_wait(std::move(batch)));
  parts.scheduler.forget(receipt.instruction);
  parts.alarm("a result came out differently when it was executed again: " + verified.why,
              {{"instruction", receipt.instruction.render()},
               {"receipt_cid", receipt.cid.render()},
               {"other", verified.other ? verified.other->render() : "none"},
               {"component", verified.component ? verified.component->render() : "none"}});
  return {};
}

}  // namespace

core::Result<VerifyReport> SharingImpl::verify(const VerifyRequest& request) {
  const bool named = !request.what.empty();
  EVERY_TRY_ASSIGN(const Chosen chosen,
                   named ? choose_named(parts_, request) : choose_all(parts_, request));
  VerifyReport report;
  report.next = chosen.next;
  const auto take_same = [&](const ReceiptRecord& receipt) -> core::Status {
    ++report.same;
    if (receipt.provenance == store::Provenance::kLocal) return {};
    const auto before = parts_.trust.judge(receipt);
    store::Batch batch;
    batch.standings.push_back({receipt.cid, store::Standing::kVerified, parts_.clock.wall()});
    EVERY_TRY(parts_.store.commit_and_wait(std::move(batch)));
    if (before == Origin::Use::kUntrusted || before == Origin::Use::kOtherProfile)
      ++report.now_trusted;
    return {};
  };
  const auto take = [&](const ReceiptRecord& receipt, Verifier::Finding finding) -> core::Status {
    switch (finding.verified.outcome) {
      case Verified::Outcome::kSame:
        EVERY_TRY(take_same(receipt));
        break;
      case Verified::Outcome::kDifferent:
        ++report.different;
        EVERY_TRY(take_in_difference(parts_, receipt, finding));
        EVERY_TRY(load_quarantine());
        break;
      case Verified::Outcome::kUnable:
        ++report.unable;
        break;
    }
    if (named || finding.verified.outcome != Verified::Outcome::kSame)
      report.findings.push_back(std::move(finding.verified));
    return {};
  };
  EVERY_TRY(Verifier(parts_).verify(chosen.receipts, take));
  return report;
}

}  // namespace every::runtime
