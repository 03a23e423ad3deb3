#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "every/invocation/invocation.h"
#include "every/ipld/dag_cbor.h"
#include "every/ipld/testing/generators.h"

namespace every::invocation {
namespace {

using ipld::testing::any_cid;
using ipld::testing::any_text;
using ipld::testing::any_value;

Outcome any_outcome() {
  return {*rc::gen::element(Outcome::Tag::kOk, Outcome::Tag::kError, Outcome::Tag::kJust),
          *any_value()};
}

Nonce any_nonce() {
  const auto form = *rc::gen::element(Nonce::Form::kEmpty, Nonce::Form::kText, Nonce::Form::kBytes);
  const std::size_t size = form == Nonce::Form::kEmpty ? 0 : *rc::gen::element<std::size_t>(12, 16);
  return Nonce::make(*rc::gen::container<core::Bytes>(size, rc::gen::arbitrary<std::uint8_t>()),
                     form)
      .value();
}

/// A value with awaits strewn in.
ipld::Value with_awaits(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 4 : 2)) {
    case 0:
      return *any_value();
    case 1:
      return Await{*rc::gen::element(Branch::kOk, Branch::kError, Branch::kAny), *any_cid()}
          .render();
    case 2: {
      ipld::List list(*rc::gen::inRange<std::size_t>(0, 4));
      for (ipld::Value& item : list) item = with_awaits(depth - 1);
      return list;
    }
    default: {
      ipld::Map map;
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
        map.set(*any_text(), with_awaits(depth - 1));
      }
      return map;
    }
  }
}

core::Result<std::string> as_it_stands(std::string_view url) {
  return std::string(url);
}

RC_GTEST_PROP(ReceiptPropertyTest, SplicingGivesWhatEncodingGives, ()) {
  const Outcome out = any_outcome();
  const std::string op = *any_text();
  const ipld::Cid ran = *any_cid();
  const Receipt whole{ran, out, ipld::Map{{"op", op}}, std::nullopt, {}};
  const core::Bytes expected = whole.encode().value();
  const ReceiptBlock spliced =
      splice_receipt(out.tag, ipld::dag_cbor::encode(out.value).value(), ran, op);
  RC_ASSERT(spliced.bytes == expected);
  RC_ASSERT((spliced.cid == ipld::Cid::of_dag_cbor(expected)));
}

RC_GTEST_PROP(ReceiptPropertyTest, EncodeAndDecodeAreInverses, ()) {
  const Receipt receipt{
      *any_cid(), any_outcome(), *any_value(),
      *rc::gen::arbitrary<bool>() ? std::optional<std::string>(*any_text()) : std::nullopt,
      *rc::gen::container<std::vector<ipld::Cid>>(any_cid())};
  const core::Bytes block = receipt.encode().value();
  const auto decoded = Receipt::decode(block, ipld::Cid::of_dag_cbor(block));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT((decoded->render() == receipt.render()));
}

Workflow any_workflow() {
  Workflow workflow;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    Task task;
    task.run = {*any_text(), *any_text(), *any_value(), any_nonce()};
    if (*rc::gen::arbitrary<bool>()) task.cause = *any_cid();
    task.meta = *any_value();
    task.prf = *rc::gen::container<std::vector<ipld::Cid>>(any_cid());
    workflow.tasks.push_back(std::move(task));
  }
  return workflow;
}

RC_GTEST_PROP(WorkflowPropertyTest, IsWrittenAsWhatItRendersAsIsEncoded, ()) {
  const Workflow workflow = any_workflow();
  RC_ASSERT((workflow.encode().value() == ipld::dag_cbor::encode(workflow.render()).value()));
  for (const Task& task : workflow.tasks) {
    RC_ASSERT((task.run.cid().value() == ipld::dag_cbor::cid_of(task.run.render()).value()));
    RC_ASSERT((task.invocation_cid().value() ==
               ipld::dag_cbor::cid_of(ipld::Map{{"task", task.render()}}).value()));
  }
}

RC_GTEST_PROP(WorkflowPropertyTest, ParseAndRenderAreInverses, ()) {
  const Workflow workflow = any_workflow();
  const auto parsed = Workflow::parse(workflow.render(), as_it_stands);
  RC_ASSERT(parsed.has_value());
  RC_ASSERT((parsed->render() == workflow.render()));
}

RC_GTEST_PROP(AwaitPropertyTest, ReplacingEachByItselfChangesNothing, ()) {
  const ipld::Value value = with_awaits(3);
  std::vector<Await> seen;
  const auto replaced = replace_awaits(value, [&](const Await& await) -> core::Result<ipld::Value> {
    seen.push_back(await);
    return await.render();
  });
  RC_ASSERT(replaced.has_value());
  RC_ASSERT((*replaced == value));
  RC_ASSERT((seen == find_awaits(value)));
}

RC_GTEST_PROP(AwaitPropertyTest, NoneIsLeftAfterReplacing, ()) {
  const auto replaced = replace_awaits(
      with_awaits(3), [](const Await&) -> core::Result<ipld::Value> { return ipld::Value(1); });
  RC_ASSERT(find_awaits(*replaced).empty());
}

}  // namespace
}  // namespace every::invocation
