#include "every/blocks/publisher.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "outbox.h"

#include "every/ipld/walk.h"

namespace every::blocks {
namespace {

using core::ErrorCode;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Receipts between two notes of how far it got: few enough that little is sent twice, many enough that the notes cost little.
constexpr std::size_t kPage = 64;
// The largest block that other nodes take from a Kubo.
constexpr std::size_t kLargestExchanged = std::size_t{2} << 20;
// So many refusals one after the other are no longer about what was sent.
constexpr int kRefusedInARow = 3;
constexpr std::uint64_t kLargestComponent = std::uint64_t{1} << 30;
// For a Kubo that has not answered yet when the node stops: what a command line may wait for it.
constexpr milliseconds kAtStopUnknown{300};

/// Whether the other side is gone, rather than has refused.
bool is_away(const core::Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout ||
         error.code == ErrorCode::kCancelled;
}

/// What is counted. source: docs/formats/metrics.md
struct Counters {
  explicit Counters(core::Metrics& metrics)
      : components(published(metrics, "component")),
        receipts(published(metrics, "receipt")),
        refused(metrics.counter("every_kubo_refused_total",
                                "Components and receipts that Kubo did not take; tried again.")),
        lost(metrics.counter("every_kubo_unreachable_total",
                             "Times that Kubo did not answer while it was written to.")),
        up(metrics.gauge("every_kubo_up", "1 while Kubo takes what is published.")) {}
  static core::Counter& published(core::Metrics& metrics, const char* kind) {
    return metrics.counter("every_kubo_published_total", "Sent to Kubo and kept there.",
                           {{"kind", kind}});
  }
  core::Counter& components;
  core::Counter& receipts;
  core::Counter& refused;
  core::Counter& lost;
  core::Gauge& up;
};

class KuboPublisher final : public Publisher {
 public:
  KuboPublisher(PublisherOptions options, std::unique_ptr<Outbox> outbox,
                std::shared_ptr<Kubo> kubo, const core::Logger& logger, core::Metrics& metrics)
      : options_(std::move(options)),
        outbox_(std::move(outbox)),
        kubo_(std::move(kubo)),
        logger_(logger),
        counters_(metrics) {}
  ~KuboPublisher() override { KuboPublisher::stop(); }

  void start(KeptReceipts receipts, BlockStore& content) override {
    receipts_ = std::move(receipts);
    content_ = &content;
    thread_ = std::thread([this] { run(); });
  }

  core::Status component_kept(const ipld::Cid& cid) override {
    EVERY_TRY(outbox_->note_component(cid));
    receipts_kept();
    return {};
  }

  void receipts_kept() override {
    const std::lock_guard lock(mutex_);
    work_ = true;
    wake_.notify_all();
  }

  void stop() override {
    {
      std::unique_lock lock(mutex_);
      stopping_ = true;
      wake_.notify_all();
      if (!thread_.joinable()) return;
      const milliseconds patience = peer_known_ ? options_.patience.at_stop : kAtStopUnknown;
      wake_.wait_for(lock, patience, [this] { return ended_; });
    }
    kubo_->cancel();
    thread_.join();
  }

 private:
  void run() {
    milliseconds pause = options_.patience.first_pause;
    while (!is_over()) {
      const auto sent = connect_and_send();
      if (sent) {
        pause = options_.patience.first_pause;
        if (!wait_for_work()) break;
        continue;
      }
      if (!is_away(sent.error()))
        logger_.error("ipfs.publish.err", "ipfs",
                      "publishing to " + kubo_->name() + " stands still: " + sent.error().message);
      lose(sent.error());
      if (!sleep(pause)) break;
      pause = std::min(pause * 2, options_.patience.longest_pause);
    }
    if (std::exchange(up_, false)) counters_.up.add(-1);
    const std::lock_guard lock(mutex_);
    ended_ = true;
    wake_.notify_all();
  }

  /// Whether it is time to end: at a stop, what is left is sent for as long as stop() waits.
  bool is_over() {
    const std::lock_guard lock(mutex_);
    return stopping_ && !work_;
  }
  /// False when it is time to end.
  bool wait_for_work() {
    std::unique_lock lock(mutex_);
    wake_.wait_until(lock, retry_refused_at_, [this] { return stopping_ || work_; });
    return !stopping_ || work_;
  }
  bool sleep(milliseconds pause) {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, pause, [this] { return stopping_; });
  }

  void lose(const core::Error& error) {
    const bool was_up = std::exchange(up_, false);
    if (was_up) {
      counters_.lost.add();
      counters_.up.add(-1);
    }
    const bool told = std::exchange(told_away_, true);
    const bool worth_it = was_up || (!told && options_.no_kubo == NoKubo::kAWarning);
    if (error.code == ErrorCode::kCancelled) return;
    logger_.log(worth_it ? core::LogLevel::kWarn : core::LogLevel::kDebug, "ipfs.publish", "ipfs",
                error.message + "; components and receipts are sent when it is there");
  }

