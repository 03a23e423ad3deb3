#include "known.h"

namespace every::runtime {

std::shared_ptr<Known> MemoCache::find(const ipld::Cid& instruction) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(instruction);
  if (found == index_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return found->second->known;
}

void MemoCache::put(std::shared_ptr<Known> known) {
  // The encoded block, the decoded value (about as large again) and what surrounds them.
  const std::size_t bytes = 3 * known->record->block.size() + 512;
  const std::lock_guard lock(mutex_);
  if (const auto found = index_.find(known->record->instruction); found != index_.end())
    drop(found->second);
  if (bytes > capacity_) return;
  order_.push_front({std::move(known), bytes});
  index_.emplace(order_.front().known->record->instruction, order_.begin());
  used_ += bytes;
  while (used_ > capacity_) drop(std::prev(order_.end()));
}

void MemoCache::erase(const ipld::Cid& instruction) {
  const std::lock_guard lock(mutex_);
  if (const auto found = index_.find(instruction); found != index_.end()) drop(found->second);
}

void MemoCache::clear() {
  const std::lock_guard lock(mutex_);
  index_.clear();
  order_.clear();
  used_ = 0;
}

void MemoCache::drop(Order::iterator entry) {
  used_ -= entry->bytes;
  index_.erase(entry->known->record->instruction);
  order_.erase(entry);
}

}  // namespace every::runtime
