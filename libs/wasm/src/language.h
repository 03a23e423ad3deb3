#pragma once

#include <string>

#include "every/core/bytes.h"

namespace every::wasm {

/// The language a component was written in, by the `producers` sections of it and of the modules inside; empty where they do not say.
///
/// A hint for people: bytes that are no component, or break off, just say nothing. cost: linear in sections, not in bytes
/// source: https://github.com/WebAssembly/tool-conventions/blob/main/ProducersSection.md
[[nodiscard]] std::string language_of(core::BytesView component);

}  // namespace every::wasm
