#pragma once

#include <string>

#include "every/blocks/blocks.h"
#include "every/invocation/invocation.h"
#include "every/store/store.h"

namespace every::runtime {

/// A task with the block that a receipt's `ran` names.
struct Invocation {
  invocation::Task task;
  core::Bytes block;
};

/// Whether a DAG-CBOR block begins as an invocation does: `{"task": …`.
[[nodiscard]] bool looks_like_invocation(core::BytesView block);
/// The task of an invocation block. errors: kMalformed not one, or not in the form that is hashed
[[nodiscard]] core::Result<invocation::Task> parse_invocation(
    core::BytesView block, const ipld::Cid& cid, const invocation::NormalizeUrl& normalize_url);

/// Finds the invocations that receipts answer: among the blocks, or in the run that made them. What is found hashes to `ran`. Not thread-safe:
/// the run looked at last is remembered.
class Invocations {
 public:
  /// What is given outlives this.
  Invocations(store::Store& store, blocks::BlockStore& blocks,
              const invocation::NormalizeUrl& normalize_url)
      : store_(store), blocks_(blocks), normalize_url_(normalize_url) {}
  /// errors: kNotFound it is not here any more; kMalformed, kIntegrity, kIo
  [[nodiscard]] core::Result<Invocation> find(const store::ReceiptRecord& receipt);

 private:
  core::Result<Invocation> find_in_run(const store::ReceiptRecord& receipt);
  store::Store& store_;
  blocks::BlockStore& blocks_;
  const invocation::NormalizeUrl& normalize_url_;
  std::string run_;  // whose workflow this is
  invocation::Workflow workflow_;
};

}  // namespace every::runtime
