#include "describe.h"
#include "error_body.h"
#include "routes.h"
#include <boost/json/serialize.hpp>

namespace every::gateway {

void describe_node_functions(const ExchangePtr& exchange) {
  exchange->reply(
      json_response(200, boost::json::serialize(describe_functions(served_by(exchange->node())))));
}

void show_run_schema(const ExchangePtr& exchange) {
  Response response =
      json_response(200, boost::json::serialize(run_request_schema(*exchange->node().functions())));
  response.headers.front().value = "application/schema+json";
  exchange->reply(std::move(response));
}

void show_openapi(const ExchangePtr& exchange) {
  exchange->reply(
      json_response(200, boost::json::serialize(openapi_document(served_by(exchange->node())))));
}

}  // namespace every::gateway
