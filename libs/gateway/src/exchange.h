#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alarms.h"
#include "target.h"
#include "workflow_cache.h"

#include "every/core/guarded.h"
#include "every/core/thread_pool.h"
#include "every/gateway/service.h"

namespace every::gateway {

/// What all exchanges of a service share.
struct ServiceParts {
  ServiceOptions options;
  runtime::Node& node;
  const core::Logger& logger;
  core::ThreadPool& pool;
  core::ThreadPool& content_pool;  ///< for what may have to be fetched from elsewhere
  Alarms& alarms;
  WorkflowCache& workflows;
};

/// One request on its way to its one response. thread: any.
class Exchange {
 public:
  Exchange(const ServiceParts& parts, Request request, Target target, Respond respond)
      : parts_(parts),
        request_(std::move(request)),
        target_(std::move(target)),
        respond_(std::in_place, std::move(respond)) {}

  /// Answers 500 when nobody did: a request is never left hanging.
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  [[nodiscard]] const ServiceParts& parts() const { return parts_; }
  [[nodiscard]] runtime::Node& node() const { return parts_.node; }
  [[nodiscard]] const Request& request() const { return request_; }
  [[nodiscard]] const Target& target() const { return target_; }

  /// What a `:word` of the route's pattern matched. Set before the handler runs.
  [[nodiscard]] const std::string& param(std::string_view name) const;
  void set_params(std::vector<std::pair<std::string, std::string>> params) {
    params_ = std::move(params);
  }

  /// Answers. Only the first answer counts; later ones are dropped.
  void reply(Response response);
  [[nodiscard]] bool answered() const { return answered_.load(std::memory_order_acquire); }

 private:
  const ServiceParts& parts_;
  Request request_;
  Target target_;
  std::vector<std::pair<std::string, std::string>> params_;
  core::Guarded<Respond> respond_;
  std::atomic<bool> answered_ = false;
};

using ExchangePtr = std::shared_ptr<Exchange>;

}  // namespace every::gateway
