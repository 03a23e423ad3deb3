#include "block_writer.h"
#include "fields.h"

#include "every/invocation/invocation.h"
#include "every/ipld/dag_cbor.h"

namespace every::invocation {
namespace {

using core::ErrorCode;

std::string_view render_tag(Outcome::Tag tag) {
  switch (tag) {
    case Outcome::Tag::kOk:
      return "ok";
    case Outcome::Tag::kError:
      return "error";
    case Outcome::Tag::kJust:
      return "just";
  }
  return "ok";
}

/// Whether the map is the form that is hashed: with strict decoding, what render() gives back is then the same map.
bool is_hashed_form(const ipld::Map& map) {
  const ipld::Value* iss = map.find("iss");
  const ipld::Value* prf = map.find("prf");
  return map.size() == 5 && iss != nullptr && (iss->is_null() || iss->if_string() != nullptr) &&
         prf != nullptr && prf->if_list() != nullptr;
}

}  // namespace

core::Result<Outcome> Outcome::parse(const ipld::Value& value) {
  const ipld::List* list = value.if_list();
  const std::string* tag = list != nullptr && list->size() == 2 ? (*list)[0].if_string() : nullptr;
  if (tag != nullptr) {
    for (const Tag known : {Tag::kOk, Tag::kError, Tag::kJust}) {
      if (*tag == render_tag(known)) return Outcome{known, (*list)[1]};
    }
  }
  return core::fail(ErrorCode::kMalformed,
                    "`out` must be a list of a tag (`ok`, `error` or `just`) and a value");
}

ipld::Value Outcome::render() const {
  return ipld::List{std::string(render_tag(tag)), value};
}

core::Result<Receipt> Receipt::parse(const ipld::Value& value) {
  EVERY_TRY_ASSIGN(const ipld::Map* map, detail::expect_map(value, "a receipt"));
  EVERY_TRY_ASSIGN(const ipld::Value* ran, detail::require(*map, "ran", "the receipt"));
  if (ran->if_link() == nullptr)
    return core::fail(ErrorCode::kMalformed,
                      "`ran` must be a link, got " + std::string(kind_name(ran->kind())));
  EVERY_TRY_ASSIGN(const ipld::Value* out, detail::require(*map, "out", "the receipt"));
  EVERY_TRY_ASSIGN(Outcome outcome, Outcome::parse(*out));
  EVERY_TRY_ASSIGN(const ipld::Value* meta, detail::require(*map, "meta", "the receipt"));
  EVERY_TRY_ASSIGN(const ipld::Value* prf, detail::require(*map, "prf", "the receipt"));
  EVERY_TRY_ASSIGN(std::vector<ipld::Cid> proofs, detail::parse_proofs(*prf));
  std::optional<std::string> issuer;
  if (const ipld::Value* iss = map->find("iss"); iss != nullptr && iss->if_string() != nullptr)
    issuer = *iss->if_string();
  return Receipt{*ran->if_link(), std::move(outcome), *meta, std::move(issuer), std::move(proofs)};
}

ipld::Value Receipt::render() const {
  return ipld::Map{{"iss", iss ? ipld::Value(*iss) : ipld::Value()},
                   {"meta", meta},
                   {"out", out.render()},
                   {"prf", detail::render_proofs(prf)},
                   {"ran", ran}};
}

std::string_view Receipt::op() const {
  const ipld::Map* map = meta.if_map();
  const ipld::Value* op = map != nullptr ? map->find("op") : nullptr;
  const std::string* text = op != nullptr ? op->if_string() : nullptr;
  return text != nullptr ? *text : std::string_view();
}

core::Result<core::Bytes> Receipt::encode() const {
  return ipld::dag_cbor::encode(render());
}

core::Result<Receipt> Receipt::decode(core::BytesView block, const ipld::Cid& cid) {
  EVERY_TRY_ASSIGN(const bool same, cid.matches(block));
  if (!same)
    return core::fail(ErrorCode::kIntegrity,
                      "the bytes of receipt " + cid.render() + " do not hash to its CID");
  auto value = ipld::dag_cbor::decode(block);
  if (!value) return core::fail(std::move(value).error().in("receipt " + cid.render()));
  if (const ipld::Map* map = value->if_map(); map != nullptr && !is_hashed_form(*map)) {
    return core::fail(
        ErrorCode::kMalformed,
        "receipt " + cid.render() + " has other keys than `iss`, `meta`, `out`, `prf` and `ran`");
  }
  auto receipt = parse(*value);
  if (!receipt) return core::fail(std::move(receipt).error().in("receipt " + cid.render()));
  return receipt;
}

ReceiptBlock splice_receipt(Outcome::Tag tag, core::BytesView value_cbor, const ipld::Cid& ran,
                            std::string_view op) {
  core::Bytes bytes;
  bytes.reserve(value_cbor.size() + ran.encode().size() + op.size() + 64);
  detail::BlockWriter writer(bytes);
  writer.map(5);
  writer.text("iss");
  writer.null();
  writer.text("out");
  writer.list(2);
  writer.text(render_tag(tag));
  writer.raw(value_cbor);
  writer.text("prf");
  writer.list(0);
  writer.text("ran");
  writer.link(ran);
  writer.text("meta");
  writer.map(1);
  writer.text("op");
  writer.text(op);
  ipld::Cid cid = ipld::Cid::of_dag_cbor(bytes);
  return {std::move(bytes), std::move(cid)};
}

}  // namespace every::invocation
