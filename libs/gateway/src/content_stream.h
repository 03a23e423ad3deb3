#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "every/core/error.h"
#include "every/core/log.h"
#include "every/core/thread_pool.h"
#include "every/gateway/body_stream.h"

namespace every::gateway {

/// A body that is read piece by piece on a pool's threads, as the reader takes it. An error is logged and cuts it off.
class ContentStream final : public BodyStream, public std::enable_shared_from_this<ContentStream> {
 public:
  /// The next piece, never empty; none at the end.
  using Read = std::move_only_function<core::Result<std::optional<std::string>>()>;

  /// in: what   names the content in the log; pool and logger outlive it
  ContentStream(std::string what, std::optional<std::uint64_t> size, Read read,
                core::ThreadPool& pool, const core::Logger& logger)
      : what_(std::move(what)), size_(size), read_(std::move(read)), pool_(pool), logger_(logger) {}

  void next(Got got) override;
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return size_; }
  [[nodiscard]] bool is_cut_off() const override { return cut_off_; }

 private:
  std::optional<std::string> read();
  const std::string what_;
  const std::optional<std::uint64_t> size_;
  Read read_;
  core::ThreadPool& pool_;
  const core::Logger& logger_;
  std::atomic<bool> cut_off_ = false;
};

}  // namespace every::gateway
