#include "exchange.h"

#include "admission.h"
#include "error_body.h"

namespace every::gateway {

Exchange::~Exchange() {
  if (answered()) return;
  reply(error_response(
      {core::ErrorCode::kInternal, "the request was dropped without an answer", {}}));
}

const std::string& Exchange::param(std::string_view name) const {
  static const std::string kNone;
  for (const auto& [key, value] : params_) {
    if (key == name) return value;
  }
  return kNone;
}

void Exchange::reply(Response response) {
  if (answered_.exchange(true, std::memory_order_acq_rel)) return;
  add_common_headers(response, request_, parts_.options);
  Respond respond = std::move(*respond_.lock());
  respond(std::move(response));
}

}  // namespace every::gateway
