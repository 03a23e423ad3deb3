#include "component_set.h"

#include <chrono>
#include <utility>

#include "language.h"

#include "every/core/file.h"

namespace every::wasm {
namespace {

std::shared_ptr<const ComponentInfo> make_info(const ipld::Cid& cid, const Component& component,
                                               CodeCache::About about) {
  std::vector<std::shared_ptr<const wit::Function>> functions;
  for (const auto& function : component.functions()) functions.push_back(function.function);
  return std::make_shared<const ComponentInfo>(
      ComponentInfo{cid, about.size, std::move(functions), component.imports(),
                    std::move(about.wit), std::move(about.language).value_or(std::string())});
}

void set_code(Prepared& prepared, std::shared_ptr<const Component> component) {
  (*prepared.code.lock())[static_cast<std::size_t>(prepared.kind)] = std::move(component);
}

}  // namespace

core::Result<std::unique_ptr<ComponentSet>> ComponentSet::make(std::uint32_t instances,
                                                               const std::filesystem::path& cache,
                                                               Notice notice) {
  std::unique_ptr<ComponentSet> set(new ComponentSet(instances, std::move(notice)));
  if (!cache.empty()) {
    auto opened = CodeCache::open(cache);
    if (opened) {
      set->cache_ = std::move(*opened);
      set->functions_ = std::make_shared<FunctionCache>(cache / "functions");
    } else if (set->notice_) {
      set->notice_("compiled code is not kept: " + opened.error().message);
    }
  }
  if (auto pooling = set->engine(Engine::Kind::kPooling); !pooling) {
    if (set->notice_)
      set->notice_("guests start slower on this machine: " + pooling.error().message);
    set->default_kind_ = Engine::Kind::kOnDemand;
    EVERY_TRY(set->engine(Engine::Kind::kOnDemand));
  }
  return set;
}

core::Result<std::shared_ptr<Engine>> ComponentSet::engine(Engine::Kind kind) {
  auto engines = engines_.lock();
  auto& slot = (*engines)[static_cast<std::size_t>(kind)];
  if (!slot) {
    // Metered code is another and rarely wanted: it would push out what is.
    EVERY_TRY_ASSIGN(slot, Engine::make(kind, instances_,
                                        kind == Engine::Kind::kMetering ? nullptr : functions_));
  }
  return slot;
}

std::shared_ptr<Prepared> ComponentSet::find(const ipld::Cid& cid) const {
  std::shared_future<Made> found;
  {
    auto components = components_.lock();
    const auto at = components->find(cid);
    if (at == components->end()) return nullptr;
    found = at->second;
  }
  if (found.wait_for(std::chrono::seconds(0)) != std::future_status::ready || !found.get())
    return nullptr;
  return *found.get();
}

ComponentSet::Made ComponentSet::prepare(const ipld::Cid& cid,
                                         std::optional<core::BytesView> bytes) {
  std::promise<Made> promise;
  std::shared_future<Made> under_way;
  {
    auto components = components_.lock();
    const auto [at, is_new] = components->try_emplace(cid);
    if (is_new) {
      at->second = promise.get_future().share();
    } else {
      under_way = at->second;
    }
  }
  if (under_way.valid()) return under_way.get();
  auto made = make_prepared(cid, bytes);
  if (!made) {
    components_.lock()->erase(cid);  // whoever asks later may have more luck, or the bytes
    if (made.error().code != core::ErrorCode::kNotFound)
      made = core::fail(std::move(made).error().in("component " + cid.render()));
  }
  promise.set_value(made);
  return made;
}

ComponentSet::Made ComponentSet::make_prepared(const ipld::Cid& cid,
                                               std::optional<core::BytesView> bytes) {
  auto cached = from_cache(cid);
  if (cached || !bytes) return cached;
  return from_bytes(cid, *bytes);
}

ComponentSet::Made ComponentSet::from_cache(const ipld::Cid& cid) {
  const auto absent =
      core::fail(core::ErrorCode::kNotFound,
                 "component " + cid.render() + " is not in the cache of compiled code");
  if (!cache_) return absent;
  for (const auto kind : {default_kind_, Engine::Kind::kOnDemand}) {
    EVERY_TRY_ASSIGN(const auto engine, this->engine(kind));
    const auto entry = cache_->find(cid, engine->fingerprint());
    // An entry of before a language was kept is made anew.
    if (!entry || !entry->about.language) continue;
    auto component = engine->load_file(entry->code);
    if (!component) continue;
    auto prepared = std::make_shared<Prepared>();
    prepared->kind = kind;
    prepared->info = make_info(cid, **component, entry->about);
    prepared->component_file = entry->component;
    prepared->component_sum = entry->component_sum;
    set_code(*prepared, std::move(*component));
    return prepared;
  }
  return absent;
}

ComponentSet::Made ComponentSet::from_bytes(const ipld::Cid& cid, core::BytesView bytes) {
  auto prepared = std::make_shared<Prepared>();
  prepared->kind = default_kind_;
  EVERY_TRY_ASSIGN(prepared->component, componentize(bytes));
  EVERY_TRY_ASSIGN(const auto engine, this->engine(prepared->kind));
  auto component = engine->compile(prepared->component);
  if (!component && component.error().code == core::ErrorCode::kMalformed &&
      prepared->kind == Engine::Kind::kPooling) {
    // Perhaps it is only too large for the pool's slots.
    EVERY_TRY_ASSIGN(const auto on_demand, this->engine(Engine::Kind::kOnDemand));
    auto again = on_demand->compile(prepared->component);
    if (again) {
      if (notice_)
        notice_("component " + cid.render() +
                " runs outside the pool: " + component.error().message);
      prepared->kind = Engine::Kind::kOnDemand;
      component = std::move(again);
    }
  }
  if (!component) return core::fail(std::move(component).error());
  // A component without readable WIT still runs.
  const CodeCache::About about{component_wit(prepared->component).value_or(std::string()),
                               language_of(bytes), bytes.size()};
  prepared->info = make_info(cid, **component, about);
  set_code(*prepared, keep(*prepared, *component, about));
  return prepared;
}

std::shared_ptr<const Component> ComponentSet::keep(Prepared& prepared,
                                                    std::shared_ptr<const Component> component,
                                                    const CodeCache::About& about) {
  if (!cache_) return component;
  if (const auto saved = functions_->save(); !saved && notice_)
    notice_("compiled functions are not kept: " + saved.error().message);
  const auto engine = this->engine(prepared.kind);
  const auto code = component->serialize();
  if (!engine || !code) return component;
  const auto entry =
      cache_->put(prepared.info->cid, (*engine)->fingerprint(), *code, prepared.component, about);
  if (!entry) {
    if (notice_) notice_("compiled code is not kept: " + entry.error().message);
    return component;
  }
  // Mapped, the code is shared with the other processes that run it.
  auto mapped = (*engine)->load_file(entry->code);
  if (!mapped) return component;
  prepared.component_file = entry->component;
  prepared.component_sum = entry->component_sum;
  prepared.component = {};
  return std::move(*mapped);
}

core::Result<std::shared_ptr<const Component>> ComponentSet::code(Prepared& prepared,
                                                                  Engine::Kind kind) {
  if (kind == Engine::Kind::kPooling) kind = prepared.kind;
  auto held = prepared.code.lock();
  auto& slot = (*held)[static_cast<std::size_t>(kind)];
  if (slot) return slot;
  EVERY_TRY_ASSIGN(const auto engine, this->engine(kind));
  core::Bytes read;
  if (prepared.component.empty()) {
    EVERY_TRY_ASSIGN(read,
                     CodeCache::read_component(prepared.component_file, prepared.component_sum));
  }
  EVERY_TRY_ASSIGN(slot, engine->compile(read.empty() ? core::BytesView(prepared.component)
                                                      : core::BytesView(read)));
  return slot;
}

}  // namespace every::wasm
