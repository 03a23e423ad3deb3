#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"

/// What the engines know to do without running anything: from WIT and modules to what can be built and run. thread: any
namespace every::wasm {

/// A file in memory. WIT files have paths relative to their folder, with `/`; what is below `deps/<name>` is another package.
struct NamedFile {
  std::string path;
  core::Bytes content;
};

/// The component that `source` is or becomes: a component, a core module with a component-type section, or the text of either.
/// errors: kMalformed neither, or an invalid one
[[nodiscard]] core::Result<core::Bytes> make_component(core::BytesView source);

/// The worlds of a WIT package as JSON; every_engines.h has its form. errors: kMalformed with file, line and column
[[nodiscard]] core::Result<std::string> wit_worlds(std::span<const NamedFile> files);
/// One world of that JSON: a component's. Nothing is compiled. errors: kMalformed
[[nodiscard]] core::Result<std::string> component_world(core::BytesView component);
/// C bindings of a world: header, source, and the object file that carries the component's type.
/// errors: kMalformed the WIT, or an unknown world; kUnsupported a type without C bindings
[[nodiscard]] core::Result<std::vector<NamedFile>> c_bindings(std::span<const NamedFile> files,
                                                              std::string_view world);

}  // namespace every::wasm
