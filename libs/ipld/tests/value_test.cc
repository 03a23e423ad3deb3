#include "every/ipld/value.h"

#include <gtest/gtest.h>

namespace every::ipld {
namespace {

TEST(IntegerTest, RendersItsWholeRange) {
  const std::vector<std::pair<Integer, std::string>> cases{
      {0, "0"},
      {-1, "-1"},
      {INT64_MAX, "9223372036854775807"},
      {INT64_MIN, "-9223372036854775808"},
      {Integer::from_unsigned(UINT64_MAX), "18446744073709551615"},
      {Integer::from_negative(UINT64_MAX), "-18446744073709551616"},
  };
  for (const auto& [integer, text] : cases) EXPECT_EQ(integer.render(), text);
}

TEST(IntegerTest, ConvertsOnlyWhereItFits) {
  EXPECT_EQ(Integer(INT64_MIN).as_int64(), INT64_MIN);
  EXPECT_EQ(Integer::from_unsigned(1ULL << 63).as_int64(), std::nullopt);
  EXPECT_EQ(Integer::from_negative(1ULL << 63).as_int64(), std::nullopt);
  EXPECT_EQ(Integer::from_unsigned(UINT64_MAX).as_uint64(), UINT64_MAX);
  EXPECT_EQ(Integer(-1).as_uint64(), std::nullopt);
  EXPECT_EQ(Integer::from_negative(UINT64_MAX).as_double(), -18446744073709551616.0);
}

TEST(IntegerTest, IsOrderedByValue) {
  const std::vector<Integer> ordered{Integer::from_negative(UINT64_MAX), INT64_MIN, -1, 0, 1,
                                     Integer::from_unsigned(UINT64_MAX)};
  for (std::size_t a = 0; a < ordered.size(); ++a) {
    for (std::size_t b = 0; b < ordered.size(); ++b) EXPECT_EQ(ordered[a] < ordered[b], a < b);
  }
}

TEST(MapTest, KeepsItsKeysInBytewiseOrder) {
  Map map;
  for (const char* key : {"b", "aa", "\xc3\xa9", "a", "B"}) map.set(key, 1);
  std::vector<std::string> keys;
  for (const MapEntry& entry : map) keys.push_back(entry.key);
  EXPECT_EQ(keys, (std::vector<std::string>{"B", "a", "aa", "b", "\xc3\xa9"}));
}

TEST(MapTest, FindsReplacesAndErases) {
  Map map{{"a", 1}, {"b", 2}};
  map.set("a", 3);
  EXPECT_EQ(*map.find("a"), Value(3));
  EXPECT_FALSE(map.insert("a", 4));
  EXPECT_EQ(*map.find("a"), Value(3));
  EXPECT_TRUE(map.insert("c", 5));
  map.erase("a");
  map.erase("not there");
  EXPECT_EQ(map.find("a"), nullptr);
  EXPECT_EQ(map.size(), 2);
}

TEST(MapTest, IsMadeOfEntriesInAnyOrder) {
  EXPECT_EQ(Map::from_entries({{"b", 2}, {"a", 1}}), (Map{{"a", 1}, {"b", 2}}));
}

TEST(MapTest, NamesAKeyThatComesTwice) {
  const auto map = Map::from_entries({{"b", 2}, {"a", 1}, {"b", 3}});
  ASSERT_FALSE(map.has_value());
  EXPECT_EQ(map.error().code, core::ErrorCode::kMalformed);
  EXPECT_EQ(map.error().message, "the key \"b\" comes twice");
}

TEST(ValueTest, KnowsItsKind) {
  const std::vector<std::pair<Value, std::string_view>> cases{
      {Value(), "null"},
      {nullptr, "null"},
      {true, "bool"},
      {1, "integer"},
      {1.0, "float"},
      {"text", "string"},
      {core::Bytes{1}, "bytes"},
      {List{1, 2}, "list"},
      {Map{{"a", 1}}, "map"},
      {Cid::of(Codec::kRaw, HashCode::kSha2_256, {}), "link"},
  };
  for (const auto& [value, name] : cases) EXPECT_EQ(kind_name(value.kind()), name);
}

TEST(ValueTest, TellsIntegersFromFloats) {
  EXPECT_NE(Value(2), Value(2.0));
  EXPECT_EQ(Value(0.0), Value(-0.0));
  EXPECT_EQ(Value(2).if_float(), nullptr);
}

}  // namespace
}  // namespace every::ipld
