#include "places.h"

#include <map>

#include <gtest/gtest.h>

namespace every::cli {
namespace {

Environment environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

TEST(PlacesTest, AreTheUsersOwnByDefault) {
  const auto places = find_places(std::nullopt, environment({{"HOME", "/home/gary"}}));
  ASSERT_TRUE(places);
  EXPECT_EQ(places->home, "/home/gary/.local/share/every");
  EXPECT_EQ(places->cache, "/home/gary/.cache/every");
  EXPECT_EQ(places->settings_files,
            (std::vector<std::filesystem::path>{"/home/gary/.config/homestar/settings.toml",
                                                "/home/gary/.config/every/homestar.toml"}));
}

TEST(PlacesTest, FollowTheXdgVariables) {
  const auto places = find_places(std::nullopt, environment({{"HOME", "/h"},
                                                             {"XDG_DATA_HOME", "/data"},
                                                             {"XDG_CACHE_HOME", "/cache"},
                                                             {"XDG_CONFIG_HOME", "/config"}}));
  ASSERT_TRUE(places);
  EXPECT_EQ(places->home, "/data/every");
  EXPECT_EQ(places->cache, "/cache/every");
  EXPECT_EQ(places->settings_files.back(), "/config/every/homestar.toml");
}

TEST(PlacesTest, IgnoreARelativeXdgVariable) {
  EXPECT_EQ(
      find_places(std::nullopt, environment({{"HOME", "/h"}, {"XDG_DATA_HOME", "data"}}))->home,
      "/h/.local/share/every");
}

TEST(PlacesTest, AreAllInTheHomeThatIsGiven) {
  const auto places = find_places("/tmp/x/../node", environment({}));
  ASSERT_TRUE(places);
  EXPECT_EQ(places->home, "/tmp/node");
  EXPECT_EQ(places->cache, "/tmp/node/cache");
  EXPECT_EQ(places->settings_files,
            (std::vector<std::filesystem::path>{"/tmp/node/homestar.toml"}));
  EXPECT_EQ(places->socket(), "/tmp/node/every.sock");
}

TEST(PlacesTest, SayWhatToDoWithoutAHome) {
  const auto places = find_places(std::nullopt, environment({}));
  ASSERT_FALSE(places);
  EXPECT_NE(places.error().message.find("--home"), std::string::npos);
}

}  // namespace
}  // namespace every::cli
