#include "every/toolchain/build.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <unistd.h>

#include "every/core/file.h"
#include "every/core/text.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;

/// Where the component goes. A component that needs nothing done stays where it is.
core::Result<fs::path> output_of(const BuildRequest& request, const BuildJob& job) {
  if (request.out) {
    std::error_code ignored;
    if (fs::is_directory(*request.out, ignored)) {
      return core::fail(ErrorCode::kInvalidArgument,
                        request.out->string() + " is a folder; -o names the file to write, and " +
                            "--out-dir the folder to write to");
    }
    return fs::absolute(*request.out);
  }
  if (request.out_dir) return fs::absolute(*request.out_dir) / job.default_output().filename();
  return job.default_output();
}

core::Status write_output(const fs::path& file, core::BytesView bytes) {
  const auto there = core::read_file(file, bytes.size() + 1);
  if (there && core::as_text(*there) == core::as_text(bytes)) return {};
  std::error_code failed;
  fs::create_directories(file.parent_path(), failed);
  if (failed) return core::fail(core::system_error("make", file.parent_path(), failed.value()));
  return core::write_file_atomically(file, bytes, 0644, core::Sync::kNo);
}

/// Runs the job, or finds what it gave before.
core::Status make(BuildJob& job, const BuildRequest& request, const BuildContext& context,
                  const BuildRecords& records, Built& built) {
  if (request.rebuild == Rebuild::kIfNeeded) {
    EVERY_TRY_ASSIGN(auto record, records.find(job.inputs()));
    if (record) {
      built.how = Built::How::kRecorded;
      built.bytes = std::move(record->bytes);
      if (context.warm != nullptr) job.warm_up(context);
      return {};
    }
  }
  EVERY_TRY_ASSIGN(auto output, job.run(context));
  auto component = context.wasm.componentize(output.module);
  if (!component) return core::fail(std::move(component).error().in(built.source.given.string()));
  if (*component == output.module && built.source.language == Language::kWasm)
    built.how = Built::How::kAsIs;
  built.bytes = std::move(*component);
  if (output.keep == BuildJob::Keep::kRecord) {
    // A record that cannot be kept costs the next build, not this one.
    if (const auto kept = records.put(job.inputs(), built.bytes); !kept)
      built.notices.push_back("the build record was not kept: " + kept.error().message);
  }
  return {};
}

}  // namespace

core::Result<Built> build(const BuildRequest& request, const BuildContext& context,
                          const BuildRecords& records) {
  const auto begin = std::chrono::steady_clock::now();
  Built built;
  EVERY_TRY_ASSIGN(built.source, detect_source(request.path));
  EVERY_TRY_ASSIGN(const auto builder, find_builder(built.source.language));
  EVERY_TRY_ASSIGN(const auto job, builder->prepare(built.source, request, context));
  EVERY_TRY_ASSIGN(built.file, output_of(request, *job));
  EVERY_TRY(make(*job, request, context, records, built));
  auto world = context.wasm.world_of(built.bytes);
  if (!world) return core::fail(std::move(world).error().in(built.source.given.string()));
  built.world = std::move(*world);
  built.cid = cid_of_component(built.bytes);
  if (built.how == Built::How::kAsIs && !request.out && !request.out_dir) {
    built.file = built.source.entry;
  } else {
    EVERY_TRY(write_output(built.file, built.bytes));
  }
  for (auto& notice : job->notices()) built.notices.push_back(std::move(notice));
  built.watched = job->watched();
  built.duration = std::chrono::steady_clock::now() - begin;
  return built;
}

std::vector<const WitFunction*> Built::functions() const {
  std::vector<const WitFunction*> out;
  for (const auto& function : world.exports) {
    const bool of_runtime = function.interface.empty()
                                ? function.name == "init" && !function.params.empty() &&
                                      function.params.front().name == "shim"
                                : function.interface == "exports";
    if (!of_runtime) out.push_back(&function);
  }
  return out;
}

std::string Built::purity() const {
  std::vector<std::string> virtual_ones;
  bool logs = false;
  for (const auto& name : world.import_interfaces) {
    if (name.starts_with("wasi:logging/")) {
      logs = true;
      continue;
    }
    const auto kind = name.substr(0, name.find('/'));
    if (std::find(virtual_ones.begin(), virtual_ones.end(), kind) == virtual_ones.end())
      virtual_ones.push_back(kind);
  }
  if (!virtual_ones.empty()) {
    return "pure here: what it imports of " + core::join_words(virtual_ones) +
           " is virtual, so its result depends on its arguments alone";
  }
  return logs ? "pure: it imports nothing but logging" : "pure: it imports nothing";
}

core::Result<WorkFolder> WorkFolder::make(const std::filesystem::path& parent) {
  std::error_code failed;
  fs::create_directories(parent, failed);
  if (failed) return core::fail(core::system_error("make", parent, failed.value()));
  std::string path = (parent / "build-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr)
    return core::fail(core::system_error("make a folder in", parent, errno));
  return WorkFolder(path);
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace every::toolchain
