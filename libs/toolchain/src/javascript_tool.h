#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "every/toolchain/language_builder.h"

namespace every::toolchain {

/// The engines a component can hold.
enum class JavaScriptEngine : std::uint8_t { kQuickJs, kStarlingMonkey };
[[nodiscard]] std::string_view render_engine(JavaScriptEngine engine);
/// `quickjs`, `starlingmonkey`; nothing is the default. errors: kInvalidArgument naming them
[[nodiscard]] core::Result<JavaScriptEngine> parse_engine(const std::optional<std::string>& text);

inline constexpr std::string_view kInstallNode = "apt-get install nodejs npm";

/// The JavaScript tools as they are installed: scripts of this binary over packages of the embedded lock file.
struct JavaScriptTool {
  std::filesystem::path node;
  std::filesystem::path folder;  ///< `<toolchains>/js`

  /// A hash of all that can change a result: scripts, guest modules, the lock file of the engine.
  [[nodiscard]] static std::string version(JavaScriptEngine engine);

  enum class Clock : std::uint8_t { kReal, kSteady };
  /// Asks the scripts (scripts/build.mjs says what).
  /// in: request   completed with `folder` and `answer`. out: the answer's fields
  /// errors: kInvalidArgument what is wrong with the source, each with file and line; kInternal the scripts failed; kCancelled; kIo
  [[nodiscard]] core::Result<boost::json::object> ask(boost::json::object request, Clock clock,
                                                      const BuildContext& context) const;
};

/// The tools, with the scripts of this binary written over older ones.
/// errors: kNotFound no Node.js, or not installed: the command to run; kIo
[[nodiscard]] core::Result<JavaScriptTool> find_javascript_tool(JavaScriptEngine engine,
                                                                const BuildContext& context);

/// Fetches the packages of an engine with npm. errors: kNotFound no npm; kUnavailable no registry; kIo
[[nodiscard]] core::Status install_javascript_tool(JavaScriptEngine engine,
                                                   const BuildContext& context);
/// What `every doctor` tells.
[[nodiscard]] std::vector<ToolCheck> check_javascript_tool(JavaScriptEngine engine,
                                                           const BuildContext& context);

}  // namespace every::toolchain
