// Results and content that come from elsewhere.

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "sharing_impl.h"

#include "every/blocks/housekeeping.h"
#include "every/invocation/attestation.h"
#include "every/ipld/car.h"
#include "every/ipld/dag_cbor.h"
#include "every/wasm/executor.h"

namespace every::runtime {
namespace {

using core::ErrorCode;
using invocation::Attestation;
using ipld::Cid;

/// What is noted of a file's receipts, invocations and attestations is held in memory, 200 bytes each or so.
constexpr std::size_t kMostRecords = 1'000'000;
/// What one transaction takes.
constexpr std::size_t kBatchBytes = std::size_t{4} << 20;
constexpr std::size_t kBatchRecords = 4096;
constexpr std::uint8_t kMapOfFive = 0xa5;

/// What an attestation in the file says.
struct Word {
  std::uint32_t issuer = 0;  ///< index into the list of issuers
  std::uint32_t profile = 0;
  std::uint32_t engine = 0;  ///< index into the list of engines
};

/// A receipt in the file.
struct Candidate {
  Cid ran;
  std::string op;  ///< as its `meta` says; empty: it does not
  enum class State : std::uint8_t {
    kFound,
    kFailure,   ///< of one run alone
    kUnproven,  ///< nothing says which instruction it answers
    kProven,
  } state = State::kFound;
  std::optional<Cid> instruction = {};
};

/// An invocation in the file.
struct Asked {
  Cid instruction;
  std::string func;
};

class Importer {
 public:
  Importer(const SharingImpl::Parts& parts, const Sharing::OpenSource& open, TakeOn take_on)
      : parts_(parts), open_(open), take_on_(take_on) {}

  core::Result<ImportReport> run() {
    EVERY_TRY(look());
    EVERY_TRY(prove());
    if (auto kept = keep(); !kept) return std::unexpected(said(std::move(kept).error()));
    EVERY_TRY(judge());
    return std::move(report_);
  }

 private:
  using Visit = std::function<core::Status(ipld::car::Block&)>;

  core::Status read(const Visit& visit) {
    EVERY_TRY_ASSIGN(auto source, open_());
    EVERY_TRY_ASSIGN(auto reader, ipld::car::Reader::open(std::move(source)));
    report_.roots = reader.roots();
    for (;;) {
      EVERY_TRY(parts_.go_on());
      EVERY_TRY_ASSIGN(auto block, reader.next());
      if (!block) return {};
      EVERY_TRY(visit(*block));
    }
  }

  // First the whole file is looked at; nothing is kept yet.
  core::Status look() {
    return read([this](ipld::car::Block& block) -> core::Status {
      ++report_.blocks;
      report_.bytes += block.bytes.size();
      // Receipts, invocations and attestations have one name each: others for the same bytes are content.
      if (block.bytes.empty() || block.cid != Cid::of_dag_cbor(block.bytes)) return {};
      if (looks_like_invocation(block.bytes)) {
        note_invocation(block);
      } else if (block.bytes.front() == kMapOfFive) {
        EVERY_TRY(note_record(block));
      }
      if (invocations_.size() + receipts_.size() + attestations_ > kMostRecords)
        return core::fail(ErrorCode::kResourceExhausted,
                          "this CAR has more than " + std::to_string(kMostRecords) +
                              " receipts, invocations and attestations; export it in parts");
      return {};
    });
  }

  void note_invocation(const ipld::car::Block& block) {
    const auto task = parse_invocation(block.bytes, block.cid, parts_.normalize_url);
    if (!task) return;  // content that looks alike
    auto instruction = task->run.cid();
    if (!instruction) return;
    invocations_.insert_or_assign(
        block.cid, Asked{std::move(*instruction), task->run.func().value_or(std::string())});
  }

  core::Status note_record(const ipld::car::Block& block) {
    const auto value = ipld::dag_cbor::decode(block.bytes);
    if (!value) return {};
    if (Attestation::looks_like_one(*value)) {
      auto attestation = Attestation::parse(*value);
      if (!attestation)
        return core::fail(std::move(attestation)
                              .error()
                              .in("block " + block.cid.render())
                              .with("cid", block.cid.render()));
      if (!receipts_.contains(attestation->receipt())) early_ = true;
      ++attestations_;
      words_[attestation->receipt()].push_back({issuers_.of(attestation->issuer().did()),
                                                attestation->profile(),
                                                engines_.of(attestation->engine())});
      return {};
    }
    const auto receipt = invocation::Receipt::parse(*value);
    if (!receipt || receipt->render() != *value) return {};
    const bool failed = receipt->out.tag == invocation::Outcome::Tag::kError;
    receipts_.insert_or_assign(
        block.cid, Candidate{receipt->ran, std::string(receipt->op()),
                             failed ? Candidate::State::kFailure : Candidate::State::kFound});
    return {};
  }

