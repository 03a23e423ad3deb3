#include "python_tool.h"

#include <algorithm>

#include "every/core/file.h"
#include "every/core/text.h"
#include "every/toolchain/build.h"
#include "every/toolchain/embedded.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;

constexpr std::string_view kInfo = ".dist-info";

/// `componentize_py-0.25.1.dist-info` as name and version, for what pip has put in a folder.
std::vector<std::pair<std::string, std::string>> installed_in(const fs::path& folder) {
  std::vector<std::pair<std::string, std::string>> found;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const std::string name = entry.path().filename().string();
    const auto dash = name.rfind('-', name.size() - std::min(name.size(), kInfo.size()) - 1);
    if (!name.ends_with(kInfo) || dash == std::string::npos) continue;
    found.emplace_back(name.substr(0, dash),
                       name.substr(dash + 1, name.size() - kInfo.size() - dash - 1));
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string version_in(const fs::path& folder) {
  for (const auto& [name, version] : installed_in(folder))
    if (name == "componentize_py") return version;
  return {};
}

/// The version of a virtual environment's componentize-py; empty where it has none.
std::string version_in_environment(const fs::path& environment) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(environment / "lib", failed)) {
    if (auto version = version_in(entry.path() / "site-packages"); !version.empty()) return version;
  }
  return {};
}

/// One minor version has one way to be called.
bool fits(std::string_view version) {
  const std::string locked = locked_tool_version();
  return !version.empty() && version.starts_with(locked.substr(0, locked.rfind('.') + 1));
}

struct Pip {
  std::string output;
  bool ok = false;
  [[nodiscard]] bool has(std::string_view text) const {
    return output.find(text) != std::string::npos;
  }
  [[nodiscard]] bool offline() const {
    return has("NewConnectionError") || has("Max retries exceeded") || has("ConnectTimeout") ||
           has("Temporary failure in name resolution") || has("Connection broken") ||
           has("ProxyError") || has("Network is unreachable");
  }
};

/// Runs `pip install --target`. errors: kNotFound no pip; those of run_process
core::Result<Pip> pip_install(const fs::path& folder, std::vector<std::string> more,
                              const BuildContext& context) {
  EVERY_TRY_ASSIGN(const fs::path python, find_python(context));
  std::vector<std::string> arguments{python.string(),
                                     "-m",
                                     "pip",
                                     "install",
                                     "--target",
                                     folder.string(),
                                     "--no-input",
                                     "--no-compile",
                                     "--disable-pip-version-check",
                                     "--retries",
                                     "1",
                                     "--timeout",
                                     "30",
                                     "--quiet"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const ProcessSpec spec{std::move(arguments), folder, context.environment, {}, {}};
  EVERY_TRY_ASSIGN(const ProcessOutcome outcome, run_process(spec, context.cancel));
  Pip pip{outcome.output + outcome.errors, outcome.ok()};
  if (!pip.ok && pip.has("No module named pip")) {
    return core::fail(ErrorCode::kNotFound,
                      "pip is needed to fetch Python packages and " + python.string() +
                          " has none; install it with: " + std::string(kInstallPython));
  }
  return pip;
}

/// The lines of pip that say what is wrong.
std::string errors_of(const Pip& pip) {
  std::string text;
  std::size_t at = 0;
  while (at < pip.output.size()) {
    const auto end = std::min(pip.output.find('\n', at), pip.output.size());
    const std::string line = pip.output.substr(at, end - at);
    if (line.starts_with("ERROR: ")) text += (text.empty() ? "" : "; ") + line.substr(7);
    at = end + 1;
  }
  return text.empty() ? pip.output : text;
}

/// Moves a finished folder to its place; another process may have been faster.
core::Status settle(const fs::path& made, const fs::path& place) {
  std::error_code failed;
  fs::create_directories(place.parent_path(), failed);
  fs::rename(made, place, failed);
  if (failed && !fs::exists(place))
    return core::fail(core::system_error("rename", made, failed.value()));
  return {};
}

core::Error packages_failed(const Pip& pip, const std::string& file) {
  if (pip.offline()) {
    return core::Error{ErrorCode::kUnavailable,
                       "the packages of " + file + " are not in the cache yet, and the package " +
                           "index cannot be reached; build once with a connection, after that " +
                           "none is needed",
                       {}};
  }
  constexpr std::string_view kNone = "No matching distribution found for ";
  if (const auto at = pip.output.find(kNone); at != std::string::npos) {
    const auto begin = at + kNone.size();
    const std::string name = pip.output.substr(begin, pip.output.find('\n', begin) - begin);
    return core::Error{ErrorCode::kUnsupported,
                       file + " names " + name + ", which cannot go into a component: there is " +
                           "no wheel of it in plain Python (it has compiled parts, or no such " +
                           "version is there); use another package, or take the line out if it " +
                           "is only a tool",
                       {}};
  }
  return core::Error{ErrorCode::kInvalidArgument,
                     "the packages of " + file + " cannot be bundled: " + errors_of(pip),
                     {}};
}

}  // namespace

