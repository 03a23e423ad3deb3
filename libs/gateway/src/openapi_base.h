#pragma once

#include <string_view>

namespace every::gateway {

/// The part of the OpenAPI document that does not depend on what is loaded: our own routes, and the parts all share. JSON.
extern const std::string_view kOpenApiBase;

}  // namespace every::gateway
