#include <filesystem>

#include "error_body.h"
#include "js_json.h"
#include "routes.h"
#include <unistd.h>

namespace every::gateway {

void show_node(const ExchangePtr& exchange) {
  ObjectWriter object;
  object.text("peer_id", exchange->parts().options.peer_id);
  // Peers come with their library; the original's answer has places for them.
  object.raw("listeners", "[]").raw("connections", "{}");
  object.raw("pid", std::to_string(::getpid()));
  exchange->reply(json_response(200, std::move(object).finish()));
}

void stop_node(const ExchangePtr& exchange) {
  const ServiceOptions& options = exchange->parts().options;
  if (!options.on_stop) {
    return exchange->reply(error_response(
        {core::ErrorCode::kUnsupported,
         "this is no node that is stopped from elsewhere: it is a command of its own, which ends "
         "with its work",
         {}}));
  }
  if (exchange->request().peer != Peer::kOwner && options.stop_by == StopBy::kOwner) {
    return exchange->reply(error_response(
        {core::ErrorCode::kPermissionDenied,
         "this node is stopped by its own user alone, with `every stop`, not over this port",
         {}}));
  }
  ObjectWriter object;
  object.raw("stopping", "true").raw("pid", std::to_string(::getpid()));
  exchange->reply(json_response(202, std::move(object).finish()));
  options.on_stop();
}

void import_homestar(const ExchangePtr& exchange) {
  if (exchange->request().peer != Peer::kOwner) {
    return exchange->reply(error_response(
        {core::ErrorCode::kPermissionDenied,
         "databases are brought over by this node's own user, with `every import`; not over the "
         "network",
         {}}));
  }
  const std::string* file = exchange->target().find_query("file");
  if (file == nullptr || !std::filesystem::path(*file).is_absolute()) {
    return exchange->reply(error_response(
        {core::ErrorCode::kInvalidArgument, "the address needs ?file=, an absolute path", {}}));
  }
  const auto believe = exchange->target().find_query("trust") != nullptr
                           ? runtime::Believe::kMyWord
                           : runtime::Believe::kNothing;
  const auto report = exchange->node().import_homestar(*file, believe);
  if (!report) return exchange->reply(error_response(report.error()));
  std::string why = "[";
  for (const std::string& reason : report->why) {
    if (why.size() > 1) why += ',';
    append_json_string(why, reason);
  }
  ObjectWriter object;
  object
      .counts({{"receipts", report->receipts},
               {"known", report->known},
               {"workflows", report->workflows},
               {"known_workflows", report->known_workflows},
               {"refused", report->refused}})
      .raw("why", why + "]");
  exchange->reply(json_response(200, std::move(object).finish()));
}

}  // namespace every::gateway
