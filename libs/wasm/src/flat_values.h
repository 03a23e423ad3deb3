#pragma once

#include <string>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/value.h"
#include "every/wit/type.h"

namespace every::wasm {

/// Appends a value in the flat form of every_engines.h, directed by its type (design §6; docs/formats/values.md).
///
/// in: path   where the value stands, for errors: a JSON pointer below the parameter, empty for the parameter itself
/// errors: kInvalidArgument `at /x/0: expected u8, got float 1.5`; `out` then holds a part
/// cost: linear; lists of bytes are one copy. thread: any
[[nodiscard]] core::Status encode_flat(const ipld::Value& value, const wit::Type& type,
                                       const std::string& path, core::Bytes& out);

/// The value that flat bytes hold, all of them.
///
/// errors: kGuestTrap NaN or an infinity, naming the path: no receipt can hold one; kResourceExhausted its values take too much memory; kInternal bytes that do not fit the type
[[nodiscard]] core::Result<ipld::Value> decode_flat(core::BytesView bytes, const wit::Type& type);

}  // namespace every::wasm
