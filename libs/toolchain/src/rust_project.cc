#include "rust_project.h"

#include <algorithm>

#include <boost/json.hpp>

#include "every/core/text.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using core::ErrorCode;

core::Result<json::object> metadata_of(const BuildContext& context, const RustToolchain& rust,
                                       const fs::path& manifest) {
  ProcessSpec spec{{rust.cargo.string(), "metadata", "--no-deps", "--offline", "--format-version",
                    "1", "--manifest-path", manifest.string()},
                   manifest.parent_path(),
                   context.environment,
                   {},
                   {}};
  spec.environment["RUSTC"] = rust.rustc.string();
  EVERY_TRY_ASSIGN(const auto outcome, run_process(spec, context.cancel));
  if (!outcome.ok()) {
    return core::fail(ErrorCode::kInvalidArgument,
                      "cargo cannot read " + manifest.string() + ":\n" + outcome.errors);
  }
  boost::system::error_code problem;
  auto value = json::parse(outcome.output, problem);
  if (problem || !value.is_object())
    return core::fail(ErrorCode::kInternal, "cargo metadata gave no JSON");
  return std::move(value.as_object());
}

const json::object* package_of(const json::object& metadata, const fs::path& manifest) {
  for (const auto& package : metadata.at("packages").as_array()) {
    if (fs::path(std::string(package.at("manifest_path").as_string())) == manifest)
      return &package.as_object();
  }
  return nullptr;
}

core::Result<std::string> library_of(const json::object& package, const fs::path& manifest) {
  for (const auto& target : package.at("targets").as_array()) {
    const auto& kinds = target.at("crate_types").as_array();
    const bool is_cdylib = std::any_of(kinds.begin(), kinds.end(),
                                       [](const json::value& kind) { return kind == "cdylib"; });
    if (!is_cdylib) continue;
    std::string name(target.at("name").as_string());
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
  }
  return core::fail(ErrorCode::kInvalidArgument,
                    manifest.string() +
                        " makes no component: it needs a library with\n  [lib]\n  " +
                        "crate-type = [\"cdylib\"]");
}

core::Status add_dependencies(const BuildContext& context, const RustToolchain& rust,
                              const json::object& package, std::vector<fs::path>& found) {
  for (const auto& dependency : package.at("dependencies").as_array()) {
    const auto* path = dependency.as_object().if_contains("path");
    if (path == nullptr || !path->is_string()) continue;
    const fs::path folder(std::string(path->as_string()));
    if (std::find(found.begin(), found.end(), folder) != found.end()) continue;
    found.push_back(folder);
    EVERY_TRY_ASSIGN(const auto metadata, metadata_of(context, rust, folder / "Cargo.toml"));
    if (const auto* next = package_of(metadata, folder / "Cargo.toml"))
      EVERY_TRY(add_dependencies(context, rust, *next, found));
  }
  return {};
}

}  // namespace

core::Result<RustProject> read_rust_project(const BuildContext& context, const RustToolchain& rust,
                                            const std::filesystem::path& manifest) {
  EVERY_TRY_ASSIGN(const auto metadata, metadata_of(context, rust, manifest));
  try {
    const auto* package = package_of(metadata, manifest);
    if (package == nullptr) {
      std::vector<std::string> members;
      for (const auto& member : metadata.at("packages").as_array()) {
        const fs::path folder(std::string(member.at("manifest_path").as_string()));
        members.push_back(folder.parent_path().lexically_relative(manifest.parent_path()).string());
      }
      return core::fail(ErrorCode::kInvalidArgument,
                        manifest.string() + " is a workspace without a package of its own; build " +
                            "one of its members: " + core::join_words(members));
    }
    RustProject project;
    project.package = std::string(package->at("name").as_string());
    EVERY_TRY_ASSIGN(project.library, library_of(*package, manifest));
    project.folder = manifest.parent_path();
    project.workspace = fs::path(std::string(metadata.at("workspace_root").as_string()));
    project.target = fs::path(std::string(metadata.at("target_directory").as_string()));
    EVERY_TRY(add_dependencies(context, rust, *package, project.dependencies));
    return project;
  } catch (const std::exception& error) {
    return core::fail(ErrorCode::kInternal,
                      std::string("cargo metadata gave something unexpected: ") + error.what());
  }
}

}  // namespace every::toolchain
