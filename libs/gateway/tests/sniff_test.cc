#include "sniff.h"

#include <gtest/gtest.h>

namespace every::gateway {
namespace {

using namespace std::string_view_literals;

struct Row {
  std::string_view name;
  std::string_view bytes;
  std::string_view type;
};

class SniffTest : public ::testing::TestWithParam<Row> {};

TEST_P(SniffTest, TellsTheTypeByTheFirstBytes) {
  EXPECT_EQ(sniff_bytes(core::as_bytes(GetParam().bytes)), GetParam().type);
}

INSTANTIATE_TEST_SUITE_P(
    Formats, SniffTest,
    ::testing::Values(Row{"png", "\x89PNG\r\n\x1a\n\0\0"sv, "image/png"},
                      Row{"jpeg", "\xff\xd8\xff\xe0"sv, "image/jpeg"},
                      Row{"gif87", "GIF87a.."sv, "image/gif"},
                      Row{"gif89", "GIF89a.."sv, "image/gif"},
                      Row{"webp", "RIFF\x10\0\0\0WEBPVP8 "sv, "image/webp"},
                      Row{"wave_is_not_webp", "RIFF\x10\0\0\0WAVEfmt "sv,
                          "application/octet-stream"},
                      Row{"pdf", "%PDF-1.7"sv, "application/pdf"},
                      Row{"wasm", "\0asm\1\0\0\0"sv, "application/wasm"},
                      Row{"svg", "<svg xmlns=\"http://www.w3.org/2000/svg\">"sv, "image/svg+xml"},
                      Row{"html", "<!doctype html><html>"sv, "application/octet-stream"},
                      Row{"empty", ""sv, "application/octet-stream"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(SvgTest, IsFoundAfterDeclarationsAndComments) {
  EXPECT_TRUE(
      is_svg("<?xml version=\"1.0\"?>\n<!-- made by hand -->\n<!DOCTYPE svg PUBLIC \"x\">\n<svg "
             "width=\"1\"/>"));
}
TEST(SvgTest, IsNotWhatOnlyHoldsOne) {
  EXPECT_FALSE(is_svg("<p><svg/></p>"));
  EXPECT_FALSE(is_svg("<svgfoo>"));
  EXPECT_FALSE(is_svg("<!-- never closed <svg>"));
}

}  // namespace
}  // namespace every::gateway
