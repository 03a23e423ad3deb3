#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/clock.h"
#include "every/core/error.h"
#include "every/ipld/car.h"
#include "every/ipld/cid.h"

/// Results that come from elsewhere and go elsewhere, and how far they are believed.
namespace every::runtime {

/// What a CAR file is to hold. A word is the CID of a receipt, of an instruction (its result), of a component or other content, or the id of a run.
struct ExportRequest {
  std::vector<std::string> what;
  enum class Missing : std::uint8_t {
    kFail,     ///< nothing is written when content that is linked to is not here
    kLeaveOut  ///< it is named in the report
  } missing = Missing::kFail;
};

struct ExportReport {
  std::vector<ipld::Cid> roots;  ///< what was asked for; of a run its workflow
  std::uint64_t blocks = 0;
  std::uint64_t bytes = 0;  ///< of the file
  std::uint64_t receipts = 0;
  std::uint64_t attested = 0;      ///< attestations by this node that were made for it
  std::uint64_t failures = 0;      ///< tasks of the runs that have no result to be shared
  std::uint64_t forgotten = 0;     ///< receipts left out because they were forgotten
  std::vector<ipld::Cid> missing;  ///< content left out because it is not here
};

/// Whether the receipts of a file are believed at the importing person's word.
enum class TakeOn : std::uint8_t { kAttestations, kMyWord };

struct ImportReport {
  std::vector<ipld::Cid> roots;
  std::uint64_t blocks = 0;         ///< in the file, repeated ones each time
  std::uint64_t bytes = 0;          ///< of blocks
  std::uint64_t receipts = 0;       ///< proven to answer their instruction, and kept
  std::uint64_t usable = 0;         ///< of these: may be hits from now on
  std::uint64_t untrusted = 0;      ///< … readable only: nobody trusted attests them
  std::uint64_t other_profile = 0;  ///< … readable only: made in another sandbox
  std::uint64_t forgotten = 0;      ///< … readable only: forgotten here
  std::uint64_t failures = 0;       ///< receipts of failures: not taken
  std::uint64_t unproven =
      0;  ///< receipts that nothing ties to an instruction: kept as content alone
  std::uint64_t conflicts =
      0;  ///< results that contradict what was known; what was known stays in use
  std::vector<std::pair<std::string, std::uint64_t>>
      strangers;  ///< keys that attest and are not trusted, with how many receipts
};

/// How a second execution came out.
struct Verified {
  enum class Outcome : std::uint8_t {
    kSame,       ///< the same receipt
    kDifferent,  ///< an integrity alarm: the component is in quarantine
    kUnable,     ///< it could not be executed again: `why`
  } outcome = Outcome::kSame;
  ipld::Cid receipt;
  std::optional<ipld::Cid> component;
  std::string func;
  std::optional<ipld::Cid>
      other;        ///< kDifferent: the receipt of the second result, if there was one
  std::string why;  ///< kDifferent, kUnable: in a person's words
};

struct VerifyRequest {
  std::vector<std::string> what;         ///< receipts and runs; empty: all receipts, page by page
  double share = 1.0;                    ///< of all receipts: the chance of each to be taken
  std::optional<std::string> engine;     ///< only receipts made with it
  std::optional<std::uint32_t> profile;  ///< only receipts made under it
  std::int64_t after = 0;   ///< of all receipts: go on after this place; 0: from the first
  std::size_t limit = 256;  ///< of all receipts: looked at in one call
};

struct VerifyReport {
  std::uint64_t same = 0;
  std::uint64_t different = 0;
  std::uint64_t unable = 0;
  std::uint64_t now_trusted = 0;   ///< imported receipts that became hits by it
  std::vector<Verified> findings;  ///< those that are not the same; of named receipts and runs all
  std::optional<std::int64_t> next;  ///< of all receipts: where to go on; none: that was the last
};

struct ForgetReport {
  std::uint64_t receipts = 0;    ///< forgotten now
  std::uint64_t dependants = 0;  ///< of these: forgotten because they rest on others
  std::uint64_t already = 0;     ///< had been forgotten before
};

/// A component that gave two results for one instruction.
struct Quarantined {
  ipld::Cid component;
  ipld::Cid instruction;
  ipld::Cid kept;
  ipld::Cid other;
  core::WallNanos since = 0;
};

/// Where a receipt comes from and whether it may be a hit.
struct Origin {
  ipld::Cid receipt;
  ipld::Cid instruction;
  enum class Kind : std::uint8_t { kLocal, kImported } kind = Kind::kLocal;
  enum class Use : std::uint8_t {
    kHit,  ///< made here, verified here, attested by a trusted key, or taken at somebody's word
    kUntrusted,     ///< nobody trusted attests it
    kOtherProfile,  ///< made in another sandbox
    kForgotten,
  } use = Use::kHit;
  std::uint32_t profile = 0;  ///< 0: not known
  std::string engine;         ///< empty: not known
  core::WallNanos created = 0;
  std::vector<std::string> attested_by;  ///< did:key of each issuer
};

/// Long work on what is known: taking it along, believing it, checking it, forgetting it. Every call blocks; thread: any, but see post.
class Sharing {
 public:
  using ByteSink = std::function<core::Status(core::BytesView)>;
  /// Opens the same file once more, from its beginning.
  using OpenSource = std::function<core::Result<ipld::car::Source>()>;

