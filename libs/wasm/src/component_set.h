#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "code_cache.h"
#include "engine.h"
#include "function_cache.h"

#include "every/core/guarded.h"
#include "every/wasm/executor.h"

namespace every::wasm {

/// A component made ready: what it offers, and its code for each engine that has been asked to run it.
struct Prepared {
  std::shared_ptr<const ComponentInfo> info;
  Engine::Kind kind = Engine::Kind::kPooling;  ///< the engine that runs it by default
  core::Bytes component;                       ///< the binary; empty when the cache has it
  std::filesystem::path component_file;        ///< there
  std::uint64_t component_sum = 0;             ///< of what is there
  core::Guarded<std::array<std::shared_ptr<const Component>, 3>> code;
};

/// The components of one process and the engines they run on. thread: any.
class ComponentSet {
 public:
  using Notice = std::function<void(std::string)>;
  /// errors: kUnavailable no engine can be made
  [[nodiscard]] static core::Result<std::unique_ptr<ComponentSet>> make(
      std::uint32_t instances, const std::filesystem::path& cache, Notice notice);

  /// As Executor::prepare; without bytes only the cache is asked. Single-flight per CID.
  [[nodiscard]] core::Result<std::shared_ptr<Prepared>> prepare(
      const ipld::Cid& cid, std::optional<core::BytesView> bytes);
  [[nodiscard]] std::shared_ptr<Prepared> find(const ipld::Cid& cid) const;
  /// The code of a component for an engine; made on first use.
  [[nodiscard]] core::Result<std::shared_ptr<const Component>> code(Prepared& prepared,
                                                                    Engine::Kind kind);

 private:
  using Made = core::Result<std::shared_ptr<Prepared>>;
  ComponentSet(std::uint32_t instances, Notice notice)
      : instances_(instances), notice_(std::move(notice)) {}

  core::Result<std::shared_ptr<Engine>> engine(Engine::Kind kind);
  Made make_prepared(const ipld::Cid& cid, std::optional<core::BytesView> bytes);
  Made from_cache(const ipld::Cid& cid);
  Made from_bytes(const ipld::Cid& cid, core::BytesView bytes);
  /// Keeps compiled code in the cache and takes it from there, if there is one.
  std::shared_ptr<const Component> keep(Prepared& prepared,
                                        std::shared_ptr<const Component> component,
                                        const CodeCache::About& about);

  std::uint32_t instances_;
  Notice notice_;
  Engine::Kind default_kind_ = Engine::Kind::kPooling;
  std::optional<CodeCache> cache_;
  std::shared_ptr<FunctionCache> functions_;  // there when cache_ is
  core::Guarded<std::array<std::shared_ptr<Engine>, 3>> engines_;
  mutable core::Guarded<std::unordered_map<ipld::Cid, std::shared_future<Made>>> components_;
};

}  // namespace every::wasm
