#include "toolchain_access.h"

#include <algorithm>
#include <array>
#include <thread>

#include "places.h"
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "every/core/file.h"
#include "every/toolchain/language.h"
#include "every/wasm/wit_tools.h"

namespace every::cli {
namespace {

std::vector<wasm::NamedFile> named_files(const toolchain::WitFolder& wit) {
  std::vector<wasm::NamedFile> files;
  for (const auto& file : wit.files) files.push_back({file.path, core::to_bytes(file.text)});
  return files;
}

class EngineTools final : public toolchain::WasmTools {
 public:
  [[nodiscard]] core::Result<core::Bytes> componentize(core::BytesView source) const override {
    return wasm::make_component(source);
  }
  [[nodiscard]] core::Result<toolchain::Worlds> worlds(
      const toolchain::WitFolder& wit) const override {
    auto json = wasm::wit_worlds(named_files(wit));
    if (!json) return core::fail(std::move(json).error().in("WIT in " + wit.origin.string()));
    return toolchain::parse_worlds(*json);
  }
  [[nodiscard]] core::Result<toolchain::World> world_of(core::BytesView component) const override {
    EVERY_TRY_ASSIGN(const std::string json, wasm::component_world(component));
    return toolchain::parse_world(json);
  }
  [[nodiscard]] core::Result<std::vector<File>> c_bindings(const toolchain::WitFolder& wit,
                                                           std::string_view world) const override {
    EVERY_TRY_ASSIGN(auto made, wasm::c_bindings(named_files(wit), world));
    std::vector<File> files;
    for (auto& file : made) files.push_back({std::move(file.path), std::move(file.content)});
    return files;
  }
};

}  // namespace

const toolchain::WasmTools& wasm_tools() {
  static const EngineTools kTools;
  return kTools;
}

struct CancelOnSignal::Impl {
  core::CancelSource source;
  sigset_t before{};
  core::UniqueFd signals;
  core::UniqueFd end{::eventfd(0, EFD_CLOEXEC)};
  std::thread thread;

  void watch() const {
    while (true) {
      std::array<pollfd, 2> polled{{{signals.get(), POLLIN, 0}, {end.get(), POLLIN, 0}}};
      if (::poll(polled.data(), polled.size(), -1) < 0) continue;
      if (polled[1].revents != 0) return;
      signalfd_siginfo info{};
      if (::read(signals.get(), &info, sizeof info) != sizeof info) continue;
      if (source.token().cancelled()) ::_exit(128 + static_cast<int>(info.ssi_signo));
      source.cancel();
    }
  }
};

CancelOnSignal::CancelOnSignal() : impl_(std::make_unique<Impl>()) {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, number);
  pthread_sigmask(SIG_BLOCK, &set, &impl_->before);
  impl_->signals = core::UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC));
  impl_->thread = std::thread([impl = impl_.get()] { impl->watch(); });
}

CancelOnSignal::~CancelOnSignal() {
  (void)::eventfd_write(impl_->end.get(), 1);
  impl_->thread.join();
  pthread_sigmask(SIG_SETMASK, &impl_->before, nullptr);
}

core::CancelToken CancelOnSignal::token() const {
  return impl_->source.token();
}

core::Result<std::unique_ptr<ToolchainAccess>> ToolchainAccess::open(
    const std::optional<std::string>& home, core::CancelToken cancel, const Console& console) {
  EVERY_TRY_ASSIGN(const Places places, find_places(home, system_environment));
  auto access = std::make_unique<ToolchainAccess>();
  access->places = {places.home / "toolchains", places.home / "builds", places.cache / "toolchain"};
  EVERY_TRY(core::ensure_private_directory(places.home));
  EVERY_TRY_ASSIGN(access->records, toolchain::BuildRecords::open(access->places.builds));
  access->context = std::make_unique<toolchain::BuildContext>(toolchain::BuildContext{
      wasm_tools(), access->places, toolchain::system_environment(), std::move(cancel),
      [&console](std::string_view what) { console.busy(what); },
      [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }});
  if (colour_of(stderr) == core::LogColour::kAlways)
    access->context->colour = toolchain::BuildContext::Colour::kAlways;
  return access;
}

bool is_source(const std::string& path) {
  const auto source = toolchain::detect_source(path);
  return source && source->language != toolchain::Language::kWasm;
}

core::Result<std::vector<std::string>> build_sources(const std::vector<std::string>& paths,
                                                     const std::optional<std::string>& home,
                                                     const Console& console) {
  if (std::none_of(paths.begin(), paths.end(), is_source)) return paths;
  const CancelOnSignal signals;
  EVERY_TRY_ASSIGN(const auto access, ToolchainAccess::open(home, signals.token(), console));
  std::vector<std::string> components;
  for (const std::string& path : paths) {
    if (!is_source(path)) {
      components.push_back(path);
      continue;
    }
    toolchain::BuildRequest request;
    request.path = path;
    request.profile = toolchain::Profile::kRelease;
    EVERY_TRY_ASSIGN(const auto built,
                     toolchain::build(request, *access->context, *access->records));
    for (const std::string& notice : built.notices) console.warn(notice);
    components.push_back(built.file.string());
  }
  return components;
}

}  // namespace every::cli
