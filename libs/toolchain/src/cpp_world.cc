#include "cpp_world.h"

#include <algorithm>
#include <cctype>

#include "every/core/text.h"

namespace every::toolchain {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// `my-name` and `ns:pkg/name@1.0.0` as parts of a C identifier, without the version.
std::string snake(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, name.find('@'))) {
    if (c == '%') continue;
    out += is_word(c) ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : '_';
  }
  return out;
}

/// Whether the text has the identifier, before a parenthesis.
bool mentions(std::string_view text, std::string_view identifier) {
  for (auto at = text.find(identifier); at != std::string_view::npos;
       at = text.find(identifier, at + 1)) {
    auto end = at + identifier.size();
    const bool begins = at == 0 || !is_word(text[at - 1]);
    while (end < text.size() && std::isspace(static_cast<unsigned char>(text[end])) != 0) ++end;
    if (begins && end < text.size() && text[end] == '(') return true;
  }
  return false;
}

/// The line of the header that declares it.
std::string declaration(std::string_view header, std::string_view identifier) {
  const auto at = header.find(std::string(identifier) + "(");
  if (at == std::string_view::npos) return std::string(identifier) + "(…);";
  const auto begin = header.rfind('\n', at) + 1;
  std::string line(header.substr(begin, header.find('\n', at) - begin));
  if (line.starts_with("extern ")) line.erase(0, 7);
  return line;
}

}  // namespace

std::string c_export_name(const World& world, const WitFunction& function) {
  const auto scope = function.interface.empty() ? world.name : function.interface;
  // An interface that is written inside of the world has no package to be told apart by.
  const bool is_inline = !function.interface.empty() && !function.interface.contains(':');
  return (is_inline ? "" : "exports_") + snake(scope) + "_" + snake(function.name);
}

core::Result<const World*> choose_c_world(const Worlds& worlds,
                                          const std::optional<std::string>& named,
                                          std::string_view text, const WitFolder& folder) {
  std::vector<std::string> implemented;
  std::vector<const World*> whole;
  for (const auto& world : worlds.worlds) {
    bool all = true;
    for (const auto& function : world.exports) {
      if (mentions(text, c_export_name(world, function))) {
        implemented.push_back(function.name);
      } else {
        all = false;
      }
    }
    if (all && !world.exports.empty()) whole.push_back(&world);
  }
  if (!named && whole.size() == 1) return whole.front();
  return choose_world(worlds, named, implemented, folder);
}

core::Status check_c_exports(const World& world, std::string_view text, std::string_view header,
                             std::string_view header_name) {
  // A name that macros put together is not to be seen here; the linker knows.
  if (text.find("##") != std::string_view::npos) return {};
  std::string missing;
  for (const auto& function : world.exports) {
    const auto identifier = c_export_name(world, function);
    if (!mentions(text, identifier)) missing += "\n  " + declaration(header, identifier);
  }
  if (missing.empty()) return {};
  return core::fail(core::ErrorCode::kInvalidArgument,
                    "world `" + world.name +
                        "` exports functions that the source does not define; " + "#include \"" +
                        std::string(header_name) + "\" and write:" + missing);
}

}  // namespace every::toolchain
