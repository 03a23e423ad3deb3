#pragma once

#include <string>
#include <vector>

#include "every/runtime/why.h"

namespace every::gateway {

/// docs/formats/http.md, "Why".
[[nodiscard]] std::string render_why(const runtime::Explanation& why);
/// `{"run":…,"tasks":[…]}`
[[nodiscard]] std::string render_whys(const std::string& run,
                                      const std::vector<runtime::Explanation>& whys);

}  // namespace every::gateway
