#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/ipld/value.h"

/// The data of UCAN Invocation 0.2 as the original wrote it. Pure: no I/O, no clock.
/// Every type has `parse` (from IPLD, by the original's rules) and `render` (to IPLD, what is hashed), inverses of one another.
/// source: docs/formats/invocation.md
namespace every::invocation {

/// A nonce: none, or 12 or 16 bytes that remember whether they came as text or as bytes.
class Nonce {
 public:
  enum class Form : std::uint8_t { kEmpty, kText, kBytes };
  Nonce() = default;
  /// errors: kInvalidArgument another length than 12 or 16
  [[nodiscard]] static core::Result<Nonce> make(core::Bytes bytes, Form form);
  /// 12 random bytes in text form, as the gateway's --debug adds. `random` holds them.
  [[nodiscard]] static Nonce from_random(const std::array<std::uint8_t, 12>& random);
  /// `""` empty; text base32hex of 12 or 16 bytes; Bytes of 12 or 16; null, integers, maps and lists read as empty (the original's rule).
  [[nodiscard]] static core::Result<Nonce> parse(const ipld::Value& value);
  [[nodiscard]] ipld::Value render() const;
  [[nodiscard]] bool empty() const { return form_ == Form::kEmpty; }
  friend bool operator==(const Nonce&, const Nonce&) = default;

 private:
  Form form_ = Form::kEmpty;
  core::Bytes bytes_;
};

/// Prints a URL by the WHATWG rules. Given from outside because the parser lives with the engines.
/// errors: kMalformed not a URL
using NormalizeUrl = std::function<core::Result<std::string>(std::string_view)>;

/// What to run: component, operation, input. Its CID is the memo key.
struct Instruction {
  std::string rsc;    ///< URL of the component, as printed by the WHATWG rules; `ipfs://<cid>`
  std::string op;     ///< `wasm/run`
  ipld::Value input;  ///< kept verbatim: for `wasm/run` a map with `func` and `args`
  Nonce nnc;

  [[nodiscard]] static core::Result<Instruction> parse(const ipld::Value& value,
                                                       const NormalizeUrl& normalize_url);
  [[nodiscard]] ipld::Value render() const;
  /// errors: kInvalidArgument when it cannot be DAG-CBOR (a NaN, say)
  [[nodiscard]] core::Result<ipld::Cid> cid() const;

  /// `func` of a `wasm/run`. errors: kInvalidArgument missing or not text
  [[nodiscard]] core::Result<std::string> func() const;
  /// `args` of a `wasm/run`; valid as long as this object. errors: kInvalidArgument missing or not a list
  [[nodiscard]] core::Result<const ipld::List*> args() const;
  /// The component's CID out of `rsc`: `ipfs://`, gateway paths and subdomains, and files elsewhere with their hash in the fragment
  /// (docs/formats/invocation.md). errors: kUnsupported anything else, saying what is taken
  [[nodiscard]] core::Result<ipld::Cid> component() const;
  /// Where on the web the component's file is, without the fragment; none where `rsc` names content alone.
  [[nodiscard]] std::optional<std::string> web_address() const;
};

/// A task: an instruction and how to run it.
struct Task {
  Instruction run;
  std::optional<ipld::Cid> cause;
  ipld::Value meta;  ///< verbatim
  std::vector<ipld::Cid> prf;

  [[nodiscard]] static core::Result<Task> parse(const ipld::Value& value,
                                                const NormalizeUrl& normalize_url);
  [[nodiscard]] ipld::Value render() const;
  /// CID of `{"task": <task>}`: the `ran` of receipts.
  [[nodiscard]] core::Result<ipld::Cid> invocation_cid() const;
};

/// The limits a task asks for in `meta`. Absent: not asked. The values the original's clients always send count as not asked
/// (memory 4294967296, time 100000, fuel ≥ 2^64−1 as integer or float).
struct AskedLimits {
  std::optional<std::uint64_t> memory_bytes;
  std::optional<std::uint64_t> time_ms;
  std::optional<std::uint64_t> fuel;
};
[[nodiscard]] AskedLimits asked_limits(const ipld::Value& meta);

enum class Branch : std::uint8_t { kOk, kError, kAny };
/// `await/ok`, `await/error`, `await/*`.
[[nodiscard]] std::string_view render_branch(Branch branch);

/// A place in the arguments that another instruction's outcome fills.
struct Await {
  Branch branch = Branch::kOk;
  ipld::Cid instruction;
  /// The await a value stands for: a one-entry map of an await key and a Link. Anything else is none.
  [[nodiscard]] static std::optional<Await> parse(const ipld::Value& value);
  [[nodiscard]] ipld::Value render() const;
  friend bool operator==(const Await&, const Await&) = default;
};

/// Every await in a value, nested ones too, in order of appearance, duplicates kept. cost: linear
[[nodiscard]] std::vector<Await> find_awaits(const ipld::Value& value);
/// The value with each await replaced. `resolve` is called once a place, in order.
/// errors: the first one of `resolve`
[[nodiscard]] core::Result<ipld::Value> replace_awaits(
    const ipld::Value& value,
    const std::function<core::Result<ipld::Value>(const Await&)>& resolve);
/// How a task ended, as receipts tag it.
struct Outcome {
  enum class Tag : std::uint8_t { kOk, kError, kJust };
  Tag tag = Tag::kOk;
  ipld::Value value;
  [[nodiscard]] static core::Result<Outcome> parse(const ipld::Value& value);
  [[nodiscard]] ipld::Value render() const;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Proof of a result: the five keys that are hashed.
struct Receipt {
  ipld::Cid ran;
  Outcome out;
  ipld::Value meta;  ///< `{"op": "<func as submitted>"}`
  std::optional<std::string> iss;
  std::vector<ipld::Cid> prf;

  [[nodiscard]] static core::Result<Receipt> parse(const ipld::Value& value);
  [[nodiscard]] ipld::Value render() const;
  /// The function as `meta` says it; empty when it does not.
  [[nodiscard]] std::string_view op() const;
  [[nodiscard]] core::Result<core::Bytes> encode() const;
  /// errors: kMalformed, kIntegrity when the bytes do not hash to `cid`
  [[nodiscard]] static core::Result<Receipt> decode(core::BytesView block, const ipld::Cid& cid);
};

/// The receipt block of a local result whose value is already encoded: spliced, not encoded again.
///
/// in: value_cbor   canonical DAG-CBOR of the result (for an error tag: of `{code, message}`)
/// out: the block, byte for byte what Receipt::encode gives, and its CID. cost: one copy and one hash
struct ReceiptBlock {
  core::Bytes bytes;
  ipld::Cid cid;
};
[[nodiscard]] ReceiptBlock splice_receipt(Outcome::Tag tag, core::BytesView value_cbor,
                                          const ipld::Cid& ran, std::string_view op);

/// A workflow as data: its tasks in order.
struct Workflow {
  std::vector<Task> tasks;
  /// errors: kMalformed `tasks` missing or not a list, or a task that does not parse (its index is named)
  [[nodiscard]] static core::Result<Workflow> parse(const ipld::Value& value,
                                                    const NormalizeUrl& normalize_url);
  [[nodiscard]] ipld::Value render() const;
  [[nodiscard]] core::Result<core::Bytes> encode() const;
  [[nodiscard]] core::Result<ipld::Cid> cid() const;
};

}  // namespace every::invocation