  /// Sends all there is. errors: Kubo is away, or our own files cannot be read
  core::Status connect_and_send() {
    if (!up_ || steady_clock::now() - last_contact_ > options_.patience.contact)
      EVERY_TRY(connect());
    {
      const std::lock_guard lock(mutex_);
      work_ = false;
    }
    auto sent = send_all();
    last_contact_ = steady_clock::now();
    if (!sent) {
      const std::lock_guard lock(mutex_);
      work_ = true;
    }
    return sent;
  }

  core::Status connect() {
    EVERY_TRY_ASSIGN(std::string peer, kubo_->id());
    if (up_ && peer == peer_) return {};
    peer_ = std::move(peer);
    EVERY_TRY_ASSIGN(progress_, outbox_->progress(peer_));
    EVERY_TRY(begin_anew_in_another_store());
    if (!std::exchange(up_, true)) counters_.up.add(1);
    told_away_ = false;
    retry_refused_at_ = steady_clock::now();
    {
      const std::lock_guard lock(mutex_);
      peer_known_ = true;
    }
    logger_.info("ipfs.publish", "ipfs",
                 "components and receipts go to the Kubo at " + kubo_->name(), {{"peer", peer_}});
    return {};
  }

  /// The receipts may have been cleaned away, and their numbers are given anew then.
  core::Status begin_anew_in_another_store() {
    if (progress_.receipt == 0) return {};
    EVERY_TRY_ASSIGN(const auto at, receipts_(progress_.receipt - 1, 1));
    const bool same =
        !at.empty() && at[0].id == progress_.receipt && progress_.receipt_cid == at[0].cid;
    if (same) return {};
    progress_.receipt = 0;
    progress_.receipt_cid.reset();
    return {};
  }

  core::Status send_all() {
    if (steady_clock::now() >= retry_refused_at_) {
      retry_refused_at_ = steady_clock::now() + options_.patience.refused;
      EVERY_TRY(send_what_was_refused());
    }
    EVERY_TRY(send_components());
    return send_receipts();
  }

  core::Status send_components() {
    for (;;) {
      EVERY_TRY_ASSIGN(const auto page, outbox_->components(progress_.component, 1));
      if (page.empty()) return {};
      const Outbox::Component& next = page.front();
      const auto sent = send_component(next.cid);
      if (!sent && !is_gone(next.cid, sent.error()))
        EVERY_TRY(set_aside({next.id, next.cid, PublishedKind::kComponent}, sent.error()));
      progress_.component = next.id;
      EVERY_TRY(note_progress());
    }
  }

  core::Status send_receipts() {
    for (;;) {
      EVERY_TRY_ASSIGN(const auto page, receipts_(progress_.receipt, kPage));
      if (page.empty()) return {};
      std::vector<ipld::Cid> sent;
      for (const KeptReceipt& receipt : page) {
        const auto put = receipt.block ? put_receipt(receipt.cid, *receipt.block) : core::Status();
        if (!put)
          EVERY_TRY(set_aside({receipt.id, receipt.cid, PublishedKind::kReceipt}, put.error()));
        if (put && receipt.block) sent.push_back(receipt.cid);
        progress_.receipt = receipt.id;
        progress_.receipt_cid = receipt.cid;
        if (!put) EVERY_TRY(note_receipts(sent));
      }
      EVERY_TRY(note_receipts(sent));
    }
  }

  core::Status note_receipts(std::vector<ipld::Cid>& sent) {
    EVERY_TRY(pin(sent));
    counters_.receipts.add(sent.size());
    sent.clear();
    return note_progress();
  }

  /// errors: also kUnavailable, when it refuses one thing after the other: its disk may be full
  core::Status note_progress() {
    EVERY_TRY(outbox_->save(peer_, progress_));
    if (refused_in_a_row_ < kRefusedInARow) return {};
    refused_in_a_row_ = 0;
    return core::fail(ErrorCode::kUnavailable, kubo_->name() + " takes nothing: " + last_refusal_);
  }

  core::Status send_what_was_refused() {
    EVERY_TRY_ASSIGN(const auto all, outbox_->list_set_aside(peer_));
    for (const SetAside& what : all) {
      const auto sent = what.kind == PublishedKind::kComponent ? send_component(what.cid)
                                                               : send_receipt_again(what);
      if (!sent && is_away(sent.error())) return sent;
      const bool gone =
          !sent && what.kind == PublishedKind::kComponent && is_gone(what.cid, sent.error());
      if (sent || gone) EVERY_TRY(outbox_->take_back(peer_, what.cid));
    }
    return {};
  }

  /// What was refused is set aside, so that it holds up nothing. errors: `why`, when it was no refusal
  core::Status set_aside(const SetAside& what, const core::Error& why) {
    if (is_away(why)) return core::fail(why);
    const bool is_component = what.kind == PublishedKind::kComponent;
    counters_.refused.add();
    ++refused_in_a_row_;
    last_refusal_ = why.message;
    logger_.warn("ipfs.publish.err", "ipfs",
                 std::string(is_component ? "component " : "receipt ") + what.cid.render() +
                     " is not on Kubo: " + why.message + "; it is tried again later");
    return outbox_->set_aside(peer_, what, why.message);
  }

