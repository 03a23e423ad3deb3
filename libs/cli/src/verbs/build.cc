#include "verbs/build.h"

#include <algorithm>

#include "node_request.h"
#include "toolchain_access.h"
#include <boost/json.hpp>

namespace every::cli {
namespace {

namespace json = boost::json;
using toolchain::Built;

std::string size_text(std::size_t bytes) {
  if (bytes < 100'000) return std::to_string(bytes) + " bytes";
  const auto tenths = bytes / 100'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

std::string time_text(std::chrono::nanoseconds duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  if (ms < 1000) return std::to_string(ms) + " ms";
  return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
}

/// The path as one would write it here.
std::string near_path(const std::filesystem::path& path) {
  const auto relative = path.lexically_relative(std::filesystem::current_path());
  return relative.empty() || relative.string().starts_with("../..") ? path.string()
                                                                    : relative.string();
}

std::string how_text(const Built& built) {
  switch (built.how) {
    case Built::How::kRecorded:
      return "unchanged: from the build record, in ";
    case Built::How::kAsIs:
      return "a component already, read in ";
    case Built::How::kBuilt:
      break;
  }
  return "built in ";
}

/// The imports, one a line; or a package a line, which is what a person reads: `wasi:io@0.2.9 (3 interfaces)`.
std::vector<std::string> imports_of(const Built& built, BuildVerb::Lists lists) {
  const auto& all = built.world.import_interfaces;
  if (lists == BuildVerb::Lists::kWhole) return all;
  std::vector<std::string> lines;
  std::vector<std::size_t> counts;
  std::vector<std::string> packages;
  for (const std::string& name : all) {
    const auto slash = name.find('/');
    const auto at = name.find('@');
    std::string package = name.substr(0, slash);
    if (at != std::string::npos) package += name.substr(at);
    const auto found = std::find(packages.begin(), packages.end(), package);
    if (found != packages.end()) {
      ++counts[static_cast<std::size_t>(found - packages.begin())];
      continue;
    }
    packages.push_back(std::move(package));
    counts.push_back(1);
    lines.push_back(name);
  }
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (counts[i] > 1) lines[i] = packages[i] + " (" + std::to_string(counts[i]) + " interfaces)";
  return lines;
}

std::string describe(const Built& built, BuildVerb::Lists lists) {
  std::string text = near_path(built.file) + "\n  cid      " + built.cid.render() +
                     "\n  size     " + size_text(built.bytes.size()) + "\n";
  std::string_view title = "  exports  ";
  for (const auto& function : built.functions()) {
    text += std::string(title) + function->signature() + "\n";
    title = "           ";
  }
  title = "  imports  ";
  for (const auto& line : imports_of(built, lists)) {
    text += std::string(title) + line + "\n";
    title = "           ";
  }
  return text + "  purity   " + built.purity() + "\n  time     " + how_text(built) +
         time_text(built.duration) + "\n";
}

std::string_view how_word(Built::How how) {
  switch (how) {
    case Built::How::kRecorded:
      return "recorded";
    case Built::How::kAsIs:
      return "as-is";
    case Built::How::kBuilt:
      break;
  }
  return "built";
}

json::object to_json(const Built& built) {
  json::array exports;
  for (const auto& function : built.functions())
    exports.push_back({{"name", function->qualified_name()}, {"signature", function->signature()}});
  return {{"source", built.source.given.string()},
          {"language", toolchain::render_language(built.source.language)},
          {"file", built.file.string()},
          {"cid", built.cid.render()},
          {"size", built.bytes.size()},
          {"exports", std::move(exports)},
          {"imports",
           json::array(built.world.import_interfaces.begin(), built.world.import_interfaces.end())},
          {"purity", built.purity()},
          {"how", how_word(built.how)},
          {"notices", json::array(built.notices.begin(), built.notices.end())},
          {"duration_ms",
           std::chrono::duration_cast<std::chrono::milliseconds>(built.duration).count()}};
}

core::Status check_choices(const BuildVerb& verb) {
  if (verb.paths.empty() && !verb.export_records && !verb.import_records) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      "say what to build: every build PATH..., e.g. every build app.py; a new "
                      "project is made with: every new NAME --lang rust|ts|js|python|cpp");
  }
  if (verb.paths.size() > 1 && verb.out) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      "-o names one file, but there is more than one thing to build; use "
                      "--out-dir FOLDER");
  }
  return {};
}

