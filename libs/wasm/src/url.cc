#include "every/wasm/url.h"

#include "c_api.h"

namespace every::wasm {

core::Result<std::string> normalize_url(std::string_view url) {
  const core::BytesView bytes = core::as_bytes(url);
  auto printed = collect([&](every_bytes_t* out, every_bytes_t* error) {
    return every_url_normalize(bytes.data(), bytes.size(), out, error);
  });
  if (!printed)
    return core::fail(core::Error(printed.error()).in("\"" + std::string(url) + "\" is not a URL"));
  return printed->text();
}

}  // namespace every::wasm
