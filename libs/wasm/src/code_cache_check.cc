#include "every/wasm/code_cache_check.h"

#include <set>
#include <system_error>

#include "code_cache.h"
#include "function_cache.h"

#include "every/core/file.h"

namespace every::wasm {
namespace {

namespace fs = std::filesystem;

/// `<cid>.<fingerprint>` of a file of an entry; empty for a file of another kind.
std::string entry_of(const fs::path& file) {
  const std::string extension = file.extension().string();
  if (extension != ".entry" && extension != ".code" && extension != ".component") return {};
  return file.stem().string();
}

bool is_sound(const CodeCache& cache, const std::string& name) {
  const auto dot = name.find('.');
  const auto cid = ipld::Cid::parse(name.substr(0, dot));
  if (!cid || dot == std::string::npos) return false;
  const auto entry = cache.find(*cid, name.substr(dot + 1));
  return entry && CodeCache::read_component(entry->component, entry->component_sum).has_value();
}

}  // namespace

core::Result<CodeCacheCheck> check_code_cache(const fs::path& folder) {
  CodeCacheCheck check;
  std::error_code problem;
  if (!fs::exists(folder, problem)) return check;
  EVERY_TRY_ASSIGN(const auto cache, CodeCache::open(folder));
  std::set<std::string> entries;
  std::vector<fs::path> others;
  for (auto at = fs::directory_iterator(folder, problem);
       !problem && at != fs::directory_iterator(); at.increment(problem)) {
    if (const auto name = entry_of(at->path()); !name.empty()) {
      entries.insert(name);
    } else if (at->path().filename() == "functions" || core::is_interrupted_write(at->path())) {
      others.push_back(at->path());
    }
  }
  if (problem) return core::fail(core::system_error("cannot read", folder, problem.value()));
  for (const std::string& name : entries) {
    if (is_sound(cache, name)) {
      ++check.entries;
      continue;
    }
    CodeCacheCheck::Finding finding{"compiled code " + name + " is damaged or not whole", {}};
    for (const char* extension : {".entry", ".code", ".component"}) {
      if (const auto file = folder / (name + extension); fs::exists(file, problem))
        finding.files.push_back(file);
    }
    check.findings.push_back(std::move(finding));
  }
  for (const fs::path& file : others) {
    const bool functions = file.filename() == "functions";
    if (functions && FunctionCache::is_sound(file)) continue;
    check.findings.push_back({functions ? "compiled functions are damaged"
                                        : "left by a write that was interrupted: " + file.string(),
                              {file}});
  }
  return check;
}

}  // namespace every::wasm
