#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "every/ipld/cid.h"

namespace every::store {

/// Which CIDs are certainly not recorded: a Bloom filter in blocks of a cache line that grows in layers, about 10 bits a CID and one wrong
/// "perhaps" in a hundred. Nothing leaves it: what is deleted from the database stays a "perhaps".
///
/// Until complete() was called everything is a "perhaps". thread: any.
/// source: Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient Bloom Filters (2007); Almeida et al.: Scalable Bloom Filters (2007)
class KnownFilter {
 public:
  KnownFilter() = default;
  ~KnownFilter();
  KnownFilter(const KnownFilter&) = delete;
  KnownFilter& operator=(const KnownFilter&) = delete;

  /// cost: a lock, a cache line a layer; memory grows fourfold when a layer is full
  void add(const ipld::Cid& cid);
  /// From now on what was not added is certainly not recorded.
  void complete() { complete_.store(true, std::memory_order_release); }
  [[nodiscard]] bool is_complete() const { return complete_.load(std::memory_order_acquire); }
  /// cost: a hash over the CID and a cache line a layer, no lock
  [[nodiscard]] bool may_hold(const ipld::Cid& cid) const;

 private:
  static constexpr std::size_t kWords = 8;      // of 64 bits: one block
  static constexpr std::size_t kPerBlock = 51;  // CIDs, at 10 bits each
  static constexpr std::size_t kFirstBlocks = 1024;
  static constexpr std::size_t kMostLayers = 16;
  struct alignas(64) Block {
    std::array<std::atomic<std::uint64_t>, kWords> words{};
  };
  struct Layer {
    explicit Layer(std::size_t blocks) : mask(blocks - 1), all(new Block[blocks]) {}
    const std::size_t mask;
    const std::unique_ptr<Block[]> all;
  };
  [[nodiscard]] bool holds(std::uint64_t hash) const;

  std::atomic<bool> complete_ = false;
  std::array<std::atomic<Layer*>, kMostLayers> layers_{};
  std::mutex adding_;
  std::size_t top_ = 0;     // guarded by adding_: the layer that takes what is new
  std::size_t in_top_ = 0;  // guarded by adding_
};

}  // namespace every::store
