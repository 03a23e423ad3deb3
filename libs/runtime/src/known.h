#pragma once

#include <atomic>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "every/ipld/cid.h"
#include "every/ipld/value.h"
#include "every/store/store.h"

namespace every::runtime {

/// A result that is known: its receipt and its decoded output. Shared by the runs that use it.
struct Known {
  enum class Kept : std::uint8_t {
    kPending,  ///< on its way to the disk: whoever uses it commits the receipt with its own records
    kDurable,
    kLost,  ///< could not be written
  };
  std::shared_ptr<const store::ReceiptRecord> record;
  std::shared_ptr<const ipld::Value> value;
  std::atomic<Kept> kept = Kept::kPending;
  std::string maker = {};  ///< imported: peer id of the node that made it, where known
};

/// Known results by instruction, the most recently used, within a bound on memory. thread: any.
class MemoCache {
 public:
  explicit MemoCache(std::size_t bytes) : capacity_(bytes) {}
  [[nodiscard]] std::shared_ptr<Known> find(const ipld::Cid& instruction);
  void put(std::shared_ptr<Known> known);
  void erase(const ipld::Cid& instruction);
  void clear();

 private:
  struct Entry {
    std::shared_ptr<Known> known;
    std::size_t bytes;
  };
  using Order = std::list<Entry>;
  void drop(Order::iterator entry);

  std::mutex mutex_;
  std::size_t capacity_;
  std::size_t used_ = 0;
  Order order_;  // most recent first
  std::unordered_map<ipld::Cid, Order::iterator> index_;
};

}  // namespace every::runtime
