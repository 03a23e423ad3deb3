#include "arguments.h"

#include <gtest/gtest.h>

namespace every::runtime {
namespace {

using invocation::Await;
using invocation::Branch;
using ipld::List;
using ipld::Map;
using ipld::Value;
using wit::Kind;

class ArgumentsTest : public ::testing::Test {
 protected:
  core::Result<List> resolve(const Value& arg, wit::TypePtr type) {
    wit::Function function;
    function.name = "f";
    function.params.push_back({"a", std::move(type)});
    return resolve_arguments(List{arg}, function, sources_);
  }
  Value await(Branch branch) const { return Await{branch, cid_}.render(); }

  wit::TypePtr f64_ = wit::make_primitive(Kind::kF64);
  wit::TypePtr text_ = wit::make_primitive(Kind::kString);
  wit::TypePtr result_ = wit::make_result(f64_, text_);
  ipld::Cid cid_ = ipld::Cid::of_dag_cbor(core::as_bytes("instruction"));
  Value value_ = Value(8.3);
  std::string message_ = "boom";
  Awaited awaited_{.value = &value_, .name = "task add"};
  ArgumentSources sources_{
      .awaited = [this](const Await&) -> core::Result<Awaited> { return awaited_; },
      .content = [](const ipld::Cid&) -> core::Result<core::Bytes> { return core::Bytes{1, 2}; }};
};

TEST_F(ArgumentsTest, ReplacesAnAwaitByTheValueWhereverItStands) {
  EXPECT_EQ(resolve(await(Branch::kOk), f64_).value()[0], value_);
  EXPECT_EQ(resolve(List{Value(1), await(Branch::kOk)}, wit::make_list(f64_)).value()[0],
            Value(List{Value(1), value_}));
  EXPECT_EQ(
      resolve(Map{{"x", await(Branch::kOk)}}, wit::make_record("r", {{"x", f64_, ""}})).value()[0],
      Value(Map{{"x", value_}}));
}

TEST_F(ArgumentsTest, UnwrapsAResultForAParameterThatIsNone) {
  awaited_.type = result_;
  value_ = List{Value(2.5), Value()};
  EXPECT_EQ(resolve(await(Branch::kOk), f64_).value()[0], Value(2.5));
  EXPECT_EQ(resolve(await(Branch::kOk), result_).value()[0], value_);
}

TEST_F(ArgumentsTest, FailsOnAnErrNamingTheSource) {
  awaited_.type = result_;
  value_ = List{Value(), Value("too small")};
  const auto failed = resolve(await(Branch::kOk), f64_);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, core::ErrorCode::kGuestError);
  EXPECT_NE(failed.error().message.find("task add"), std::string::npos);
  EXPECT_NE(failed.error().message.find("too small"), std::string::npos);
  EXPECT_EQ(resolve(await(Branch::kOk), result_).value()[0], value_);
}

TEST_F(ArgumentsTest, GivesTheMessageOfAFailure) {
  awaited_.state = Awaited::State::kFailed;
  awaited_.message = &message_;
  EXPECT_EQ(resolve(await(Branch::kError), text_).value()[0], Value("boom"));
  EXPECT_EQ(resolve(await(Branch::kAny), wit::make_tuple({text_, text_})).value()[0],
            Value(List{Value("error"), Value("boom")}));
  EXPECT_EQ(resolve(await(Branch::kAny), result_).value()[0], Value(List{Value(), Value("boom")}));
}

TEST_F(ArgumentsTest, TagsEitherOutcome) {
  EXPECT_EQ(resolve(await(Branch::kAny), wit::make_tuple({text_, f64_})).value()[0],
            Value(List{Value("ok"), value_}));
  EXPECT_EQ(resolve(await(Branch::kAny), result_).value()[0], Value(List{value_, Value()}));
}

TEST_F(ArgumentsTest, ReadsALinkOnlyWhereBytesAreTaken) {
  const auto bytes = wit::make_list(wit::make_primitive(Kind::kU8));
  EXPECT_EQ(resolve(cid_, bytes).value()[0], Value(core::Bytes{1, 2}));
  EXPECT_EQ(resolve(cid_, wit::make_option(bytes)).value()[0], Value(core::Bytes{1, 2}));
  EXPECT_EQ(resolve(cid_, text_).value()[0], Value(cid_));
}

TEST_F(ArgumentsTest, RefusesMoreArgumentsThanParameters) {
  wit::Function none;
  none.name = "none";
  const auto refused = resolve_arguments(List{Value(1)}, none, sources_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, core::ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace every::runtime
