#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/ipld/value.h"

namespace every::invocation::detail {

/// The map a value is. errors: kMalformed `<what> must be a map, got <kind>`
core::Result<const ipld::Map*> expect_map(const ipld::Value& value, std::string_view what);

/// A key that must be there. errors: kMalformed
core::Result<const ipld::Value*> require(const ipld::Map& map, std::string_view key,
                                         std::string_view what);

/// Proofs: a value that is no list reads as none, as the original read it; what is in the list must be links.
core::Result<std::vector<ipld::Cid>> parse_proofs(const ipld::Value& value);
ipld::Value render_proofs(const std::vector<ipld::Cid>& proofs);

}  // namespace every::invocation::detail
