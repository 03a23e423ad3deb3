#pragma once

#include <string>
#include <string_view>

#include "every/core/error.h"

namespace every::wasm {

/// A URL as the WHATWG rules print it: `https://Host` → `https://host/`, default ports gone; what `rsc` is hashed as.
///
/// errors: kMalformed not a URL, saying why
/// cost: linear. thread: any
/// source: https://url.spec.whatwg.org/, by the engines' parser
[[nodiscard]] core::Result<std::string> normalize_url(std::string_view url);

}  // namespace every::wasm
