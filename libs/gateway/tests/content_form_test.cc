#include "content_form.h"

#include <gtest/gtest.h>

namespace every::gateway {
namespace {

Request with(std::string name, std::string value) {
  return {Method::kGet, "/", {{std::move(name), std::move(value)}}, {}};
}
ContentWish wish(const std::string& accept, const std::string& query = "") {
  const auto read = read_wish(with("Accept", accept), parse_target("/?" + query).value());
  EXPECT_TRUE(read) << read.error().error.message;
  return read.value_or(ContentWish{});
}
int status_of(const std::string& accept, const std::string& query = "") {
  const auto read = read_wish(with("Accept", accept), parse_target("/?" + query).value());
  return read ? 200 : read.error().status;
}

TEST(ReadWishTest, TakesTheKnownTypeOfTheHighestQuality) {
  EXPECT_EQ(wish("*/*").form, ContentForm::kPlain);
  EXPECT_EQ(wish("").form, ContentForm::kPlain);
  EXPECT_EQ(wish("application/vnd.ipld.raw").form, ContentForm::kRaw);
  EXPECT_EQ(wish("application/vnd.ipld.raw;q=0.5, application/json").form, ContentForm::kJson);
  EXPECT_EQ(wish("text/plain, Application/Vnd.Ipld.Car; version=1; order=dfs").form,
            ContentForm::kCar);
  EXPECT_EQ(wish("application/cbor;q=0").form, ContentForm::kPlain);
  EXPECT_TRUE(wish("text/html,application/xhtml+xml,*/*;q=0.8").html);
  EXPECT_FALSE(wish("application/json,text/html;q=0.9").html);
}

TEST(ReadWishTest, PrefersTheFormatOfTheAddress) {
  EXPECT_EQ(wish("application/json", "format=raw").form, ContentForm::kRaw);
  for (const auto form : {ContentForm::kRaw, ContentForm::kCar, ContentForm::kDagJson,
                          ContentForm::kDagCbor, ContentForm::kJson, ContentForm::kCbor}) {
    EXPECT_EQ(wish("*/*", "format=" + std::string(form_name(form))).form, form);
    EXPECT_EQ(wish(std::string(media_type(form))).form, form);
  }
}

TEST(ReadWishTest, RefusesWhatIsNotMadeHere) {
  EXPECT_EQ(status_of("*/*", "format=zip"), 400);
  EXPECT_EQ(status_of("*/*", "format=tar"), 406);
  EXPECT_EQ(status_of("application/vnd.ipfs.ipns-record"), 406);
  EXPECT_EQ(status_of("application/vnd.ipfs.ipns-record, */*"), 200);
  EXPECT_EQ(status_of("application/vnd.ipld.car; version=2"), 400);
  EXPECT_EQ(status_of("*/*", "format=car&car-order=bfs"), 400);
  EXPECT_EQ(status_of("*/*", "format=car&dag-scope=some"), 400);
  for (const char* bytes : {"", "1", "a:b", "1:", ":2", "9:3", "-1:-3"})
    EXPECT_EQ(status_of("*/*", std::string("format=car&entity-bytes=") + bytes), 400) << bytes;
}

TEST(ReadWishTest, ReadsHowMuchOfADagIsMeant) {
  EXPECT_EQ(wish("*/*", "format=car").scope, DagScope::kAll);
  EXPECT_EQ(wish("*/*", "format=car&dag-scope=block").scope, DagScope::kBlock);
  const ContentWish range = wish("*/*", "format=car&entity-bytes=-10:*");
  EXPECT_EQ(range.scope, DagScope::kEntity);
  EXPECT_EQ(range.entity_bytes->from, -10);
  EXPECT_FALSE(range.entity_bytes->to);
}

struct RangeCase {
  const char* header;
  RangeKind kind;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};
// RFC 9110 §14.1.2, of ten bytes.
constexpr RangeCase kRanges[] = {
    {"bytes=0-3", RangeKind::kSatisfiable, 0, 3},
    {"Bytes=2-", RangeKind::kSatisfiable, 2, 9},
    {"bytes=-3", RangeKind::kSatisfiable, 7, 9},
    {"bytes=-30", RangeKind::kSatisfiable, 0, 9},
    {"bytes=5-500", RangeKind::kSatisfiable, 5, 9},
    {"bytes=5-99999999999999999999999", RangeKind::kSatisfiable, 5, 9},
    {"bytes=10-", RangeKind::kUnsatisfiable},
    {"bytes=99999999999999999999999-", RangeKind::kUnsatisfiable},
    {"bytes=-0", RangeKind::kUnsatisfiable},
    {"bytes=0-1,3-4", RangeKind::kNone},
    {"bytes=3-1", RangeKind::kNone},
    {"bytes=a-b", RangeKind::kNone},
    {"bytes=", RangeKind::kNone},
    {"lines=0-1", RangeKind::kNone},
};

TEST(ReadRangeTest, ReadsOneRange) {
  for (const RangeCase& row : kRanges) {
    const AskedRange read = read_range(with("Range", row.header), 10, "\"a\"");
    EXPECT_EQ(read.kind, row.kind) << row.header;
    EXPECT_EQ(read.range.first, row.first) << row.header;
    EXPECT_EQ(read.range.last, row.last) << row.header;
  }
  EXPECT_EQ(read_range(with("Range", "bytes=0-"), 0, "\"a\"").kind, RangeKind::kUnsatisfiable);
}

TEST(ReadRangeTest, IgnoresTheRangeOfOtherContent) {
  Request request = with("Range", "bytes=0-3");
  request.headers.push_back({"If-Range", "\"a\""});
  EXPECT_EQ(read_range(request, 10, "\"a\"").kind, RangeKind::kSatisfiable);
  EXPECT_EQ(read_range(request, 10, "\"b\"").kind, RangeKind::kNone);
}

TEST(IsNotModifiedTest, ComparesEachTag) {
  for (const char* header : {"\"a\"", "\"x\", \"a\"", "W/\"a\"", "*"})
    EXPECT_TRUE(is_not_modified(with("If-None-Match", header), "\"a\"")) << header;
  for (const char* header : {"\"b\"", "a", ""})
    EXPECT_FALSE(is_not_modified(with("If-None-Match", header), "\"a\"")) << header;
}

}  // namespace
}  // namespace every::gateway
