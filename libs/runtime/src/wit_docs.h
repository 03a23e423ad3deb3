#pragma once

#include <map>
#include <string>
#include <string_view>

namespace every::runtime {

/// The `///` comments of functions in WIT text as a printer writes it, one item a line: `add` for an export of the world, `iface#add` in an
/// interface. Functions without a comment are left out; text that is no WIT just has none.
[[nodiscard]] std::map<std::string, std::string> docs_in_wit(std::string_view wit);

}  // namespace every::runtime
