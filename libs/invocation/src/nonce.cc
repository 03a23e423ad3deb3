#include "every/invocation/invocation.h"
#include "every/ipld/multibase.h"

namespace every::invocation {
namespace {
constexpr std::size_t kShort = 12;
constexpr std::size_t kLong = 16;
}  // namespace

core::Result<Nonce> Nonce::make(core::Bytes bytes, Form form) {
  if (form == Form::kEmpty && bytes.empty()) return Nonce();
  if (form == Form::kEmpty || (bytes.size() != kShort && bytes.size() != kLong)) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      "a nonce (`nnc`) has 12 or 16 bytes, this one " +
                          std::to_string(bytes.size()) + "; leave it empty for none");
  }
  Nonce nonce;
  nonce.form_ = form;
  nonce.bytes_ = std::move(bytes);
  return nonce;
}

Nonce Nonce::from_random(const std::array<std::uint8_t, 12>& random) {
  Nonce nonce;
  nonce.form_ = Form::kText;
  nonce.bytes_.assign(random.begin(), random.end());
  return nonce;
}

core::Result<Nonce> Nonce::parse(const ipld::Value& value) {
  if (const core::Bytes* bytes = value.if_bytes()) return make(*bytes, Form::kBytes);
  const std::string* text = value.if_string();
  if (text == nullptr || text->empty()) return Nonce();
  auto bytes = ipld::decode_base(ipld::Multibase::kBase32Hex, *text);
  // The text is written again from the bytes, so it must be the one spelling that comes out.
  if (!bytes || ipld::encode_base(ipld::Multibase::kBase32Hex, *bytes) != *text) {
    return core::fail(
        core::ErrorCode::kMalformed,
        "a nonce (`nnc`) as text is lower-case base32hex without padding, this is not: `" + *text +
            "`");
  }
  return make(std::move(*bytes), Form::kText);
}

ipld::Value Nonce::render() const {
  switch (form_) {
    case Form::kEmpty:
      return "";
    case Form::kText:
      return ipld::encode_base(ipld::Multibase::kBase32Hex, bytes_);
    case Form::kBytes:
      return bytes_;
  }
  return "";
}

}  // namespace every::invocation
