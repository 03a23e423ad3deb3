#include "panel.h"

#include <gtest/gtest.h>

namespace every::cli {
namespace {

TEST(PanelTest, MakesColumnsAsWideAsTheTitleNeeds) {
  EXPECT_EQ(render_panel("a long title", {{"a", "b"}, {"1", "2"}}, Paint::kNone),
            "┌──────────────┐\n"
            "│ a long title │\n"
            "├───────┬──────┤\n"
            "│ a     │ b    │\n"
            "├───────┼──────┤\n"
            "│ 1     │ 2    │\n"
            "└───────┴──────┘\n");
}

TEST(PanelTest, CountsCharactersAndNotBytes) {
  EXPECT_EQ(render_panel(panel_title("x"), {{"é"}}, Paint::kNone),
            "┌─────────────────────┐\n"
            "│ homestar(╯°□°)╯ - x │\n"
            "├─────────────────────┤\n"
            "│ é                   │\n"
            "└─────────────────────┘\n");
}

TEST(PanelTest, PutsCellsOfSeveralLinesSideBySide) {
  EXPECT_EQ(render_grid({{"one\ntwo", "x"}}),
            "+-----+---+\n"
            "| one | x |\n"
            "| two |   |\n"
            "+-----+---+");
}

TEST(PanelTest, PaintsTheLinesAndNothingElse) {
  EXPECT_EQ(render_panel("t", {{"a"}}, Paint::kLines),
            "\x1b[37m┌───┐\x1b[39m\n"
            "\x1b[37m│\x1b[39m t \x1b[37m│\x1b[39m\n"
            "\x1b[37m├───┤\x1b[39m\n"
            "\x1b[37m│\x1b[39m a \x1b[37m│\x1b[39m\n"
            "\x1b[37m└───┘\x1b[39m\n");
}

}  // namespace
}  // namespace every::cli
