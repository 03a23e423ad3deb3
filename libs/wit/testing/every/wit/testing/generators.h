#pragma once

#include <rapidcheck.h>

#include "every/ipld/value.h"
#include "every/wit/type.h"

/// Generators for property tests: a type, and values people might write for it.
namespace every::wit::testing {

/// Any type that has values, compound ones nested at most `depth` levels.
rc::Gen<TypePtr> any_type(int depth = 3);

/// A value in one of the spellings the short form takes for the type: camelCase or kebab-case keys, bytes as numbers or bytes, absent
/// options, variants by tag or by key, …
rc::Gen<ipld::Value> any_spelling(TypePtr type);

}  // namespace every::wit::testing
