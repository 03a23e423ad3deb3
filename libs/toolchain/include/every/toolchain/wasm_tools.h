#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/toolchain/wit_folder.h"

namespace every::toolchain {

/// What building needs of the WebAssembly engines. Whoever composes the program gives it: this library does not see them. thread: any
class WasmTools {
 public:
  virtual ~WasmTools() = default;
  /// A component of a core module with a component-type section, of WAT, or of a component. errors: kMalformed
  [[nodiscard]] virtual core::Result<core::Bytes> componentize(core::BytesView source) const = 0;
  /// errors: kMalformed with file, line and column
  [[nodiscard]] virtual core::Result<Worlds> worlds(const WitFolder& wit) const = 0;
  /// What a component imports and exports; nothing is compiled or run. errors: kMalformed
  [[nodiscard]] virtual core::Result<World> world_of(core::BytesView component) const = 0;
  struct File {
    std::string path;
    core::Bytes content;
  };
  /// C bindings of a world: header, source, and the object file with the component's type. errors: kMalformed, kUnsupported
  [[nodiscard]] virtual core::Result<std::vector<File>> c_bindings(
      const WitFolder& wit, std::string_view world) const = 0;
};

}  // namespace every::toolchain
