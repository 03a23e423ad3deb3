#pragma once

#include <string>

#include <gtest/gtest.h>

#include "every/ipld/dag_cbor.h"
#include "every/store/store.h"

/// Records that hold together, made from a few numbers.
namespace every::store::testing {

inline ipld::Cid cid_of(const std::string& text) {
  return *ipld::dag_cbor::cid_of(ipld::Value(text));
}
inline ipld::Cid instruction(int n) {
  return cid_of("instruction " + std::to_string(n));
}

/// The receipt of instruction `n` with the result `result`, its invocation told apart by `way`.
inline ReceiptRecord receipt(int n, std::int64_t result = 7, const std::string& way = "one",
                             Provenance provenance = Provenance::kLocal) {
  const ipld::Cid ran = cid_of("invocation " + std::to_string(n) + way);
  ipld::Map map;
  map.set("iss", ipld::Value());
  map.set("meta", ipld::Value(ipld::Map{{"op", "f"}}));
  map.set("out", ipld::Value(ipld::List{ipld::Value("ok"), ipld::Value(ipld::Integer(result))}));
  map.set("prf", ipld::Value(ipld::List{}));
  map.set("ran", ipld::Value(ran));
  auto block = *ipld::dag_cbor::encode(ipld::Value(map));
  return {.cid = ipld::Cid::of_dag_cbor(block),
          .instruction = instruction(n),
          .ran = ran,
          .block = std::move(block),
          .provenance = provenance,
          .profile = 1,
          .engine = "test engine",
          .created = 1000 + n};
}

inline RunRecord run(const std::string& id, const std::string& workflow = "w") {
  auto block = *ipld::dag_cbor::encode(ipld::Value(workflow));
  return {.id = id,
          .name = "name of " + id,
          .workflow = ipld::Cid::of_dag_cbor(block),
          .workflow_block = std::move(block),
          .extra = {1, 2, 3},
          .task_count = 2,
          .status = RunStatus::kRunning,
          .error_code = {},
          .error_message = {},
          .accepted = 5};
}

inline TaskRecord task(const std::string& run, std::uint32_t index, const ReceiptRecord& receipt) {
  return {.run = run,
          .task = index,
          .status = TaskStatus::kOk,
          .instruction = receipt.instruction,
          .receipt = receipt.cid,
          .replayed = false,
          .error_code = {},
          .error_message = {}};
}

inline invocation::Trace trace() {
  return {.way = invocation::Way::kRan,
          .miss = invocation::Miss::kForgotten,
          .ready = 1,
          .started = 2,
          .ended = 3,
          .run_time = std::chrono::nanoseconds(4),
          .peak_memory_bytes = 5,
          .fuel = 6,
          .bytes_in = 7,
          .bytes_out = 8};
}

inline Batch batch_of(ReceiptRecord record) {
  Batch batch;
  batch.receipts.push_back(std::move(record));
  return batch;
}
inline Batch batch_of(RunRecord record) {
  Batch batch;
  batch.runs.push_back(std::move(record));
  return batch;
}

/// The log is moved often, where a test is about that.
inline constexpr std::int64_t kShortLog = 16;

inline std::unique_ptr<Store> open(const std::filesystem::path& file,
                                   Durability durability = Durability::kDurable,
                                   std::int64_t log_pages = StoreOptions().log_pages) {
  auto store = open_store({.file = file, .durability = durability, .log_pages = log_pages});
  EXPECT_TRUE(store) << store.error().message;
  return store ? std::move(*store) : nullptr;
}

#define EXPECT_OK(status)                                      \
  do {                                                         \
    const auto every_status = (status);                        \
    EXPECT_TRUE(every_status) << every_status.error().message; \
  } while (false)

}  // namespace every::store::testing