core::Result<fs::path> find_python(const BuildContext& context) {
  return context.need("python3", "build Python", kInstallPython);
}

std::string locked_tool_version() {
  const std::string_view lock = embedded_file("python/requirements.txt");
  constexpr std::string_view kName = "componentize-py==";
  const auto begin = lock.find(kName) + kName.size();
  return std::string(lock.substr(begin, lock.find_first_of(" \\\n", begin) - begin));
}

core::Result<PythonTool> find_python_tool(const fs::path& project, const BuildContext& context) {
  EVERY_TRY_ASSIGN(const fs::path python, find_python(context));
  const fs::path installed = context.places.toolchains / "python" / "packages";
  if (auto version = version_in(installed); fits(version))
    return PythonTool{python, installed, std::move(version)};
  std::vector<fs::path> environments{project / ".venv", project / "venv"};
  if (const auto active = context.environment.find("VIRTUAL_ENV");
      active != context.environment.end())
    environments.emplace_back(active->second);
  std::string other;
  std::error_code ignored;
  if (const auto program = find_program(context.environment, "componentize-py"))
    environments.push_back(fs::canonical(*program, ignored).parent_path().parent_path());
  for (const auto& environment : environments) {
    auto version = version_in_environment(environment);
    const fs::path interpreter = environment / "bin" / "python3";
    if (fits(version) && fs::exists(interpreter, ignored))
      return PythonTool{interpreter, {}, std::move(version)};
    if (!version.empty())
      other = " (" + environment.string() + " has " + version + ", which does not fit)";
  }
  return core::fail(ErrorCode::kNotFound,
                    "componentize-py " + locked_tool_version() +
                        " is needed to build Python and is not installed" + other +
                        "; install it with: " + std::string(kInstallPythonTool));
}

core::Status install_python_tool(const BuildContext& context) {
  const fs::path place = context.places.toolchains / "python";
  if (version_in(place / "packages") == locked_tool_version()) return {};
  EVERY_TRY_ASSIGN(const WorkFolder work, WorkFolder::make(context.places.toolchains));
  const fs::path lock = work.path() / "requirements.txt";
  EVERY_TRY(core::write_file_atomically(
      lock, core::as_bytes(embedded_file("python/requirements.txt")), 0644, core::Sync::kNo));
  context.progress("Fetching componentize-py " + locked_tool_version());
  const fs::path made = work.path() / "packages";
  std::error_code failed;
  fs::create_directory(made, failed);
  EVERY_TRY_ASSIGN(const Pip pip,
                   pip_install(made, {"--require-hashes", "-r", lock.string()}, context));
  if (!pip.ok && pip.offline()) {
    return core::fail(ErrorCode::kUnavailable,
                      "componentize-py cannot be fetched: the package index cannot be reached; " +
                          std::string("connect, or set PIP_INDEX_URL to an index that can be"));
  }
  if (!pip.ok) {
    return core::fail(
        pip.has("DO NOT MATCH THE HASHES") ? ErrorCode::kIntegrity : ErrorCode::kUnsupported,
        "componentize-py could not be installed: " + errors_of(pip));
  }
  fs::remove_all(place / "packages", failed);
  return settle(made, place / "packages");
}

core::Result<PythonPackages> python_packages(std::span<const std::string> lines,
                                             const std::string& file, const BuildContext& context) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  BuildInputs key;
  key.language = "python packages";
  key.add_file("requirements", core::as_bytes(text));
  const fs::path place =
      context.places.cache / "python" / "packages" / key.key().render().substr(0, 40);
  std::error_code failed;
  if (!fs::exists(place, failed)) {
    context.progress("Fetching the packages that " + file + " names, once: " +
                     core::join_words(std::vector<std::string>(lines.begin(), lines.end())));
    EVERY_TRY_ASSIGN(const WorkFolder work, WorkFolder::make(place.parent_path()));
    EVERY_TRY(core::write_file_atomically(work.path() / "requirements.txt", core::as_bytes(text),
                                          0644, core::Sync::kNo));
    const fs::path made = work.path() / "packages";
    fs::create_directory(made, failed);
    EVERY_TRY_ASSIGN(const Pip pip,
                     pip_install(made,
                                 {"--only-binary=:all:", "--platform", "any", "--implementation",
                                  "py", "--abi", "none", "--python-version", "3.14", "-r",
                                  (work.path() / "requirements.txt").string()},
                                 context));
    if (!pip.ok) return core::fail(packages_failed(pip, file));
    fs::remove_all(made / "bin", failed);
    EVERY_TRY(settle(made, place));
  }
  return PythonPackages{place, installed_in(place)};
}

}  // namespace every::toolchain
