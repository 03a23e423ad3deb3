#include "flat_values.h"
#include "fuzz.h"

#include "every/core/text.h"
#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"
#include "every/ipld/links.h"
#include "every/wit/coerce.h"

using namespace every;
using fuzz::require;
using fuzz::take_byte;
using ipld::Value;
using wit::Kind;
using wit::Type;
using wit::TypePtr;

namespace {

constexpr int kMostNested = 4;
constexpr std::uint8_t kScalars = static_cast<std::uint8_t>(Kind::kString) + 1;

TypePtr scalar(std::uint8_t byte) {
  return wit::make_primitive(static_cast<Kind>(byte % kScalars));
}

/// A type by letters: `a`–`m` scalars in the order of wit::Kind, `n`–`z` compound ones, followed by those they are made of.
TypePtr take_type(core::BytesView& input, int left) {
  const std::uint8_t byte = take_byte(input);
  if (left == 0) return scalar(byte);
  const auto inner = [&input, left] { return take_type(input, left - 1); };
  switch ((byte + 7) % 26) {  // 'a' is 97
    case 13:
      return wit::make_list(inner());
    case 14:
      return wit::make_fixed_list(inner(), 2);
    case 15: {
      const TypePtr key = scalar(take_byte(input));
      return wit::make_map(key, inner());
    }
    case 16: {
      const TypePtr first = inner();
      return wit::make_tuple({first, inner()});
    }
    case 17: {
      const TypePtr first = inner();
      return wit::make_record("r", {{"one", first, ""}, {"two-words", inner(), ""}});
    }
    case 18: {
      const TypePtr first = inner();
      return wit::make_variant(
          "v", {{"none", nullptr, ""}, {"two-words", first, ""}, {"tag", inner(), ""}});
    }
    case 19:
      return wit::make_enum("e", {"one", "two-words"});
    case 20: {
      std::vector<std::string> names = {"one", "two-words"};
      for (int i = 0; i < 40; ++i) names.push_back("f" + std::to_string(i));
      return wit::make_flags("f", std::move(names));
    }
    case 21:
      return wit::make_option(inner());
    case 22: {
      const TypePtr ok = inner();
      return wit::make_result(ok, inner());
    }
    case 23:
      return wit::make_list(wit::make_primitive(Kind::kU8));
    case 24:
      return wit::make_list(wit::make_tuple({wit::make_primitive(Kind::kString), inner()}));
    case 25:
      return wit::make_result(nullptr, inner());
    default:
      return scalar(static_cast<std::uint8_t>((byte + 7) % 26));
  }
}

core::Bytes flat_of(const Value& value, const Type& type) {
  core::Bytes out;
  require(wasm::encode_flat(value, type, "", out).has_value(), "what was judged good goes in");
  return out;
}

/// What a guest gets and gives back; nothing where the type cannot tell its err(none) from ok(none).
std::optional<Value> through_a_guest(const core::Bytes& flat, const Type& type) {
  auto out = wasm::decode_flat(flat, type);
  if (!out) {
    require(out.error().code == core::ErrorCode::kGuestTrap, "what went in comes out");
    return std::nullopt;
  }
  require(wit::check(*out, type, "").has_value(), "what comes out has the type");
  require(flat_of(*out, type) == flat, "and goes in again as it was");
  return std::move(*out);
}

bool has_links(const Value& value) {
  return !ipld::links_in(value).empty();
}

/// The one form that is hashed: settled, writable, and the same by way of text and of bytes.
void require_settled(const Value& value, const Type& type) {
  const auto again = wit::normalise(value, type, "", nullptr);
  require(again && *again == value, "normalising once is enough");
  require(wit::check(value, type, "").has_value(), "what is normalised has the type");
  const auto cbor = ipld::dag_cbor::encode(value);
  require(cbor && ipld::dag_cbor::decode(*cbor) == value, "the same by way of DAG-CBOR");
  const auto json = ipld::dag_json::encode(value);
  require(json.has_value(), "it can be written as DAG-JSON");
  const auto read = ipld::dag_json::decode(*json);
  const auto from_json = read ? wit::normalise(*read, type, "", nullptr)
                              : std::expected<Value, std::vector<wit::Violation>>();
  require(read && from_json && ipld::dag_cbor::encode(*from_json) == cbor,
          "the same by way of DAG-JSON");
}

void try_value(const Value& value, const Type& type) {
  const auto normalised = wit::normalise(value, type, "/0", nullptr);
  if (normalised) {
    require_settled(*normalised, type);
  } else {
    require(!normalised.error().empty(), "a refusal says why");
    for (const wit::Violation& violation : normalised.error())
      require(violation.path.starts_with("/0") && !violation.message.empty(),
              "and names the place");
  }
  const auto checked = wit::check(value, type, "/0");
  if (!checked) {
    require(checked.error().message.find("/0") != std::string::npos, "a refusal names the place");
    require(checked.error().message.find("expected") != std::string::npos, "and what was wanted");
  }
  if (!ipld::dag_cbor::encode(value) || has_links(value)) return;
  std::optional<Value> as_given;
  std::optional<Value> as_normalised;
  if (checked) as_given = through_a_guest(flat_of(value, type), type);
  if (normalised) as_normalised = through_a_guest(flat_of(*normalised, type), type);
  if (as_given && as_normalised)
    require(*as_given == *as_normalised, "the short and the full form mean the same");
}

void try_flat(core::BytesView flat, const Type& type) {
  const auto value = wasm::decode_flat(flat, type);
  if (!value || !ipld::dag_cbor::encode(*value)) return;  // text that is none is refused there
  require(wit::check(*value, type, "").has_value(), "what comes out has the type");
  const auto again = through_a_guest(flat_of(*value, type), type);
  require(again && *again == *value, "what comes out goes in and comes out");
}

}  // namespace

/// A type, a way (`0` DAG-JSON, `1` DAG-CBOR, `2` query text, `3` flat bytes) and a value for it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  core::BytesView input(data, size);
  const TypePtr type = take_type(input, kMostNested);
  switch (take_byte(input) % 4) {
    case 0:
      if (const auto value = ipld::dag_json::decode(core::as_text(input))) try_value(*value, *type);
      break;
    case 1:
      if (const auto value = ipld::dag_cbor::decode(input, ipld::dag_cbor::Strictness::kRequest))
        try_value(*value, *type);
      break;
    case 2:
      if (!core::is_utf8(core::as_text(input))) break;  // an address with such text is refused
      if (const auto value =
              wit::parse_query_text(std::string(core::as_text(input)), *type, "/0")) {
        try_value(*value, *type);
      } else {
        require(!value.error().empty(), "a refusal says why");
      }
      break;
    default:
      try_flat(input, *type);
  }
  return 0;
}
