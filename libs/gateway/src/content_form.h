#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "target.h"

#include "every/core/error.h"
#include "every/gateway/message.h"

namespace every::gateway {

/// The forms content is given in.
enum class ContentForm : std::uint8_t {
  kPlain,  ///< what the content is: a file's bytes, a block's own codec
  kRaw,
  kCar,
  kDagJson,
  kDagCbor,
  kJson,
  kCbor
};
/// `application/vnd.ipld.raw`, …; empty for kPlain.
[[nodiscard]] std::string_view media_type(ContentForm form);
/// `raw`, `car`, `dag-json`, …: as `?format=` names it, and the end of a file's name. Empty for kPlain.
[[nodiscard]] std::string_view form_name(ContentForm form);

/// How much of a DAG a CAR holds.
enum class DagScope : std::uint8_t { kBlock, kEntity, kAll };

/// `from:to`, as `entity-bytes` says it: both included, negative from the end; no `to`: `*`.
struct EntityBytes {
  std::int64_t from = 0;
  std::optional<std::int64_t> to;
};

/// What a request asks for.
struct ContentWish {
  ContentForm form = ContentForm::kPlain;
  bool html = false;  ///< a page for a person is welcome
  DagScope scope = DagScope::kAll;
  std::optional<EntityBytes> entity_bytes;
};

/// A wish that cannot be met: what is wrong with it, and the status (400 or 406) it is answered with.
struct RefusedWish {
  int status = 400;
  core::Error error;
};

/// By `?format=`, else by the media type of `Accept` with the highest quality that is known here.
/// source: https://specs.ipfs.tech/http-gateways/trustless-gateway/ and path-gateway/
[[nodiscard]] std::expected<ContentWish, RefusedWish> read_wish(const Request& request,
                                                                const Target& target);

/// A range of bytes, `first` ≤ `last`, both included.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};
enum class RangeKind : std::uint8_t {
  kNone,  ///< all of it: no range asked for, or one that is to be ignored (several, another unit)
  kSatisfiable,
  kUnsatisfiable,  ///< 416
};
struct AskedRange {
  RangeKind kind = RangeKind::kNone;
  ByteRange range;
};
/// The `Range` header against a size. source: RFC 9110 §14
[[nodiscard]] AskedRange read_range(const Request& request, std::uint64_t size,
                                    std::string_view etag);
/// Whether `If-None-Match` names the tag. source: RFC 9110 §13.1.2
[[nodiscard]] bool is_not_modified(const Request& request, std::string_view etag);

}  // namespace every::gateway
