// What nothing needs any more.

#include <algorithm>
#include <array>
#include <utility>

#include "housekeeping.h"
#include "invocations.h"
#include "run_id.h"

#include "every/ipld/dag_cbor.h"
#include "every/ipld/links.h"

namespace every::runtime {
namespace {

using blocks::Depth;
using core::ErrorCode;

// From one request of an upload to the one that names what all of it is part of.
constexpr std::chrono::hours kUpload{1};
// How far clocks may be set back while results are dropped.
constexpr std::chrono::minutes kClocks{1};
constexpr std::size_t kMostUploads = 1'000'000;
constexpr std::size_t kResultsAtOnce = 5000;

/// Whether a block holds more links than one. A link is tag 42 in DAG-CBOR; other bytes may look like one, and cost no more than a reading.
bool holds_more_than_one_link(core::BytesView block) {
  constexpr std::array<std::uint8_t, 2> kTag{0xd8, 0x2a};
  const auto first = std::ranges::search(block, kTag);
  if (first.empty()) return false;
  return !std::ranges::search(std::ranges::subrange(first.end(), block.end()), kTag).empty();
}

/// What a workflow names: components, and content in arguments. Instructions that are awaited look like content and are none; nothing is kept for them.
template <typename Visit>
core::Status each_name(const invocation::Workflow& workflow, Visit visit) {
  for (const invocation::Task& task : workflow.tasks) {
    if (const auto component = task.run.component()) EVERY_TRY(visit(*component));
    for (const ipld::Cid& link : ipld::links_in(task.run.input)) EVERY_TRY(visit(link));
  }
  return {};
}

}  // namespace

void HousekeepingImpl::note_upload(std::span<const blocks::Block> blocks) {
  const core::SteadyTime now = clock_.steady();
  auto uploads = uploads_.lock();
  while (!uploads->empty() &&
         (now - uploads->front().at > kUpload || uploads->size() >= kMostUploads))
    uploads->pop_front();
  for (const blocks::Block& block : blocks) uploads->push_back({now, block.cid});
}

void HousekeepingImpl::note_run(const invocation::Workflow& workflow) {
  if (!collecting_) return;
  // To be asked for is to be kept, while content is collected.
  (void)each_name(workflow, [this](const ipld::Cid& cid) -> core::Status {
    (void)blocks_.has(cid);
    return {};
  });
}

core::Result<Collected> HousekeepingImpl::collect(const CollectRequest& request) {
  const std::lock_guard lock(one_at_a_time_);
  Collected collected;
  EVERY_TRY_ASSIGN(auto expired, find_expired());
  for (Candidate& run : expired) {
    EVERY_TRY(go_on());
    // Those that are too old were not measured yet.
    if (run.bytes == 0) {
      EVERY_TRY_ASSIGN(run.bytes, store_.housekeeping().bytes_of_run(run.run));
    }
    collected.run_bytes += run.bytes;
  }
  collected.runs = expired.size();
  Excluded gone;
  if (request.what == CollectRequest::What::kDo) {
    EVERY_TRY(store_.housekeeping().finish_dropping());
    Expired dropped;
    EVERY_TRY(drop(expired, dropped));
    collected.runs = dropped.runs;
  } else {
    for (const Candidate& run : expired) gone.insert(run.run);
  }
  if (request.results_older_than) EVERY_TRY(collect_results(request, collected));
  if (blocks_.housekeeping() != nullptr) {
    collecting_ = true;
    auto done = collect_content(request, gone, collected);
    collecting_ = false;
    EVERY_TRY(std::move(done));
  }
  if (request.what == CollectRequest::What::kLook) {
    collected.kept_results -= std::min(collected.kept_results, collected.results);
    return collected;
  }
  EVERY_TRY_ASSIGN(collected.bytes, give_back(GiveBack::kAll));
  logger_.info("store.gc", "store", "what nothing needs was dropped",
               {{"runs", std::to_string(collected.runs)},
                {"results", std::to_string(collected.results)},
                {"components", std::to_string(collected.components)},
                {"blocks", std::to_string(collected.blocks)},
                {"block_bytes", std::to_string(collected.block_bytes)},
                {"bytes_given_back", std::to_string(collected.bytes)}});
  return collected;
}

// A run that uses a result says so in the store only when the task is recorded. Until the last result is dropped, whoever uses a known one records it anew.
core::Status HousekeepingImpl::collect_results(const CollectRequest& request,
                                               Collected& collected) {
  const core::WallNanos before = clock_.wall() - request.results_older_than->count();
  if (request.what == CollectRequest::What::kLook) {
    EVERY_TRY_ASSIGN(const auto unneeded, find_unneeded_results(before));
    collected.results = unneeded.size();
    return {};
  }
  struct End {
    Scheduler& scheduler;
    ~End() { scheduler.end_dropping(); }
  } const end{*scheduler_};
  // Runs that come from now on have larger ids, but for what clocks do.
  const core::WallNanos now = clock_.wall() - std::chrono::nanoseconds(kClocks).count();
  EVERY_TRY_ASSIGN(const std::string oldest, scheduler_->begin_dropping());
  const std::string later = id_at(now);
  const std::string since = oldest.empty() ? later : std::min(oldest, later);
  EVERY_TRY_ASSIGN(const auto unneeded, find_unneeded_results(before));
  for (std::size_t first = 0; first < unneeded.size(); first += kResultsAtOnce) {
    EVERY_TRY(go_on());
    const auto begin = unneeded.begin() + static_cast<std::ptrdiff_t>(first);
    const auto count = std::min(kResultsAtOnce, unneeded.size() - first);
    EVERY_TRY_ASSIGN(const auto dropped,
                     store_.housekeeping().drop_receipts(
                         std::vector(begin, begin + static_cast<std::ptrdiff_t>(count)), since));
    collected.results += dropped;
  }
  return {};
}

core::Result<std::vector<std::int64_t>> HousekeepingImpl::find_unneeded_results(
    core::WallNanos before) {
  // Two CIDs of one hash are needed as one.
  std::unordered_set<std::size_t> needed;
  const std::hash<std::string_view> hash;
  const auto need = [&](core::BytesView cid) -> core::Status {
    needed.insert(hash(core::as_text(cid)));
    return go_on();
  };
  EVERY_TRY(store_.housekeeping().each_receipt_of_tasks(need));
  EVERY_TRY_ASSIGN(const auto pins, store_.housekeeping().pins());
  for (const store::StorePin& pin : pins) {
    const auto cid = ipld::Cid::parse(pin.what);
    if (cid) EVERY_TRY(need(cid->encode()));
  }
  std::vector<std::int64_t> unneeded;
  std::int64_t last = 0;
  const auto visit = [&](const store::Housekeeping::SeenReceipt& receipt) -> core::Status {
    last = receipt.id;
    if (receipt.created < before && !needed.contains(hash(core::as_text(receipt.cid))))
      unneeded.push_back(receipt.id);
    return go_on();
  };
  EVERY_TRY(store_.housekeeping().each_receipt(visit));
  // The last one stays: who reads the list goes on after its id.
  if (!unneeded.empty() && unneeded.back() == last) unneeded.pop_back();
  return unneeded;
}

core::Status HousekeepingImpl::collect_content(const CollectRequest& request,
                                               const Excluded& expired, Collected& collected) {
  blocks::Housekeeping& keeping = *blocks_.housekeeping();
  EVERY_TRY_ASSIGN(const auto collection, keeping.begin_collection());
  EVERY_TRY(keep_what_is_needed(*collection, expired, collected));
  EVERY_TRY_ASSIGN(const auto components, keeping.components());
  for (const ipld::Cid& component : components) {
    EVERY_TRY(go_on());
    EVERY_TRY(collection->claim(component));
    if (collection->fate_of(component) == blocks::Collection::Fate::kUnkept) ++collected.components;
  }
  const auto earlier = request.earlier == CollectRequest::Earlier::kAll
                           ? blocks::Collection::Earlier::kAll
                           : blocks::Collection::Earlier::kClaimed;
  EVERY_TRY_ASSIGN(const auto sizes, keeping.sizes());
  const auto unkept = collection->unkept(earlier);
  collected.blocks = unkept.blocks;
  collected.block_bytes = unkept.bytes;
  collected.earlier_blocks =
      collection->unkept(blocks::Collection::Earlier::kAll).blocks - unkept.blocks;
  if (request.what == CollectRequest::What::kDo) {
    collected.blocks = collected.block_bytes = 0;
    for (;;) {
      EVERY_TRY(go_on());
      EVERY_TRY_ASSIGN(const auto some, collection->drop_some(earlier));
      if (some.blocks == 0) break;
      collected.blocks += some.blocks;
      collected.block_bytes += some.bytes;
    }
  }
  collected.kept_blocks = sizes.blocks - std::min(sizes.blocks, collected.blocks);
  collected.kept_block_bytes =
      sizes.content_bytes - std::min(sizes.content_bytes, collected.block_bytes);
  return {};
}

// The order matters for what changes meanwhile: a component is held until it is served, a run is under way until it is recorded.
core::Status HousekeepingImpl::keep_what_is_needed(blocks::Collection& collection,
                                                   const Excluded& expired, Collected& collected) {
  std::vector<ipld::Cid> held;
  {
    auto now = held_.lock();
    for (const auto& [cid, count] : *now) held.push_back(cid);
  }
  for (const ipld::Cid& cid : served_()) held.push_back(cid);
  EVERY_TRY_ASSIGN(const auto quarantined, store_.quarantined());
  for (const auto& record : quarantined) held.push_back(record.component);
  for (const ipld::Cid& cid : held) EVERY_TRY(collection.keep(cid, Depth::kAll));
  std::vector<ipld::Cid> uploaded;
  {
    auto uploads = uploads_.lock();
    for (const Upload& upload : *uploads) {
      if (clock_.steady() - upload.at <= kUpload) uploaded.push_back(upload.cid);
    }
  }
  for (const ipld::Cid& cid : uploaded) EVERY_TRY(collection.keep(cid, Depth::kBlock));
  EVERY_TRY(keep_what_runs_need(collection, expired, collected));
  return keep_what_results_need(collection, collected);
}

core::Status HousekeepingImpl::keep_what_runs_need(blocks::Collection& collection,
                                                   const Excluded& expired, Collected& collected) {
  const auto keep = [&collection](const ipld::Cid& cid) {
    return collection.keep(cid, Depth::kAll);
  };
  for (const auto& run : scheduler_->under_way())
    EVERY_TRY(each_name(run->request.workflow.workflow, keep));
  std::unordered_set<ipld::Cid> seen;
  const auto visit = [&](const std::string& id, const ipld::Cid& cid,
                         core::BytesView block) -> core::Status {
    EVERY_TRY(go_on());
    if (expired.contains(id)) return {};
    ++collected.kept_runs;
    if (block.empty() || !seen.insert(cid).second) return {};
    const auto value = ipld::dag_cbor::decode(block);
    if (!value) return {};
    const auto workflow = invocation::Workflow::parse(*value, normalize_url_);
    // A damaged row is read by nobody else either.
    return workflow ? each_name(*workflow, keep) : core::Status();
  };
  return store_.housekeeping().each_workflow(visit);
}

core::Status HousekeepingImpl::keep_what_results_need(blocks::Collection& collection,
                                                      Collected& collected) {
  const auto visit = [&](const store::Housekeeping::SeenReceipt& receipt) -> core::Status {
    EVERY_TRY(go_on());
    ++collected.kept_results;
    // Its invocation, where the run that made it is gone. What that names is not needed to use the result.
    if (const auto ran = ipld::Cid::decode(receipt.ran))
      EVERY_TRY(collection.keep(*ran, Depth::kBlock));
    if (!holds_more_than_one_link(receipt.block)) return {};
    const auto value = ipld::dag_cbor::decode(receipt.block);
    if (!value) return {};
    const auto parsed = invocation::Receipt::parse(*value);
    if (!parsed) return {};
    for (const ipld::Cid& link : ipld::links_in(parsed->out.value))
      EVERY_TRY(collection.keep(link, Depth::kAll));
    return {};
  };
  return store_.housekeeping().each_receipt(visit);
}

}  // namespace every::runtime
