#include "admission.h"
#include "error_body.h"

#include "every/gateway/rpc.h"

namespace every::gateway {

MetricsService::MetricsService(std::vector<std::string> hosts, const core::Metrics& metrics)
    : hosts_(std::move(hosts)), metrics_(metrics) {}

// Reading takes well under a millisecond: done where it is asked, on the server's loop.
void MetricsService::handle(Request request, Respond respond) {
  ServiceOptions admission;
  admission.hosts = hosts_;
  const auto answer = [&]() -> Response {
    if (auto refusal = refuse(request, admission)) return std::move(*refusal);
    const std::string_view path =
        std::string_view(request.target).substr(0, request.target.find('?'));
    if (path != "/metrics" && path != "/") {
      return text_response(404, "the metrics are at /metrics\n");
    }
    if (request.method != Method::kGet && request.method != Method::kHead) {
      Response response = text_response(405, "the metrics are read with GET\n");
      response.headers.push_back({"Allow", "GET, HEAD"});
      return response;
    }
    return {200,
            {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
            core::render_prometheus(metrics_.snapshot())};
  };
  Response response = answer();
  add_common_headers(response, request, admission);
  respond(std::move(response));
}

}  // namespace every::gateway
