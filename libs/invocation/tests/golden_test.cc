#include <algorithm>

#include "support.h"
#include <gtest/gtest.h>

#include "every/invocation/invocation.h"
#include "every/ipld/dag_cbor.h"

namespace every::invocation {
namespace {

using test::at;
using test::data_file;
using test::json;
using test::normalize_url;

/// Whole numbers lost their fraction on the way through JavaScript: gives it back.
ipld::Value as_floats(const ipld::Value& value) {
  if (const ipld::Integer* integer = value.if_integer()) return integer->as_double();
  if (const ipld::List* list = value.if_list()) {
    ipld::List out;
    for (const auto& item : *list) out.push_back(as_floats(item));
    return out;
  }
  return value;
}

std::vector<std::string> case_names(const std::string& file) {
  const ipld::Value document = data_file(file);
  std::vector<std::string> names;
  for (const auto& entry : *at(document, "cases").if_map()) names.push_back(entry.key);
  return names;
}

/// The receipt CID the original gave, from the parts of its receipt.
void expect_receipt(const Workflow& workflow, const ipld::Value& receipt,
                    const std::string& receipt_cid, const ipld::Value& out) {
  const ipld::Cid ran = *at(receipt, "ran").if_link();
  const auto same = [&](const Task& task) { return task.invocation_cid().value() == ran; };
  EXPECT_TRUE(std::any_of(workflow.tasks.begin(), workflow.tasks.end(), same))
      << "no task has the invocation CID " << ran.render();
  const Receipt made{ran, Outcome::parse(out).value(), at(receipt, "meta"), std::nullopt, {}};
  const core::Bytes block = made.encode().value();
  EXPECT_EQ(ipld::Cid::of_dag_cbor(block).render(), receipt_cid);
  const std::string op = *at(at(receipt, "meta"), "op").if_string();
  EXPECT_EQ(splice_receipt(made.out.tag, ipld::dag_cbor::encode(made.out.value).value(), ran, op)
                .cid.render(),
            receipt_cid);
}

class GoldenTest : public testing::TestWithParam<std::string> {};

TEST_P(GoldenTest, EveryCidIsTheOriginals) {
  const ipld::Value document = data_file("golden.json");
  const ipld::Value& one = at(at(document, "cases"), GetParam());
  const auto workflow = Workflow::parse(at(one, "workflow"), normalize_url);
  ASSERT_TRUE(workflow.has_value()) << workflow.error().message;
  EXPECT_EQ(workflow->cid().value().render(), *at(one, "workflow_cid").if_string());

  ipld::List instructions;
  for (const Task& task : workflow->tasks)
    instructions.emplace_back(task.run.cid().value().render());
  EXPECT_EQ(ipld::Value(instructions), at(one, "instruction_cids"));

  const ipld::Value* receipts = one.if_map()->find("receipts");
  if (receipts == nullptr) return;  // a case that failed in the original
  for (const ipld::Value& receipt : *receipts->if_list()) {
    const ipld::Value& out = at(receipt, "out");
    expect_receipt(*workflow, receipt, *at(receipt, "receipt_cid").if_string(),
                   one.if_map()->find("float") != nullptr ? as_floats(out) : out);
  }
}

INSTANTIATE_TEST_SUITE_P(Types, GoldenTest, testing::ValuesIn(case_names("golden.json")),
                         [](const auto& one) { return one.param; });

class WireTest : public testing::TestWithParam<std::string> {};

TEST_P(WireTest, EveryCidIsTheOriginals) {
  const ipld::Value document = data_file("wire.json");
  const ipld::Value& one = at(at(document, "cases"), GetParam());
  const auto workflow = Workflow::parse(json(*at(one, "workflow_text").if_string()), normalize_url);
  ASSERT_TRUE(workflow.has_value()) << workflow.error().message;
  const ipld::List& notifications = *at(one, "notifications").if_list();
  ASSERT_FALSE(notifications.empty());
  for (const ipld::Value& text : notifications) {
    const ipld::Value notification = json(*text.if_string());
    EXPECT_EQ(workflow->cid().value(), *at(at(notification, "metadata"), "workflow").if_link());
    const ipld::Value& receipt = at(notification, "receipt");
    expect_receipt(*workflow, receipt, at(notification, "receipt_cid").if_link()->render(),
                   at(receipt, "out"));
  }
}

INSTANTIATE_TEST_SUITE_P(FullForm, WireTest, testing::ValuesIn(case_names("wire.json")),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace every::invocation
