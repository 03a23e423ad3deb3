#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "every/core/guarded.h"
#include "every/runtime/node.h"

namespace every::gateway::testing {

/// A function of the fake: arguments in, result out. Awaits are filled in before.
using Behaviour = std::function<core::Result<ipld::Value>(const ipld::List& args)>;

class FakeHandle;

/// A node without Wasm, store or threads: submit() runs the workflow on the caller's thread, in an order that respects awaits, and remembers what it
/// ran. thread: any.
class FakeNode final : public runtime::Node {
 public:
  /// With `add(a, b: f64) -> f64`, `divide` (traps on zero), `hello(name: string, greeting: option<string>) -> string`, `tick() -> u64`,
  /// `check(v: u32) -> result<u32, string>` (err above 10), `sum(of: list<f64>) -> f64`.
  FakeNode();
  void add_function(const std::string& name, std::vector<wit::Param> params, wit::TypePtr result,
                    Behaviour behaviour);

  /// From now on runs wait until `release()`.
  void hold();
  void release();
  /// Waits until so many runs were submitted in all.
  void wait_for_runs(std::size_t count);
  [[nodiscard]] std::size_t runs() const;
  /// How the last run was to start.
  [[nodiscard]] runtime::Start last_start() const { return state_.lock()->last_start; }
  /// The next submit fails with this.
  void fail_next_submit(core::Error error);
  void set_health(Health health);
  void add_receipt(const ipld::Cid& cid, core::Bytes block);
  /// A block that is elsewhere.
  void add_far_block(const ipld::Cid& cid, core::Bytes block);
  /// A block that was there is gone.
  void lose_block(const ipld::Cid& cid);
  /// A guest of a run writes a line.
  void write_line(const std::string& run, std::uint32_t task, const std::string& message);
  /// Watchers of runs under way.
  [[nodiscard]] std::size_t watchers() const;
  void wait_for_watchers(std::size_t count);

  core::Result<std::shared_ptr<const runtime::LoadedComponent>> load(
      const std::string& label, const std::string& origin, core::BytesView bytes) override;
  /// One component, `fake`, with all functions.
  std::vector<std::shared_ptr<const runtime::LoadedComponent>> components() const override;
  std::shared_ptr<const workflow::FunctionTable> functions() const override;
  const invocation::NormalizeUrl& normalize_url() const override { return normalize_url_; }
  core::Result<std::shared_ptr<runtime::RunHandle>> submit(runtime::RunRequest request,
                                                           runtime::RunObserver observer) override;
  core::Result<std::optional<Submitted>> find_submitted(const std::string& key) override;
  std::shared_ptr<runtime::RunHandle> find_active(const std::string& id) override;
  core::Result<std::shared_ptr<const runtime::RunAnswer>> get_run(const std::string& id) override;
  core::Result<std::vector<runtime::RunSummary>> list_runs(std::size_t limit,
                                                           const std::string& before) override;
  core::Result<std::vector<runtime::GuestLine>> logs_of(const std::string& id,
                                                        std::size_t limit) override;
  core::Result<core::Bytes> get_receipt(const ipld::Cid& cid) override;
  core::Result<std::optional<core::Bytes>> find_block(const ipld::Cid& cid, Reach reach) override;
  core::Status put_blocks(std::span<const ipld::car::Block> blocks) override;
  core::Status note_added(const ipld::Cid& root) override {
    added.push_back(root);
    return {};
  }
  /// Says that two receipts came, whatever the file.
  core::Result<runtime::HomestarReport> import_homestar(const std::filesystem::path&,
                                                        runtime::Believe believe) override {
    runtime::HomestarReport report;
    report.receipts = 2;
    report.known = believe == runtime::Believe::kMyWord ? 1 : 0;
    return report;
  }
  core::Result<std::size_t> resume_unfinished() override { return std::size_t{0}; }
  Health health() const override;
  /// Outlives the node.
  void set_sharing(runtime::Sharing* sharing) { sharing_ = sharing; }
  runtime::Sharing* sharing() override { return sharing_; }
  /// Outlives the node.
  void set_steering(runtime::Steering* steering) { steering_ = steering; }
  runtime::Steering* steering() override { return steering_; }
  /// Outlives the node.
  void set_explaining(runtime::Explaining* explaining) { explaining_ = explaining; }
  runtime::Explaining* explaining() override { return explaining_; }
  /// Tells a run's observer and watchers that it is paused.
  void tell_paused(const std::string& run);
  /// Outlives the node.
  void set_housekeeping(runtime::Housekeeping* keeping) { housekeeping_ = keeping; }
  runtime::Housekeeping* housekeeping() override { return housekeeping_; }
  void stop() override {}

  std::vector<ipld::Cid> added;  ///< what note_added was told

 private:
  friend class FakeHandle;
  struct Run {
    runtime::RunRequest request;
    runtime::RunObserver observer;
    runtime::RunAnswer answer;
    std::vector<std::weak_ptr<runtime::RunObserver>> watchers = {};
    bool ended = false;
  };
  struct State {
    std::vector<workflow::NamedFunction> listed;
    std::shared_ptr<const workflow::FunctionTable> table;
    std::map<std::string, Behaviour> behaviours;
    std::map<ipld::Cid, ipld::Value> memo;
    std::map<ipld::Cid, core::Bytes> receipts;
    std::map<ipld::Cid, core::Bytes> blocks;
    std::map<ipld::Cid, core::Bytes> far_blocks;
    std::map<std::string, std::shared_ptr<const runtime::RunAnswer>> answers;
    std::vector<std::shared_ptr<Run>> held;
    std::map<std::string, std::shared_ptr<Run>> active;
    std::map<std::string, Submitted> submitted_keys;
    std::map<std::string, std::vector<runtime::GuestLine>> lines;
    std::size_t submitted = 0;
    bool holding = false;
    runtime::Start last_start = runtime::Start::kAtOnce;
    std::optional<core::Error> next_error;
    Health health;
  };
  static void describe(Run& run);
  void execute(Run& run);
  void tell(Run& run, runtime::RunEvent event);
  void tell_failing(Run& run);
  void end(Run& run);
  std::shared_ptr<void> watch(const std::shared_ptr<Run>& run, runtime::RunObserver observer);
  void cancel(const std::shared_ptr<Run>& run);
  bool execute_task(Run& run, std::size_t index, std::map<ipld::Cid, runtime::TaskAnswer>& done);

  invocation::NormalizeUrl normalize_url_ = [](std::string_view url) -> core::Result<std::string> {
    return std::string(url);
  };
  runtime::Sharing* sharing_ = nullptr;
  runtime::Steering* steering_ = nullptr;
  runtime::Housekeeping* housekeeping_ = nullptr;
  runtime::Explaining* explaining_ = nullptr;
  mutable core::Guarded<State> state_;
  std::condition_variable submitted_;
};

}  // namespace every::gateway::testing
