// Any sequence of commits and restarts against a plain model of the memo.
#include <map>
#include <set>
#include <vector>

#include "records.h"
#include <rapidcheck/gtest.h>

#include "every/sql/testing/temp_dir.h"

namespace every::store {
namespace {

using namespace testing;

/// The rule of the memo, written without SQL: local before imported, then the first.
class Model {
 public:
  void commit(const ReceiptRecord& record, std::int64_t result) {
    auto& rows = rows_[record.instruction];
    if (const Row* hit = find(rows)) {
      if (hit->cid != record.cid && hit->result != result) {
        conflicts_.emplace(record.instruction, record.cid);
      }
    }
    for (auto row = rows.begin(); row != rows.end(); ++row) {
      if (row->cid != record.cid) continue;
      if (row->provenance == Provenance::kLocal || record.provenance == Provenance::kImported) {
        return;
      }
      rows.erase(row);
      break;
    }
    rows.push_back({record.cid, result, record.provenance});
  }
  [[nodiscard]] std::optional<ipld::Cid> hit(const ipld::Cid& instruction) {
    const Row* row = find(rows_[instruction]);
    return row != nullptr ? std::optional(row->cid) : std::nullopt;
  }
  [[nodiscard]] std::size_t conflicts() const { return conflicts_.size(); }

 private:
  struct Row {
    ipld::Cid cid;
    std::int64_t result;
    Provenance provenance;
  };
  static const Row* find(const std::vector<Row>& rows) {
    for (const Provenance wanted : {Provenance::kLocal, Provenance::kImported}) {
      for (const Row& row : rows) {
        if (row.provenance == wanted) return &row;
      }
    }
    return nullptr;
  }
  std::map<ipld::Cid, std::vector<Row>> rows_;
  std::set<std::pair<ipld::Cid, ipld::Cid>> conflicts_;
};

/// Instructions of its own for each try: the tries on disk share one file, since making one takes long.
constexpr int kInstructions = 4;

void agrees_with_the_model(const std::filesystem::path& file, Durability durability, int base) {
  auto store = open(file, durability);
  const std::size_t conflicts_before = store->health().conflicts;
  Model model;
  const int steps = *rc::gen::inRange(1, 20);
  for (int step = 0; step < steps; ++step) {
    Batch batch;
    const int size = *rc::gen::inRange(1, 5);
    for (int i = 0; i < size; ++i) {
      const auto result = *rc::gen::inRange<std::int64_t>(0, 2);
      const auto provenance = *rc::gen::element(Provenance::kLocal, Provenance::kImported);
      auto record = receipt(base + *rc::gen::inRange(0, kInstructions), result,
                            *rc::gen::element<std::string>("a", "b"), provenance);
      model.commit(record, result);
      batch.receipts.push_back(std::move(record));
    }
    RC_ASSERT(store->commit_and_wait(std::move(batch)).has_value());
    if (durability != Durability::kMemory && *rc::gen::inRange(0, 10) == 0) {
      store.reset();
      store = open(file, durability);
    }
    for (int n = base; n < base + kInstructions; ++n) {
      const auto found = store->find_by_instruction(instruction(n)).value();
      RC_ASSERT(model.hit(instruction(n)) == (found ? std::optional(found->cid) : std::nullopt));
    }
    RC_ASSERT(store->health().conflicts - conflicts_before == model.conflicts());
  }
}

RC_GTEST_PROP(StoreModelTest, TheMemoInMemoryFollowsTheRule, ()) {
  agrees_with_the_model({}, Durability::kMemory, 0);
}
RC_GTEST_PROP(StoreModelTest, TheMemoOnDiskFollowsTheRuleAcrossRestarts, ()) {
  static const sql::testing::TempDir dir;
  static int tries = 0;
  agrees_with_the_model(dir / "store.db", Durability::kRelaxed, kInstructions * tries++);
}

}  // namespace
}  // namespace every::store
