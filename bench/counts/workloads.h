#pragma once

#include <functional>
#include <string_view>
#include <vector>

/// Fixed pieces of work whose instructions are counted: the same input each time, no clock and no randomness in what they do.
namespace every::bench {

struct Workload {
  std::string_view name;
  /// Prepares; what it gives does the work once and ends the process when the work fails.
  std::function<void()> (*make)();
};

/// In the order of the table. A new one is a line in workloads.cc.
[[nodiscard]] const std::vector<Workload>& workloads();

// codecs.cc
std::function<void()> encode_dag_cbor();
std::function<void()> decode_dag_cbor();
std::function<void()> encode_dag_json();
std::function<void()> decode_dag_json();
std::function<void()> parse_cids();
std::function<void()> render_cids();
std::function<void()> import_unixfs();
std::function<void()> make_receipts();
// runs.cc
std::function<void()> parse_workflow();
std::function<void()> plan_workflow();
std::function<void()> replay_task();
std::function<void()> replay_workflow();
std::function<void()> run_workflow();
std::function<void()> answer_request();

}  // namespace every::bench