core::Status move_records(const BuildVerb& verb, const toolchain::BuildRecords& records,
                          const Console& console) {
  if (verb.import_records) {
    EVERY_TRY_ASSIGN(const auto count, records.import_from(*verb.import_records));
    console.done("New build records from " + *verb.import_records + ": " + std::to_string(count));
  }
  return {};
}

}  // namespace

void BuildVerb::define(Options& options) {
  options.words("PATH", paths, "Source files, or folders with a project")
      .completes(Completion::kFiles);
  options.value("--output", "FILE", out, "The file to write").completes(Completion::kFiles);
  options.value("-o", "FILE", out, "The same").completes(Completion::kFiles);
  options.value("--out-dir", "FOLDER", out_dir, "The folder to write to")
      .completes(Completion::kDirectories);
  options.value("--wit", "PATH", wit, "WIT file or folder (default: wit/, here or one above)")
      .completes(Completion::kFiles);
  options.value("--world", "NAME", world, "The world to build, where the WIT has several");
  options.value("--engine", "NAME", engine, "The JavaScript engine: quickjs or starlingmonkey");
  options.flag("--release", profile, toolchain::Profile::kRelease,
               "Small and fast, not debuggable");
  options.flag("--rebuild", rebuild, toolchain::Rebuild::kAlways,
               "Build, whatever the build record knows");
  options.flag("--json", output, Output::kJson, "As JSON");
  options.flag("--verbose", lists, Lists::kWhole,
               "Every imported interface, not only the packages");
  options
      .value("--export-records", "FILE", export_records,
             "After building, write all build records with their components to a file")
      .completes(Completion::kFiles);
  options
      .value("--import-records", "FILE", import_records,
             "First take over the records of such a file")
      .completes(Completion::kFiles);
  add_home_option(options, node);
}

core::Result<int> BuildVerb::run(const Console& console) {
  EVERY_TRY(check_choices(*this));
  const CancelOnSignal signals;
  EVERY_TRY_ASSIGN(const auto access, ToolchainAccess::open(node.home, signals.token(), console));
  EVERY_TRY(move_records(*this, *access->records, console));
  json::array all;
  std::optional<core::Error> failed;
  for (const std::string& path : paths) {
    toolchain::BuildRequest request{path, out, out_dir, wit, world, engine, profile, rebuild};
    const auto built = toolchain::build(request, *access->context, *access->records);
    if (!built) {
      if (built.error().code == core::ErrorCode::kCancelled || paths.size() == 1)
        return core::fail(built.error());
      console.failed(path + ": " + built.error().message);
      failed = built.error();
      continue;
    }
    for (const std::string& notice : built->notices) console.warn(notice);
    if (output == Output::kText) print(describe(*built, lists));
    all.push_back(to_json(*built));
  }
  if (output == Output::kJson) print(json::serialize(all) + "\n");
  if (export_records) {
    EVERY_TRY_ASSIGN(const auto count, access->records->export_to(*export_records));
    console.done("Build records written to " + *export_records + ": " + std::to_string(count));
  }
  return failed ? exit_code(*failed) : 0;
}

const VerbInfo kBuildVerb{
    "build", "Make components from sources",
    "  every build app.py                    a file, or a folder with a project\n"
    "  every build rust javascript python --release\n"
    "  every build main.cpp --wit wit --world math -o math.wasm\n",
    make_verb<BuildVerb>};

}  // namespace every::cli
