#pragma once

#include <memory>

#include "every/toolchain/language_builder.h"

namespace every::toolchain {

// The builders there are, each in files of its own; language_builders() lists them.
[[nodiscard]] std::unique_ptr<LanguageBuilder> make_python_builder();
[[nodiscard]] std::unique_ptr<LanguageBuilder> make_javascript_builder();
[[nodiscard]] std::unique_ptr<LanguageBuilder> make_starlingmonkey_packages();
[[nodiscard]] std::unique_ptr<LanguageBuilder> make_wasm_builder();
[[nodiscard]] std::unique_ptr<LanguageBuilder> make_rust_builder();
[[nodiscard]] std::unique_ptr<LanguageBuilder> make_cpp_builder();

}  // namespace every::toolchain
