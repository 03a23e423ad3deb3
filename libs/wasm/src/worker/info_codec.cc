#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "worker/messages.h"
#include "worker/wire.h"

namespace every::wasm::worker {

using core::ErrorCode;

namespace {

constexpr std::uint64_t kMaxUnfolded = 1'000'000;
// Types are walked, and let go of, by recursion: what the other end sends may not use up the stack.
constexpr std::uint32_t kMaxNested = 1000;
constexpr std::size_t kLengthBytes = 8;

/// Numbers types so that each is written once, after those it is made of. Number 0 means none.
class TypeTable {
 public:
  std::uint32_t number(const wit::TypePtr& type) {
    if (!type) return 0;
    if (const auto found = numbers_.find(type.get()); found != numbers_.end()) return found->second;
    const auto element = number(type->element);
    const auto key = number(type->key);
    const auto error = number(type->error);
    std::vector<std::uint32_t> elements;
    for (const auto& part : type->elements) elements.push_back(number(part));
    std::vector<std::uint32_t> fields;
    for (const auto& field : type->fields) fields.push_back(number(field.type));
    out_.u8(static_cast<std::uint8_t>(type->kind));
    out_.text(type->name);
    out_.text(type->docs);
    out_.u32(element);
    out_.u32(key);
    out_.u32(error);
    out_.u32(type->length);
    out_.u32(static_cast<std::uint32_t>(elements.size()));
    for (const auto part : elements) out_.u32(part);
    out_.u32(static_cast<std::uint32_t>(fields.size()));
    for (std::size_t i = 0; i < fields.size(); ++i) {
      out_.text(type->fields[i].name);
      out_.u32(fields[i]);
      out_.text(type->fields[i].docs);
    }
    out_.u32(static_cast<std::uint32_t>(type->names.size()));
    for (const auto& name : type->names) out_.text(name);
    const auto own = ++count_;
    numbers_.emplace(type.get(), own);
    return own;
  }
  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] core::Bytes take() { return out_.take(); }

 private:
  std::map<const wit::Type*, std::uint32_t> numbers_;
  std::uint32_t count_ = 0;
  ByteWriter out_;
};

/// The types read so far, each only from earlier ones: no cycles, no deeper than kMaxNested, and no more nodes than kMaxUnfolded when walked as trees.
class ReadTypes {
 public:
  wit::TypePtr at(std::uint32_t number) {
    if (number == 0) return nullptr;
    if (number > types_.size()) {
      bad_ = true;
      return nullptr;
    }
    const Read& found = types_[number - 1];
    unfolded_ += found.unfolded;
    nested_ = std::max(nested_, found.nested + 1);
    return found.type;
  }
  void read(ByteReader& in) {
    unfolded_ = 1;
    nested_ = 1;
    auto type = std::make_shared<wit::Type>();
    const auto kind = in.u8();
    bad_ = bad_ || kind > static_cast<std::uint8_t>(wit::Kind::kErrorContext);
    type->kind = static_cast<wit::Kind>(kind);
    type->name = in.text();
    type->docs = in.text();
    type->element = at(in.u32());
    type->key = at(in.u32());
    type->error = at(in.u32());
    type->length = in.u32();
    for (auto left = in.count(4); left > 0 && !bad_; --left) type->elements.push_back(at(in.u32()));
    for (auto left = in.count(2 * kLengthBytes + 4); left > 0 && !bad_; --left) {
      wit::Field field;
      field.name = in.text();
      field.type = at(in.u32());
      field.docs = in.text();
      type->fields.push_back(std::move(field));
    }
    for (auto left = in.count(kLengthBytes); left > 0; --left) type->names.push_back(in.text());
    bad_ = bad_ || unfolded_ > kMaxUnfolded || nested_ > kMaxNested;
    types_.push_back({std::move(type), unfolded_, nested_});
  }
  [[nodiscard]] bool bad() const { return bad_; }

 private:
  struct Read {
    wit::TypePtr type;
    std::uint64_t unfolded;
    std::uint32_t nested;
  };
  std::vector<Read> types_;
  // Of the type being read.
  std::uint64_t unfolded_ = 0;
  std::uint32_t nested_ = 0;
  bool bad_ = false;
};

}  // namespace

core::Bytes encode(const ComponentInfo& info) {
  TypeTable types;
  ByteWriter functions;
  for (const auto& function : info.functions) {
    functions.text(function->interface_name);
    functions.text(function->name);
    functions.text(function->docs);
    functions.u32(static_cast<std::uint32_t>(function->params.size()));
    for (const auto& param : function->params) {
      functions.text(param.name);
      functions.u32(types.number(param.type));
    }
    functions.u32(types.number(function->result));
  }
  ByteWriter out;
  out.bytes(info.cid.encode());
  out.u64(info.size);
  out.text(info.wit);
  out.text(info.language);
  out.u32(static_cast<std::uint32_t>(info.imports.size()));
  for (const auto& import : info.imports) out.text(import);
  out.u32(types.count());
  out.raw(types.take());
  out.u32(static_cast<std::uint32_t>(info.functions.size()));
  out.raw(functions.take());
  return out.take();
}

core::Result<std::shared_ptr<const ComponentInfo>> decode_info(core::BytesView bytes) {
  ByteReader in(bytes);
  EVERY_TRY_ASSIGN(auto cid, ipld::Cid::decode(in.bytes()));
  auto info =
      std::make_shared<ComponentInfo>(ComponentInfo{std::move(cid), in.u64(), {}, {}, {}, {}});
  info->wit = in.text();
  info->language = in.text();
  for (auto left = in.count(kLengthBytes); left > 0; --left) info->imports.push_back(in.text());
  ReadTypes types;
  for (auto left = in.count(1 + 2 * kLengthBytes + 7 * 4); left > 0 && !types.bad(); --left)
    types.read(in);
  for (auto left = in.count(3 * kLengthBytes + 2 * 4); left > 0 && !types.bad(); --left) {
    auto function = std::make_shared<wit::Function>();
    function->interface_name = in.text();
    function->name = in.text();
    function->docs = in.text();
    for (auto params = in.count(kLengthBytes + 4); params > 0; --params) {
      auto name = in.text();
      auto type = types.at(in.u32());
      if (!type)
        return core::fail(ErrorCode::kMalformed,
                          "a component's description has a parameter without a type");
      function->params.push_back({std::move(name), std::move(type)});
    }
    function->result = types.at(in.u32());
    info->functions.push_back(std::move(function));
  }
  if (types.bad())
    return core::fail(ErrorCode::kMalformed, "a component's description has impossible types");
  EVERY_TRY(in.finish("a component's description"));
  return std::shared_ptr<const ComponentInfo>(std::move(info));
}

}  // namespace every::wasm::worker