  /// A component that is kept no longer is nothing to publish.
  bool is_gone(const ipld::Cid& cid, const core::Error& why) const {
    const auto here = content_->has(cid);
    return why.code == ErrorCode::kNotFound && here && !*here;
  }

  core::Status send_component(const ipld::Cid& cid) {
    EVERY_TRY_ASSIGN(const core::Bytes bytes, read_content(*content_, cid, kLargestComponent));
    EVERY_TRY_ASSIGN(const ipld::Cid named, kubo_->add(bytes));
    // A Kubo that is set up to cut files otherwise takes the blocks as they are.
    if (named != cid) EVERY_TRY(send_blocks(cid));
    counters_.components.add();
    refused_in_a_row_ = 0;
    logger_.info("ipfs.add", "ipfs", "component " + cid.render() + " is on Kubo",
                 {{"cid", cid.render()}});
    return {};
  }

  core::Status send_blocks(const ipld::Cid& root) {
    ipld::DagWalk walk({root}, [this](const ipld::Cid& cid) -> core::Result<core::Bytes> {
      EVERY_TRY_ASSIGN(auto block, content_->find(cid));
      if (block) return std::move(*block);
      return core::fail(ErrorCode::kNotFound, "block " + cid.render() + " is not here");
    });
    for (;;) {
      EVERY_TRY_ASSIGN(const auto block, walk.next());
      if (!block) break;
      EVERY_TRY(kubo_->put(block->cid, block->bytes));
    }
    return kubo_->pin(std::span(&root, 1), Kubo::Pin::kRecursive);
  }

  core::Status put_receipt(const ipld::Cid& cid, core::BytesView block) {
    if (block.size() > kLargestExchanged) {
      logger_.warn("ipfs.put", "ipfs",
                   "receipt " + cid.render() + " has " + std::to_string(block.size()) +
                       " bytes; Kubo keeps it, but other IPFS nodes take no blocks of more than 2 "
                       "MiB from it");
    }
    EVERY_TRY(kubo_->put(cid, block));
    refused_in_a_row_ = 0;
    logger_.debug("ipfs.put", "ipfs", "receipt " + cid.render() + " is on Kubo");
    return {};
  }

  core::Status send_receipt_again(const SetAside& what) {
    EVERY_TRY_ASSIGN(const auto page, receipts_(what.id - 1, 1));
    const bool is_there = !page.empty() && page[0].cid == what.cid && page[0].block;
    if (!is_there) return {};  // it was cleaned away
    EVERY_TRY(put_receipt(what.cid, *page[0].block));
    counters_.receipts.add();
    return pin(std::span(&what.cid, 1));
  }

  /// Pins receipts alone, not what they link to: Kubo does not have the instruction that a receipt names, and a recursive pin of what is not
  /// there would stop its garbage collection.
  core::Status pin(std::span<const ipld::Cid> cids) {
    if (cids.empty()) return {};
    const auto pinned = kubo_->pin(cids, Kubo::Pin::kDirect);
    if (pinned || is_away(pinned.error())) return pinned;
    for (const ipld::Cid& cid : cids) {
      const auto alone = kubo_->pin(std::span(&cid, 1), Kubo::Pin::kDirect);
      if (!alone && is_away(alone.error())) return alone;
      // It may be pinned otherwise already. The receipt is there in any case, and here.
      if (!alone)
        logger_.debug("ipfs.pin", "ipfs",
                      "receipt " + cid.render() + " is not pinned: " + alone.error().message);
    }
    return {};
  }

  const PublisherOptions options_;
  const std::unique_ptr<Outbox> outbox_;
  const std::shared_ptr<Kubo> kubo_;
  const core::Logger& logger_;
  Counters counters_;
  KeptReceipts receipts_;
  BlockStore* content_ = nullptr;
  std::thread thread_;

  // The thread's alone.
  bool up_ = false;
  bool told_away_ = false;
  std::string peer_;
  steady_clock::time_point last_contact_;
  Progress progress_;
  int refused_in_a_row_ = 0;
  std::string last_refusal_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool work_ = true;  // there may be something to send
  bool stopping_ = false;
  bool peer_known_ = false;
  bool ended_ = false;
  steady_clock::time_point retry_refused_at_;  // the thread's
};

}  // namespace

core::Result<std::unique_ptr<Publisher>> Publisher::make(const PublisherOptions& options,
                                                         std::shared_ptr<Kubo> kubo,
                                                         const core::Logger& logger,
                                                         core::Metrics& metrics) {
  EVERY_TRY_ASSIGN(auto outbox, options.file.empty() ? Outbox::open_memory()
                                                     : Outbox::open(options.file, options.sync));
  return std::make_unique<KuboPublisher>(options, std::move(outbox), std::move(kubo), logger,
                                         metrics);
}

}  // namespace every::blocks
