// Does one named piece of work in one function, for callgrind to count: tools/counts runs it.
// Usage: every_counts --list | --key | NAME

#include <cstdio>
#include <cstring>
#include <string>

#include "workloads.h"

namespace every::bench {

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> all{
      {"dag-cbor.encode", encode_dag_cbor},
      {"dag-cbor.decode", decode_dag_cbor},
      {"dag-json.encode", encode_dag_json},
      {"dag-json.decode", decode_dag_json},
      {"cid.parse", parse_cids},
      {"cid.render", render_cids},
      {"unixfs.import", import_unixfs},
      {"receipt.make", make_receipts},
      {"workflow.parse", parse_workflow},
      {"workflow.plan", plan_workflow},
      {"memo.task", replay_task},
      {"memo.workflow", replay_workflow},
      {"scheduler.run", run_workflow},
      {"gateway.run", answer_request},
  };
  return all;
}

}  // namespace every::bench

// Callgrind is told this name, and counts on the thread that calls it.
extern "C" {
[[gnu::noinline, gnu::noipa]] void every_counts_work(const std::function<void()>* work) {
  (*work)();
}
}

namespace {

/// What decides how many instructions the same source becomes.
std::string key() {
#if defined(__clang__)
  std::string text = "clang " + std::to_string(__clang_major__);
#else
  std::string text = "g++ " + std::to_string(__GNUC__) + "." + std::to_string(__GNUC_MINOR__);
#endif
#if defined(__x86_64__)
  text += " x86_64";
#elif defined(__aarch64__)
  text += " aarch64";
#else
  text += " other";
#endif
#if defined(__OPTIMIZE__) && defined(NDEBUG)
  return text + " release";
#else
  return text + " debug";
#endif
}

}  // namespace

int main(int argc, char** argv) {
  const std::string wanted = argc == 2 ? argv[1] : "";
  if (wanted == "--key") {
    std::printf("%s\n", key().c_str());
    return 0;
  }
  for (const auto& workload : every::bench::workloads()) {
    if (wanted == "--list") std::printf("%s\n", std::string(workload.name).c_str());
    if (wanted != workload.name) continue;
    const auto work = workload.make();
    work();  // caches filled, lazy things done
    every_counts_work(&work);
    return 0;
  }
  if (wanted == "--list") return 0;
  std::fprintf(stderr, "usage: every_counts --list | --key | NAME\n");
  return 64;
}
