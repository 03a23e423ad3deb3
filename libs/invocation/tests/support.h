#pragma once

#include <string>
#include <string_view>

#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/ipld/value.h"

namespace every::invocation::test {

/// Prints what the tests need of the WHATWG rules: `ipfs://` as it stands, and the few pairs used here.
core::Result<std::string> normalize_url(std::string_view text);

/// A value from DAG-JSON text; a null and a test failure when it does not parse.
ipld::Value json(std::string_view text);
ipld::Cid cid(std::string_view text);
/// A file of tests/data as DAG-JSON.
ipld::Value data_file(const std::string& name);
/// The value under a key of a map; a test failure when there is none.
const ipld::Value& at(const ipld::Value& map, std::string_view key);

}  // namespace every::invocation::test
