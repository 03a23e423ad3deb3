#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "every/core/error.h"
#include "every/core/guarded.h"

namespace every::sql {

/// Things that one thread uses at a time (connections with their statements), made when all are in use and kept for the next.
///
/// As many exist as threads ever borrowed at once; at most `kKeep` are kept. thread: any.
template <typename T>
class Pool {
 public:
  static constexpr std::size_t kKeep = 16;
  using Make = std::function<core::Result<std::unique_ptr<T>>()>;
  explicit Pool(Make make) : make_(std::move(make)) {}

  /// A borrowed thing: back in the pool when destroyed. Goes before the pool.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<T> thing) : pool_(&pool), thing_(std::move(thing)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (thing_) pool_->give_back(std::move(thing_));
    }
    T* operator->() { return thing_.get(); }
    T& operator*() { return *thing_; }

   private:
    Pool* pool_;
    std::unique_ptr<T> thing_;
  };

  /// errors: those of `make`
  [[nodiscard]] core::Result<Lease> borrow() {
    {
      auto idle = idle_.lock();
      if (!idle->empty()) {
        auto thing = std::move(idle->back());
        idle->pop_back();
        return Lease(*this, std::move(thing));
      }
    }
    auto made = make_();
    if (!made) return std::unexpected(std::move(made).error());
    return Lease(*this, std::move(made).value());
  }
  /// Drops what is not borrowed.
  void clear() {
    std::vector<std::unique_ptr<T>> gone;
    idle_.lock()->swap(gone);
  }

 private:
  void give_back(std::unique_ptr<T> thing) {
    auto idle = idle_.lock();
    if (idle->size() < kKeep) idle->push_back(std::move(thing));
  }
  Make make_;
  core::Guarded<std::vector<std::unique_ptr<T>>> idle_;
};

}  // namespace every::sql
