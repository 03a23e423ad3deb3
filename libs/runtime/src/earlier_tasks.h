#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "every/invocation/invocation.h"
#include "every/runtime/why.h"
#include "every/store/store.h"

namespace every::runtime {

/// A recorded run with the instructions of its tasks.
struct RecordedRun {
  std::string id;
  std::string name;
  core::WallNanos accepted = 0;
  bool fresh = false;
  std::vector<invocation::Task> tasks;
  std::vector<std::string> names;  ///< one a task, may be empty
  std::vector<ipld::Cid> instructions;
  std::unordered_map<ipld::Cid, std::uint32_t> index;  ///< the first task of an instruction

  /// Notes the instruction of the next task.
  void add(ipld::Cid instruction);
  [[nodiscard]] TaskPlace place(std::uint32_t task) const;
};

/// Reads what a record says. errors: kUnsupported it came over without its workflow; kMalformed
[[nodiscard]] core::Result<RecordedRun> read_run(const store::RunRecord& record,
                                                 const invocation::NormalizeUrl& normalize_url);

/// The runs before one, read from the store as far as they are needed, newest first, within a bound. Not thread-safe.
class EarlierTasks {
 public:
  struct Bound {
    std::size_t runs = 200;
    std::size_t tasks = 200'000;
    std::size_t bytes = std::size_t{64} << 20;  ///< of workflows
  };
  /// in: before   the id of the run that is asked about, empty: none is. What is given outlives this
  EarlierTasks(store::Store& store, const invocation::NormalizeUrl& normalize_url,
               std::string before, Bound bound);

  struct Found {
    std::shared_ptr<const RecordedRun> run;
    std::uint32_t task = 0;
  };
  /// Earlier tasks of the same instruction, the newest run first. errors: those of the store
  [[nodiscard]] core::Result<std::vector<Found>> find_equal(const ipld::Cid& instruction);
  /// The task that differs least from this one; of those that differ equally one of the same name, then of a run of the same name, then of the newest run. Only
  /// what has to do with it: its function, its component or its name must be the same, and something beside.
  [[nodiscard]] core::Result<std::optional<Found>> find_nearest(const invocation::Instruction& task,
                                                                const std::string& name,
                                                                const std::string& run_name);

  [[nodiscard]] std::size_t searched() const { return runs_.size(); }
  /// Whether nothing earlier is left.
  [[nodiscard]] bool searched_all() const { return complete_; }

 private:
  /// The run at a place, read if it was not; null: there is none within the bound.
  [[nodiscard]] core::Result<std::shared_ptr<const RecordedRun>> run_at(std::size_t place);
  [[nodiscard]] core::Status read_more();

  store::Store& store_;
  const invocation::NormalizeUrl& normalize_url_;
  std::string before_;  ///< where the next page begins
  const Bound bound_;
  std::vector<std::shared_ptr<const RecordedRun>> runs_;
  std::size_t tasks_ = 0;
  std::size_t bytes_ = 0;
  bool complete_ = false;
  bool bounded_ = false;
  std::size_t compared_ = 0;
};

}  // namespace every::runtime
