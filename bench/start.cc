// The start of the product, and what it holds when nothing is asked.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "benches.h"
#include "client.h"
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace every::bench {
namespace {

/// A running `every dev` of some components in a home.
class Dev {
 public:
  Dev(const Settings& settings, const std::string& home, const std::vector<std::string>& functions)
      : begun_(std::chrono::steady_clock::now()) {
    std::vector<std::string> words{settings.every, "dev",    "--home",
                                   home,           "--port", std::to_string(kPort)};
    for (const std::string& function : functions) {
      words.push_back("--fn");
      words.push_back(settings.functions + "/" + function);
    }
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    // Not by fork: what this process holds by now would be copied first.
    posix_spawn_file_actions_t quiet;
    ::posix_spawn_file_actions_init(&quiet);
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO})
      ::posix_spawn_file_actions_addopen(&quiet, fd, "/dev/null", O_WRONLY, 0);
    if (::posix_spawn(&child_, argv.front(), &quiet, nullptr, argv.data(), environ) != 0) {
      std::fprintf(stderr, "bench: every dev cannot be run\n");
      std::exit(1);
    }
    ::posix_spawn_file_actions_destroy(&quiet);
  }
  ~Dev() {
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, 0);
  }
  Dev(const Dev&) = delete;
  Dev& operator=(const Dev&) = delete;

  /// Asks until it is answered. out: since the process was begun
  Seconds wait_for(const std::string& request) {
    for (;;) {
      Client client(kPort);
      if (client.connected() && client.exchange(request) == 200) break;
      if (::waitpid(child_, nullptr, WNOHANG) == child_) {
        std::fprintf(stderr, "bench: every dev did not start\n");
        std::exit(1);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return std::chrono::steady_clock::now() - begun_;
  }
  /// Private memory once it has come to rest [MiB].
  [[nodiscard]] double resting_mib() const {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    return static_cast<double>(private_memory_of_tree(child_)) / (1 << 20);
  }

 private:
  static constexpr std::uint16_t kPort = 33117;
  std::chrono::steady_clock::time_point begun_;
  int child_ = 0;
};

}  // namespace

void bench_start(const Settings& settings, Table& table) {
  const std::vector<std::string> all{"math.wasm", "subtract.wasm", "multiply.wasm"};
  const std::string home = settings.folder + "/start-home";
  const std::string run = post_run(kAdd);
  const std::string healthy = "GET /-/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const auto once = [&](const std::string& request, const std::vector<std::string>& functions) {
    return Dev(settings, home, functions).wait_for(request);
  };
  const auto often = [&](const std::string& request, const std::vector<std::string>& functions) {
    std::vector<Seconds> times;
    for (int i = 0; i < 5; ++i) times.push_back(once(request, functions));
    return spread(std::move(times)).median;
  };
  table.note("every dev to first answer, nothing compiled yet", show(once(run, all)));
  const Seconds bare = often(healthy, {});
  table.at_most("every dev with known components to first answer", often(run, all).count() * 1e3,
                50, " ms", "Rust, JS, Python; without any component " + show(bare));
  for (const std::string& function : all)
    table.note("  with " + function + " alone", show(often(healthy, {function})));

  const auto resting = [&](const std::vector<std::string>& functions) {
    Dev dev(settings, home, functions);
    dev.wait_for(healthy);
    return dev.resting_mib();
  };
  const double empty = resting({});
  for (const std::string& function : all) {
    char text[64];
    std::snprintf(text, sizeof text, "%.1f MiB", resting({function}) - empty);
    table.note("memory of " + function + ", at rest", text);
  }
  char text[64];
  std::snprintf(text, sizeof text, "private, with its workers; without components %.1f", empty);
  table.at_most("idle node, three languages loaded", resting(all), 50, " MiB", text);
}

}  // namespace every::bench
