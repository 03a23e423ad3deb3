#include "every/wasm/wit_tools.h"

#include "c_api.h"
#include "engine.h"

namespace every::wasm {
namespace {

void append(core::Bytes& out, core::BytesView item) {
  const auto length = static_cast<std::uint32_t>(item.size());
  for (unsigned shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<std::uint8_t>(length >> shift));
  out.insert(out.end(), item.begin(), item.end());
}

core::Bytes pack(std::span<const NamedFile> files) {
  core::Bytes out;
  for (const auto& file : files) {
    append(out, core::as_bytes(file.path));
    append(out, file.content);
  }
  return out;
}

/// Takes one item from the front. The list comes from the engines, so it is whole.
core::BytesView take(core::BytesView& list) {
  EVERY_CHECK(list.size() >= 4);
  std::size_t length = 0;
  for (unsigned i = 0; i < 4; ++i) length |= std::size_t{list[i]} << (8 * i);
  EVERY_CHECK(list.size() - 4 >= length);
  const auto item = list.subspan(4, length);
  list = list.subspan(4 + length);
  return item;
}

}  // namespace

core::Result<core::Bytes> make_component(core::BytesView source) {
  return componentize(source);
}

core::Result<std::string> wit_worlds(std::span<const NamedFile> files) {
  const auto packed = pack(files);
  EVERY_TRY_ASSIGN(const auto json, collect([&](every_bytes_t* out, every_bytes_t* error) {
                     return every_wit_worlds(packed.data(), packed.size(), out, error);
                   }));
  return json.text();
}

core::Result<std::string> component_world(core::BytesView component) {
  EVERY_TRY_ASSIGN(const auto json, collect([&](every_bytes_t* out, every_bytes_t* error) {
                     return every_component_world(component.data(), component.size(), out, error);
                   }));
  return json.text();
}

core::Result<std::vector<NamedFile>> c_bindings(std::span<const NamedFile> files,
                                                std::string_view world) {
  const auto packed = pack(files);
  const auto name = core::as_bytes(world);
  EVERY_TRY_ASSIGN(const auto made, collect([&](every_bytes_t* out, every_bytes_t* error) {
                     return every_c_bindings(packed.data(), packed.size(), name.data(), name.size(),
                                             out, error);
                   }));
  std::vector<NamedFile> bindings;
  for (auto list = made.view(); !list.empty();) {
    std::string path(core::as_text(take(list)));
    bindings.push_back({std::move(path), core::to_bytes(take(list))});
  }
  return bindings;
}

}  // namespace every::wasm
