#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <sys/statvfs.h>
#include <unistd.h>

#include "every/core/guarded.h"
#include "every/gateway/rpc.h"

namespace every::gateway {
namespace {

namespace fs = std::filesystem;
using core::MetricFamily;

/// As the original's `process_collector_interval`: what is asked sooner is answered with what was read last.
constexpr std::chrono::seconds kInterval{5};

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// `MemTotal:  16384 kB` lines, in bytes.
std::map<std::string, double> read_meminfo() {
  std::map<std::string, double> values;
  std::istringstream lines(read_text("/proc/meminfo"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    double kilobytes = 0;
    if (words >> name >> kilobytes && !name.empty()) {
      name.pop_back();
      values[name] = kilobytes * 1024;
    }
  }
  return values;
}

double first_number(const std::string& text, int skip = 0) {
  std::istringstream words(text);
  double value = 0;
  for (int i = 0; i <= skip; ++i) words >> value;
  return value;
}

/// This process and its workers: guests run in those.
std::vector<std::string> read_pids() {
  std::vector<std::string> pids{"self"};
  std::error_code ignored;
  for (const auto& task : fs::directory_iterator("/proc/self/task", ignored)) {
    std::istringstream children(read_text(task.path().string() + "/children"));
    for (std::string pid; children >> pid;) pids.push_back(pid);
  }
  return pids;
}

struct Process {
  double cpu_seconds = 0;
  double virtual_bytes = 0;
  double resident_bytes = 0;
  double read_bytes = 0;
  double written_bytes = 0;
};

void add_stat(const std::string& pid, Process& sum) {
  const std::string text = read_text("/proc/" + pid + "/stat");
  const std::size_t name_end = text.rfind(')');  // a name may hold blanks
  if (name_end == std::string::npos) return;
  std::istringstream words(text.substr(name_end + 1));
  std::vector<std::string> fields;
  for (std::string word; words >> word;) fields.push_back(word);
  if (fields.size() < 22) return;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  sum.cpu_seconds +=
      (std::strtod(fields[11].c_str(), nullptr) + std::strtod(fields[12].c_str(), nullptr)) / ticks;
  sum.virtual_bytes += std::strtod(fields[20].c_str(), nullptr);
  sum.resident_bytes += std::strtod(fields[21].c_str(), nullptr) * page;
}

void add_io(const std::string& pid, Process& sum) {
  std::istringstream lines(read_text("/proc/" + pid + "/io"));
  std::string name;
  double value = 0;
  while (lines >> name >> value) {
    if (name == "read_bytes:") sum.read_bytes += value;
    if (name == "write_bytes:") sum.written_bytes += value;
  }
}

struct Network {
  double received = 0;
  double transmitted = 0;
};

Network read_network() {
  Network sum;
  std::istringstream lines(read_text("/proc/net/dev"));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    sum.received += first_number(line.substr(colon + 1));
    sum.transmitted += first_number(line.substr(colon + 1), 8);
  }
  return sum;
}

double size_of_databases(const fs::path& home) {
  double size = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(home, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.find(".db") == std::string::npos && name.find(".sqlite") == std::string::npos)
      continue;
    const auto bytes = entry.file_size(ignored);
    if (!ignored) size += static_cast<double>(bytes);
  }
  return size;
}

class Sampler {
 public:
  explicit Sampler(fs::path home) : home_(std::move(home)) {}

  void collect(std::vector<MetricFamily>& families) {
    auto state = state_.lock();
    const auto now = std::chrono::steady_clock::now();
    if (state->families.empty() || now - state->taken >= kInterval) sample(*state, now);
    families.insert(families.end(), state->families.begin(), state->families.end());
  }

 private:
  struct State {
    std::vector<MetricFamily> families;
    std::chrono::steady_clock::time_point taken;
    Process process;
    Network network;
  };

  void sample(State& state, std::chrono::steady_clock::time_point now) const {
    const bool first = state.families.empty();
    const double seconds = std::chrono::duration<double>(now - state.taken).count();
    Process process;
    for (const std::string& pid : read_pids()) {
      add_stat(pid, process);
      add_io(pid, process);
    }
    const Network network = read_network();
    // Since the last reading; a worker that ended took its share with it.
    const auto since = [first](double before, double after) {
      return first ? after : std::max(0.0, after - before);
    };
    const double cpu =
        first ? 0 : since(state.process.cpu_seconds, process.cpu_seconds) / seconds * 100;
    state.families.clear();
    const auto add = [&](const char* name, const char* help, double value) {
      state.families.push_back(
          {std::string("homestar_") + name, help, MetricFamily::Type::kGauge, {{{}, value, {}}}});
    };
    add("process_cpu_usage_percentage", "The CPU percentage used.", cpu);
    add("process_virtual_memory_bytes", "The virtual memory size in bytes.", process.virtual_bytes);
    add("process_memory_bytes", "Memory size in bytes.", process.resident_bytes);
    add("process_disk_total_written_bytes", "The total bytes written to disk.",
        process.written_bytes);
    add("process_disk_written_bytes", "The bytes written to disk since last refresh.",
        since(state.process.written_bytes, process.written_bytes));
    add("process_disk_total_read_bytes", "Total bytes read from disk.", process.read_bytes);
    add("process_disk_read_bytes", "The bytes read from disk since last refresh.",
        since(state.process.read_bytes, process.read_bytes));
    add("process_uptime_seconds", "How much time the process has been running in seconds.",
        std::chrono::duration<double>(now - started_).count());
    add("network_transmitted_bytes", "The bytes transmitted since last refresh.",
        first ? 0 : since(state.network.transmitted, network.transmitted));
    add("network_received_bytes", "The bytes received since last refresh.",
        first ? 0 : since(state.network.received, network.received));
    add("database_size_bytes", "The sqlite database size.", size_of_databases(home_));
    add_system(state.families);
    state.process = process;
    state.network = network;
    state.taken = now;
  }

  void add_system(std::vector<MetricFamily>& families) const {
    auto memory = read_meminfo();
    const auto add = [&](const char* name, const char* help, double value) {
      families.push_back({std::string("homestar_system_") + name,
                          help,
                          MetricFamily::Type::kGauge,
                          {{{}, value, {}}}});
    };
    add("available_memory_bytes", "The amount of available memory.", memory["MemAvailable"]);
    add("used_memory_bytes", "The amount of used memory.",
        memory["MemTotal"] - memory["MemAvailable"]);
    add("free_swap_bytes", "The amount of free swap space.", memory["SwapFree"]);
    add("used_swap_bytes", "The amount of used swap space.",
        memory["SwapTotal"] - memory["SwapFree"]);
    struct statvfs disk{};
    const bool known = ::statvfs(home_.c_str(), &disk) == 0;
    add("disk_available_space_bytes", "The total amount of available disk space.",
        known ? static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize) : 0);
    add("uptime_seconds", "The total system uptime.", first_number(read_text("/proc/uptime")));
    add("load_average_percentage", "The load average over a five minute interval.",
        first_number(read_text("/proc/loadavg"), 1));
  }

  const fs::path home_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  core::Guarded<State> state_;
};

}  // namespace

std::shared_ptr<void> add_process_metrics(core::Metrics& metrics, const std::string& home) {
  return metrics.add_collector(
      [sampler = std::make_shared<Sampler>(home)](std::vector<MetricFamily>& families) {
        sampler->collect(families);
      });
}

}  // namespace every::gateway