  /// Names that come again and again, kept once.
  struct Names {
    std::unordered_map<std::string, std::uint32_t> index;
    std::vector<std::string> all;
    std::uint32_t of(const std::string& name) {
      const auto [found, is_new] = index.try_emplace(name, static_cast<std::uint32_t>(all.size()));
      if (is_new) all.push_back(name);
      return found->second;
    }
  };

  // A receipt counts when an invocation, by its hash, says which instruction it answers.
  core::Status prove() {
    for (auto& [cid, candidate] : receipts_) {
      if (candidate.state == Candidate::State::kFailure) {
        ++report_.failures;
        continue;
      }
      EVERY_TRY_ASSIGN(const std::optional<Asked> asked, find_asked(candidate.ran));
      const bool answers = asked && (candidate.op.empty() || candidate.op == asked->func);
      candidate.state = answers ? Candidate::State::kProven : Candidate::State::kUnproven;
      if (answers) {
        candidate.instruction = asked->instruction;
        ++report_.receipts;
      } else {
        ++report_.unproven;
      }
    }
    return {};
  }

  core::Result<std::optional<Asked>> find_asked(const Cid& ran) {
    if (const auto found = invocations_.find(ran); found != invocations_.end())
      return found->second;
    EVERY_TRY_ASSIGN(const bool here, parts_.blocks.has(ran));
    if (!here) return std::nullopt;
    EVERY_TRY_ASSIGN(const auto block, parts_.blocks.find(ran));
    if (!block) return std::nullopt;
    const auto task = parse_invocation(*block, ran, parts_.normalize_url);
    if (!task) return std::nullopt;
    EVERY_TRY_ASSIGN(Cid instruction, task->run.cid());
    return Asked{std::move(instruction), task->run.func().value_or(std::string())};
  }

  // Content before the rows that name it.
  core::Status keep() {
    EVERY_TRY(keep_content());
    if (report_.receipts == 0) return {};
    const std::uint64_t before = parts_.store.health().conflicts;
    EVERY_TRY(keep_records(Keep::kReceipts));
    if (early_) EVERY_TRY(keep_records(Keep::kAttestations));
    report_.conflicts = parts_.store.health().conflicts - before;
    return {};
  }

  [[nodiscard]] bool is_content(const Cid& cid) const {
    const auto receipt = receipts_.find(cid);
    return receipt == receipts_.end() || receipt->second.state == Candidate::State::kUnproven;
  }

  core::Status keep_content() {
    std::vector<blocks::Block> some;
    std::size_t bytes = 0;
    const auto flush = [&]() -> core::Status {
      if (some.empty()) return {};
      // What somebody imports is theirs. Pinned first: what is put then is never without.
      if (blocks::Housekeeping* keeping = parts_.blocks.housekeeping()) {
        const Cid& root = report_.roots.empty() ? some.front().cid : report_.roots.front();
        EVERY_TRY(keeping->pin_parts(root, some, parts_.clock.wall()));
      }
      EVERY_TRY(parts_.blocks.put(some));
      blocks_kept_ += some.size();
      some.clear();
      bytes = 0;
      return {};
    };
    EVERY_TRY(read([&](ipld::car::Block& block) -> core::Status {
      if (!is_content(block.cid) || is_attestation(block)) return {};
      bytes += block.bytes.size();
      some.push_back({std::move(block.cid), std::move(block.bytes)});
      return bytes < kBatchBytes ? core::Status() : flush();
    }));
    return flush();
  }

  /// Of those that were seen to be good when the file was looked at first.
  static bool is_attestation(const ipld::car::Block& block) {
    if (block.bytes.empty() || block.bytes.front() != kMapOfFive ||
        block.cid != Cid::of_dag_cbor(block.bytes))
      return false;
    const auto value = ipld::dag_cbor::decode(block.bytes);
    return value && Attestation::looks_like_one(*value);
  }

