#include <algorithm>

#include "unixfs_files.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "every/ipld/cid.h"
#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"
#include "every/ipld/dag_pb.h"
#include "every/ipld/links.h"
#include "every/ipld/testing/generators.h"
#include "every/ipld/unixfs.h"
#include "every/ipld/unixfs_data.h"
#include "every/ipld/varint.h"

namespace every::ipld {
namespace {

RC_GTEST_PROP(DagCborPropertyTest, DecodesWhatItEncodes, ()) {
  const Value value = *testing::any_value();
  RC_ASSERT((dag_cbor::decode(dag_cbor::encode(value).value()) == value));
}

RC_GTEST_PROP(DagCborPropertyTest, SaysHowLongABlockWouldBe, ()) {
  const Value value = *testing::any_value();
  RC_ASSERT(dag_cbor::encoded_size(value) == dag_cbor::encode(value).value().size());
}

RC_GTEST_PROP(DagCborPropertyTest, RefusesEveryBeginningOfABlock, ()) {
  const core::Bytes block = dag_cbor::encode(*testing::any_value()).value();
  const auto size = *rc::gen::inRange<std::size_t>(0, block.size());
  RC_ASSERT((!dag_cbor::decode(core::BytesView(block).first(size)).has_value()));
}

RC_GTEST_PROP(DagCborPropertyTest, DecodesADamagedBlockToItselfOrNotAtAll, ()) {
  core::Bytes block = dag_cbor::encode(*testing::any_value()).value();
  block[*rc::gen::inRange<std::size_t>(0, block.size())] = *rc::gen::arbitrary<std::uint8_t>();
  const auto value = dag_cbor::decode(block);
  if (value) RC_ASSERT((dag_cbor::encode(*value) == block));
}

RC_GTEST_PROP(DagJsonPropertyTest, DecodesWhatItEncodes, ()) {
  const Value value = *testing::any_value();
  RC_ASSERT(
      (dag_json::decode(dag_json::encode(value).value(), dag_json::Strictness::kBlock) == value));
}

RC_GTEST_PROP(DagJsonPropertyTest, RefusesEveryBeginningOfAList, ()) {
  const std::string text = dag_json::encode(List{*testing::any_value()}).value();
  const auto size = *rc::gen::inRange<std::size_t>(0, text.size());
  RC_ASSERT((!dag_json::decode(text.substr(0, size)).has_value()));
}

RC_GTEST_PROP(CodecDifferentialTest, JsonAndCborTellTheSameValue, ()) {
  const Value value = *testing::any_value();
  const Value by_json =
      dag_json::decode(dag_json::encode(value).value(), dag_json::Strictness::kBlock).value();
  RC_ASSERT((dag_cbor::encode(by_json) == dag_cbor::encode(value)));
}

RC_GTEST_PROP(CidPropertyTest, ParsesWhatItRendersInEveryBase, ()) {
  const Cid cid = *testing::any_cid();
  RC_ASSERT((Cid::parse(cid.render()) == cid));
  if (cid.version() == 0) return;
  for (const Multibase base : {Multibase::kBase16, Multibase::kBase32, Multibase::kBase32Hex,
                               Multibase::kBase36, Multibase::kBase58Btc, Multibase::kBase64Url}) {
    RC_ASSERT((Cid::parse(cid.render(base).value()) == cid));
  }
}

RC_GTEST_PROP(CidPropertyTest, IsMadeOfItsParts, ()) {
  const Cid cid = *testing::any_cid();
  const Multihash hash{cid.hash_code(), core::to_bytes(cid.digest())};
  RC_ASSERT((Cid::make(cid.version(), cid.codec(), hash) == cid));
  RC_ASSERT((Cid::decode(cid.encode()) == cid));
}

RC_GTEST_PROP(VarintPropertyTest, DecodesWhatItEncodes, (std::uint64_t number)) {
  core::Bytes bytes;
  encode_varint(number >> 1, bytes);
  core::BytesView rest = bytes;
  RC_ASSERT((decode_varint(rest) == number >> 1));
  RC_ASSERT((rest.empty()));
}

RC_GTEST_PROP(MultibasePropertyTest, DecodesWhatItEncodes, (core::Bytes bytes)) {
  bytes.insert(bytes.begin(), *rc::gen::inRange<std::size_t>(0, 3), 0);
  for (const Multibase base : {Multibase::kBase16, Multibase::kBase32, Multibase::kBase32Hex,
                               Multibase::kBase36, Multibase::kBase58Btc, Multibase::kBase64Url}) {
    RC_ASSERT((decode_multibase(encode_multibase(base, bytes)) == bytes));
  }
  RC_ASSERT((decode_base64(encode_base64(bytes)) == bytes));
}

RC_GTEST_PROP(DagPbPropertyTest, DecodesWhatItEncodes, ()) {
  dag_pb::Node node;
  for (const Cid& cid : *rc::gen::container<std::vector<Cid>>(testing::any_cid())) {
    node.links.push_back({cid, std::nullopt, std::nullopt});
    if (*rc::gen::arbitrary<bool>()) node.links.back().name = *testing::any_text();
    if (*rc::gen::arbitrary<bool>()) node.links.back().tsize = *rc::gen::arbitrary<std::uint64_t>();
  }
  if (*rc::gen::arbitrary<bool>()) node.data = *rc::gen::arbitrary<core::Bytes>();
  const auto name = [](const dag_pb::Link& link) { return link.name.value_or(""); };
  std::sort(node.links.begin(), node.links.end(),
            [&](const auto& a, const auto& b) { return name(a) < name(b); });
  RC_ASSERT((dag_pb::decode(dag_pb::encode(node).value()) == node));
}

RC_GTEST_PROP(UnixfsPropertyTest, DecodesTheDataItEncodes, ()) {
  unixfs::Data data;
  data.type = static_cast<unixfs::Type>(*rc::gen::inRange(0, 6));
  data.content = *rc::gen::arbitrary<core::Bytes>();
  if (*rc::gen::arbitrary<bool>()) data.file_size = *rc::gen::arbitrary<std::uint64_t>();
  data.block_sizes = *rc::gen::arbitrary<std::vector<std::uint64_t>>();
  RC_ASSERT((unixfs::decode_data(unixfs::encode_data(data)) == data));
}

RC_GTEST_PROP(UnixfsPropertyTest, ReadsBackWhatItImportsHoweverItIsCut, (core::Bytes content)) {
  unixfs::ImportOptions options;
  options.chunk_size = *rc::gen::inRange<std::size_t>(1, 8);
  options.max_links = *rc::gen::inRange<std::size_t>(2, 5);
  options.leaves = *rc::gen::element(unixfs::Leaves::kRaw, unixfs::Leaves::kWrapped);
  options.version = *rc::gen::element(unixfs::CidVersion::k0, unixfs::CidVersion::k1);
  tests::BlockMap blocks;
  const auto imported = unixfs::import_bytes(content, blocks.sink(), options);
  RC_ASSERT((imported.has_value()));
  RC_ASSERT((unixfs::read_whole_file(imported->root, blocks.source(), UINT64_MAX) == content));
}

RC_GTEST_PROP(LinksPropertyTest, AreTheSameInBothCodecs, ()) {
  const Value value = *testing::any_value();
  const core::Bytes cbor = dag_cbor::encode(value).value();
  const std::string json = dag_json::encode(value).value();
  const auto of_json = links_of(Cid::of(Codec::kDagJson, HashCode::kSha2_256, core::as_bytes(json)),
                                core::as_bytes(json));
  RC_ASSERT((links_of(Cid::of_dag_cbor(cbor), cbor) == of_json));
}

}  // namespace
}  // namespace every::ipld
