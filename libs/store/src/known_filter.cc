#include "known_filter.h"

#include <string_view>

namespace every::store {
namespace {

/// The finaliser of SplitMix64: every bit of the result depends on every bit of the number.
std::uint64_t mix(std::uint64_t number) {
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9ULL;
  number = (number ^ (number >> 27)) * 0x94d049bb133111ebULL;
  return number ^ (number >> 31);
}

std::uint64_t hash_of(const ipld::Cid& cid) {
  return mix(std::hash<ipld::Cid>()(cid) + 0x9e3779b97f4a7c15ULL);
}

/// One bit in each of the eight words of a block, by six bits of a second hash each.
std::uint64_t bit_of(std::uint64_t second, std::size_t word) {
  return std::uint64_t{1} << ((second >> (6 * word)) & 63);
}

}  // namespace

KnownFilter::~KnownFilter() {
  for (auto& layer : layers_) delete layer.load();
}

bool KnownFilter::may_hold(const ipld::Cid& cid) const {
  return !is_complete() || holds(hash_of(cid));
}

bool KnownFilter::holds(std::uint64_t hash) const {
  const std::uint64_t second = mix(hash);
  for (const auto& slot : layers_) {
    const Layer* layer = slot.load(std::memory_order_acquire);
    if (layer == nullptr) return false;
    const Block& block = layer->all[hash & layer->mask];
    bool all = true;
    for (std::size_t word = 0; all && word < kWords; ++word)
      all = (block.words[word].load(std::memory_order_relaxed) & bit_of(second, word)) != 0;
    if (all) return true;
  }
  return false;
}

void KnownFilter::add(const ipld::Cid& cid) {
  const std::uint64_t hash = hash_of(cid);
  const std::lock_guard lock(adding_);
  if (holds(hash)) return;
  const std::size_t blocks = kFirstBlocks << (2 * top_);
  // The last layer fills beyond its measure: more wrong answers, none of them "no".
  if (layers_[top_].load() != nullptr && in_top_ >= blocks * kPerBlock && top_ + 1 < kMostLayers) {
    ++top_;
    in_top_ = 0;
  }
  Layer* layer = layers_[top_].load();
  if (layer == nullptr) {
    layer = new Layer(kFirstBlocks << (2 * top_));
    layers_[top_].store(layer, std::memory_order_release);
  }
  Block& block = layer->all[hash & layer->mask];
  const std::uint64_t second = mix(hash);
  for (std::size_t word = 0; word < kWords; ++word)
    block.words[word].fetch_or(bit_of(second, word), std::memory_order_relaxed);
  ++in_top_;
}

}  // namespace every::store
