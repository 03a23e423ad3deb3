// Codecs: values of the shapes that workflows and receipts have.

#include <memory>
#include <string>
#include <vector>

#include "must.h"
#include "workloads.h"

#include "every/invocation/invocation.h"
#include "every/ipld/cid.h"
#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"
#include "every/ipld/unixfs.h"
#include "every/ipld/value.h"

namespace every::bench {
namespace {

using ipld::List;
using ipld::Map;
using ipld::Value;

constexpr int kRepeats = 20;

ipld::Cid cid_of_number(std::size_t number) {
  return ipld::Cid::of_dag_cbor(core::as_bytes("block " + std::to_string(number)));
}

/// A document of a hundred entries with every kind of value.
Value make_document() {
  List entries;
  for (std::int64_t i = 0; i < 100; ++i) {
    List numbers;
    for (std::int64_t j = 0; j < 8; ++j) numbers.emplace_back(i * 1000003 + j);
    entries.emplace_back(
        Map{{"args", Value(std::move(numbers))},
            {"bytes", Value(core::Bytes(64, static_cast<std::uint8_t>(i)))},
            {"cause", Value(cid_of_number(static_cast<std::size_t>(i)))},
            {"flag", Value(i % 2 == 0)},
            {"name", Value("entry number " + std::to_string(i) + ", with \"quotes\" and ü")},
            {"none", Value()},
            {"number", Value(static_cast<double>(i) / 7)}});
  }
  return Value(Map{{"tasks", Value(std::move(entries))}});
}

std::vector<ipld::Cid> make_cids() {
  std::vector<ipld::Cid> cids;
  for (std::size_t i = 0; i < 1000; ++i) cids.push_back(cid_of_number(i));
  return cids;
}

}  // namespace

std::function<void()> encode_dag_cbor() {
  return [document = make_document()] {
    for (int i = 0; i < kRepeats; ++i) std::ignore = must(ipld::dag_cbor::encode(document));
  };
}

std::function<void()> decode_dag_cbor() {
  return [block = must(ipld::dag_cbor::encode(make_document()))] {
    for (int i = 0; i < kRepeats; ++i) std::ignore = must(ipld::dag_cbor::decode(block));
  };
}

std::function<void()> encode_dag_json() {
  return [document = make_document()] {
    for (int i = 0; i < kRepeats; ++i) std::ignore = must(ipld::dag_json::encode(document));
  };
}

std::function<void()> decode_dag_json() {
  return [text = must(ipld::dag_json::encode(make_document()))] {
    for (int i = 0; i < kRepeats; ++i) std::ignore = must(ipld::dag_json::decode(text));
  };
}

std::function<void()> parse_cids() {
  std::vector<std::string> texts;
  for (const ipld::Cid& cid : make_cids()) texts.push_back(cid.render());
  return [texts = std::move(texts)] {
    for (const std::string& text : texts) std::ignore = must(ipld::Cid::parse(text));
  };
}

std::function<void()> render_cids() {
  return [cids = make_cids()] {
    for (const ipld::Cid& cid : cids) {
      if (cid.render().empty()) give_up("a CID has no text");
    }
  };
}

std::function<void()> import_unixfs() {
  core::Bytes content(std::size_t{2} << 20);
  for (std::size_t i = 0; i < content.size(); ++i)
    content[i] = static_cast<std::uint8_t>((i * 2654435761U) >> 13);
  return [content = std::move(content)] { must(ipld::unixfs::import_bytes(content)); };
}

std::function<void()> make_receipts() {
  return [ran = cid_of_number(1), value = must(ipld::dag_cbor::encode(Value(8.3)))] {
    for (int i = 0; i < 1000; ++i) {
      const auto block =
          invocation::splice_receipt(invocation::Outcome::Tag::kOk, value, ran, "add");
      std::ignore = must(invocation::Receipt::decode(block.bytes, block.cid));
    }
  };
}

}  // namespace every::bench