  virtual ~Sharing() = default;

  /// Writes a CAR (version 1): before each receipt the invocation that proves what it answers, the component and the content both link to, and the receipts of
  /// what it awaits; after it its attestations. The same request of the same home gives the same bytes.
  ///
  /// errors: kNotFound what was asked for, or content it links to, is not here; kInvalidArgument a failure's receipt, a word that is neither CID nor run;
  ///         kConflict a forgotten receipt, a run that is under way; those of the sink. What the sink got is then no whole file
  [[nodiscard]] virtual core::Result<ExportReport> export_car(const ExportRequest& request,
                                                              const ByteSink& sink) = 0;
  /// Takes in a CAR. The whole file is checked before anything is kept; then content, then receipts. Memory: one block, and what is noted of each receipt.
  ///
  /// errors: kMalformed, kIntegrity (a changed block, a forged attestation), kUnsupported, kResourceExhausted (more than a million records), naming the place: nothing was kept;
  ///         kIo, kResourceExhausted (the disk is full): the message says what was kept
  [[nodiscard]] virtual core::Result<ImportReport> import_car(const OpenSource& open,
                                                              TakeOn take_on) = 0;
  /// Executes again and compares.
  /// errors: kNotFound, kInvalidArgument; kUnavailable the node is stopping
  [[nodiscard]] virtual core::Result<VerifyReport> verify(const VerifyRequest& request) = 0;

  enum class Dependants : std::uint8_t { kLeave, kForgetToo };
  /// Forgets a receipt, the results of an instruction, or all results of a component: never hits again, kept for audit.
  /// errors: kNotFound nothing is known of it
  [[nodiscard]] virtual core::Result<ForgetReport> forget(const ipld::Cid& what,
                                                          Dependants dependants) = 0;
  /// Lets a component run again. errors: kNotFound it is not in quarantine
  [[nodiscard]] virtual core::Status release(const ipld::Cid& component) = 0;
  [[nodiscard]] virtual core::Result<std::vector<Quarantined>> quarantined() = 0;
  /// errors: kNotFound no receipt of a result has this CID
  [[nodiscard]] virtual core::Result<Origin> origin_of(const ipld::Cid& receipt) = 0;

  /// Runs one of the calls above on a thread for long work. Dropped when the node is stopping.
  virtual void post(std::move_only_function<void()> work) = 0;
};

}  // namespace every::runtime