  enum class Keep : std::uint8_t {
    kReceipts,      ///< and the attestations that come after them
    kAttestations,  ///< all of them, where some came before
  };
  core::Status keep_records(Keep what) {
    store::Batch batch;
    std::size_t bytes = 0;
    const auto flush = [&]() -> core::Status {
      const std::size_t count = batch.receipts.size();
      EVERY_TRY(parts_.store.commit_and_wait(std::exchange(batch, {})));
      receipts_kept_ += count;
      bytes = 0;
      return {};
    };
    EVERY_TRY(read([&](ipld::car::Block& block) -> core::Status {
      const auto found = receipts_.find(block.cid);
      if (found != receipts_.end()) {
        if (what == Keep::kReceipts && found->second.state == Candidate::State::kProven) {
          bytes += block.bytes.size();
          add_receipt(batch, found->first, found->second, std::move(block.bytes));
        }
      } else if (is_attestation(block)) {
        EVERY_TRY_ASSIGN(const Attestation attestation,
                         Attestation::decode(block.bytes, block.cid));
        bytes += block.bytes.size();
        batch.attestations.push_back(
            {attestation.receipt(), std::move(block.cid), std::move(block.bytes)});
      }
      const std::size_t records = batch.receipts.size() + batch.attestations.size();
      return bytes < kBatchBytes && records < kBatchRecords ? core::Status() : flush();
    }));
    return flush();
  }

  void add_receipt(store::Batch& batch, const Cid& cid, const Candidate& candidate,
                   core::Bytes block) {
    // Of several words the one that fits this sandbox says what the receipt was made under.
    const Word* word = nullptr;
    if (const auto words = words_.find(cid); words != words_.end()) {
      for (const Word& each : words->second) {
        if (word == nullptr || each.profile == wasm::kDeterminismProfile) word = &each;
      }
    }
    store::ReceiptRecord record{
        .cid = cid,
        .instruction = *candidate.instruction,
        .ran = candidate.ran,
        .block = std::move(block),
        .provenance = store::Provenance::kImported,
        .profile = word != nullptr ? word->profile : 0,
        .engine = word != nullptr ? engines_.all[word->engine] : std::string(),
        .created = parts_.clock.wall()};
    if (take_on_ == TakeOn::kMyWord)
      batch.standings.push_back({cid, store::Standing::kTrusted, parts_.clock.wall()});
    batch.receipts.push_back(std::move(record));
  }

  // What of it may be used from now on.
  core::Status judge() {
    std::map<std::string, std::uint64_t> strangers;
    for (const auto& [cid, candidate] : receipts_) {
      if (candidate.state != Candidate::State::kProven) continue;
      EVERY_TRY_ASSIGN(const auto record, parts_.store.find_receipt(cid));
      if (!record) continue;
      switch (parts_.trust.judge(*record)) {
        case Origin::Use::kHit:
          ++report_.usable;
          break;
        case Origin::Use::kOtherProfile:
          ++report_.other_profile;
          break;
        case Origin::Use::kForgotten:
          ++report_.forgotten;
          break;
        case Origin::Use::kUntrusted:
          ++report_.untrusted;
          if (const auto words = words_.find(cid); words != words_.end()) {
            for (const Word& word : words->second) ++strangers[issuers_.all[word.issuer]];
          }
          break;
      }
    }
    report_.strangers.assign(strangers.begin(), strangers.end());
    if (report_.conflicts > 0)
      parts_.alarm("results that were imported contradict known ones, which stay in use",
                   {{"conflicts", std::to_string(report_.conflicts)}});
    return {};
  }

  core::Error said(core::Error error) const {
    if (blocks_kept_ == 0 && receipts_kept_ == 0) {
      error.message += "; nothing was kept";
    } else {
      error.message += "; kept so far: " + std::to_string(blocks_kept_) + " blocks of content, " +
                       std::to_string(receipts_kept_) + " receipts. Import the file again to go on";
    }
    return error;
  }

  const SharingImpl::Parts& parts_;
  const Sharing::OpenSource& open_;
  const TakeOn take_on_;
  std::unordered_map<Cid, Asked> invocations_;
  std::map<Cid, Candidate> receipts_;
  std::unordered_map<Cid, std::vector<Word>> words_;  // by receipt
  Names issuers_;
  Names engines_;
  std::size_t attestations_ = 0;
  bool early_ = false;  // an attestation came before its receipt
  std::uint64_t blocks_kept_ = 0;
  std::uint64_t receipts_kept_ = 0;
  ImportReport report_;
};

}  // namespace

core::Result<ImportReport> SharingImpl::import_car(const OpenSource& open, TakeOn take_on) {
  return Importer(parts_, open, take_on).run();
}

}  // namespace every::runtime
