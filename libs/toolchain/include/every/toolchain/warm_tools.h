#pragma once

#include <map>
#include <memory>
#include <string>

#include "every/core/guarded.h"

namespace every::toolchain {

/// Tools that stay between the builds of one process, each for one source, so that the next build of it begins where only the source counts.
/// thread: any
class WarmTools {
 public:
  class Tool {
   public:
    Tool() = default;
    Tool(const Tool&) = delete;
    Tool& operator=(const Tool&) = delete;
    virtual ~Tool() = default;
  };
  /// The tool of a source, which is then the caller's; null: there is none.
  [[nodiscard]] std::unique_ptr<Tool> take(const std::string& source) {
    auto tools = tools_.lock();
    const auto found = tools->find(source);
    if (found == tools->end()) return nullptr;
    auto tool = std::move(found->second);
    tools->erase(found);
    return tool;
  }
  void keep(const std::string& source, std::unique_ptr<Tool> tool) {
    tools_.lock()->insert_or_assign(source, std::move(tool));
  }

 private:
  core::Guarded<std::map<std::string, std::unique_ptr<Tool>>> tools_;
};

}  // namespace every::toolchain
