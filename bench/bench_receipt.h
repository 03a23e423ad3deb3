#pragma once

#include <cstddef>
#include <string>

#include "bench_node.h"

#include "every/invocation/invocation.h"
#include "every/ipld/dag_cbor.h"

namespace every::bench {

inline ipld::Cid instruction_of(std::size_t number) {
  return ipld::Cid::of_dag_cbor(core::as_bytes("instruction " + std::to_string(number)));
}

/// A receipt as the task of that number would have.
inline store::ReceiptRecord make_receipt(std::size_t number) {
  static const core::Bytes value = must(ipld::dag_cbor::encode(ipld::Value(8.3)));
  const ipld::Cid ran =
      ipld::Cid::of_dag_cbor(core::as_bytes("invocation " + std::to_string(number)));
  auto block = invocation::splice_receipt(invocation::Outcome::Tag::kOk, value, ran, "add");
  store::ReceiptRecord record{.cid = std::move(block.cid),
                              .instruction = instruction_of(number),
                              .ran = ran,
                              .block = std::move(block.bytes),
                              .engine = "wasmtime 48"};
  record.profile = 1;
  record.created = static_cast<core::WallNanos>(number);
  return record;
}

}  // namespace every::bench
