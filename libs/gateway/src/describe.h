#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "every/runtime/node.h"
#include "every/workflow/short_form.h"

namespace every::gateway {

/// What a node serves, for programs. All of it is made anew from the node's snapshot; nothing shared is changed.
struct Served {
  std::shared_ptr<const workflow::FunctionTable> functions;
  std::vector<std::shared_ptr<const runtime::LoadedComponent>> components;
  std::vector<runtime::SourceProblem> problems;  ///< of sources whose last build failed
};
[[nodiscard]] Served served_by(const runtime::Node& node);

/// The segment of an address that calls a function: its spelling, where `iface#name` is written `iface.name`.
[[nodiscard]] std::string segment_of(const workflow::FunctionTable& functions,
                                     const workflow::NamedFunction& function);

/// `{"functions":[…],"components":[…],"problems":[…]}`. source: docs/formats/http.md
[[nodiscard]] boost::json::object describe_functions(const Served& served);
/// The JSON Schema 2020-12 of a body of /run.
[[nodiscard]] boost::json::object run_request_schema(const workflow::FunctionTable& functions);
/// The OpenAPI 3.1 document of the node.
[[nodiscard]] boost::json::object openapi_document(const Served& served);

}  // namespace every::gateway
