#include "homestar_face.h"

#include "control.h"
#include "face.h"
#include "verbs/homestar_run.h"
#include "verbs/init.h"
#include "verbs/ping.h"
#include "verbs/start.h"
#include <gtest/gtest.h>

namespace every::cli {
namespace {

using std::chrono::milliseconds;

Message message_of(const std::vector<std::string>& words) {
  Command command = parse_homestar(words);
  const auto* message = std::get_if<Message>(&command);
  EXPECT_NE(message, nullptr) << "a verb instead of a message";
  return message ? *message : Message{};
}

template <typename T>
std::unique_ptr<T> parse_as(const std::vector<std::string>& words) {
  Command command = parse_homestar(words);
  if (const auto* message = std::get_if<Message>(&command)) {
    ADD_FAILURE() << message->text;
    return std::make_unique<T>();
  }
  auto verb = std::move(std::get<Invocation>(command).verb);
  EXPECT_NE(dynamic_cast<T*>(verb.get()), nullptr) << "another verb";
  return std::unique_ptr<T>(dynamic_cast<T*>(verb.release()));
}

TEST(FaceTest, IsKnownByTheProgramsName) {
  EXPECT_EQ(face_of("homestar"), Face::kHomestar);
  EXPECT_EQ(face_of("/usr/local/bin/homestar"), Face::kHomestar);
  EXPECT_EQ(face_of("build/release/every"), Face::kEvery);
  EXPECT_EQ(face_of("homestar/every"), Face::kEvery);
}

TEST(HomestarFaceTest, TakesLettersWithTheirValuesInEachForm) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"ping", "-p", "3999"},
                                                                 {"ping", "-p3999"},
                                                                 {"ping", "-p=3999"},
                                                                 {"ping", "--port=3999"}})
    EXPECT_EQ(parse_as<PingVerb>(words)->rpc.port, 3999);
}

TEST(HomestarFaceTest, KnowsTheOriginalsDefaults) {
  const auto ping = parse_as<PingVerb>({"ping"});
  EXPECT_EQ(ping->rpc.host, "::1");
  EXPECT_EQ(ping->rpc.timeout, milliseconds(60'000));
  EXPECT_EQ(ping->face, Face::kHomestar);
}

TEST(HomestarFaceTest, FindsHelpAmongLetters) {
  EXPECT_EQ(message_of({"ping", "-hp"}).exit_code, 0);
}

TEST(HomestarFaceTest, TakesSeveralLettersInOneWord) {
  const auto init = parse_as<InitVerb>({"init", "-qf", "-o", "x.toml"});
  EXPECT_EQ(init->talk, InitVerb::Talk::kQuiet);
  EXPECT_EQ(init->existing, InitVerb::Existing::kReplace);
  EXPECT_EQ(init->path, "x.toml");
}

TEST(HomestarFaceTest, TakesAKeyWithoutItsValue) {
  EXPECT_EQ(parse_as<InitVerb>({"init", "--key-file", "--force"})->key_file, "homestar.pem");
  EXPECT_EQ(parse_as<InitVerb>({"init", "--key-seed"})->key_seed, "random");
  EXPECT_EQ(parse_as<InitVerb>({"init", "--key-seed", "abc="})->key_seed, "abc=");
}

TEST(HomestarFaceTest, ReadsTheOptionsOfStart) {
  const auto start =
      parse_as<StartVerb>({"start", "-c", "s.toml", "--db", "x.db", "-d", "--daemon_dir", "/run"});
  EXPECT_EQ(start->node.config, "s.toml");
  EXPECT_EQ(start->db, "x.db");
  EXPECT_EQ(start->place, StartVerb::Place::kDaemon);
  EXPECT_EQ(start->daemon_folder, "/run");
}

TEST(HomestarFaceTest, ReadsTheOptionsOfRun) {
  const auto run =
      parse_as<HomestarRunVerb>({"run", "-n", "mine", "--timeout", "1m 30s", "w.json"});
  EXPECT_EQ(run->name, "mine");
  EXPECT_EQ(run->file, "w.json");
  EXPECT_EQ(run->rpc.timeout, milliseconds(90'000));
}

struct Wrong {
  std::string name;
  std::vector<std::string> words;
  std::string first_line;
  std::string says;
};
struct HomestarWrongUseTest : ::testing::TestWithParam<Wrong> {};

TEST_P(HomestarWrongUseTest, BeginsAsTheOriginalDoesAndSaysMore) {
  const Message message = message_of(GetParam().words);
  EXPECT_EQ(message.exit_code, 2);
  EXPECT_EQ(message.text.substr(0, message.text.find('\n')), GetParam().first_line);
  EXPECT_NE(message.text.find(GetParam().says), std::string::npos) << message.text;
}

INSTANTIATE_TEST_SUITE_P(
    All, HomestarWrongUseTest,
    ::testing::Values(
        Wrong{"Command", {"pign"}, "error: unrecognized subcommand", "did you mean homestar ping?"},
        Wrong{"HelpOfNothing", {"help", "x"}, "error: unrecognized subcommand", "'x'"},
        Wrong{"Option", {"start", "--confg", "x"}, "error: unexpected argument found", "--config"},
        Wrong{"Letter", {"stop", "-x"}, "error: unexpected argument found", "-x"},
        Wrong{"TopOption", {"--bogus"}, "error: unexpected argument found", "--bogus"},
        Wrong{"VersionOfAVerb", {"start", "-V"}, "error: unexpected argument found", "-V"},
        Wrong{"Word", {"ping", "more"}, "error: unexpected argument found", "'more'"},
        Wrong{"File", {"run"}, "error: one or more required arguments were not provided", "FILE"},
        Wrong{"NoValue",
              {"start", "--db"},
              "error: one of the values isn't valid for an argument",
              "--db needs a value"},
        Wrong{"Choice",
              {"init", "--key-type", "rsa"},
              "error: one of the values isn't valid for an argument",
              "ed25519"},
        Wrong{"Number",
              {"ping", "-p", "99999"},
              "error: invalid value for one of the arguments",
              "65535"},
        Wrong{"Address",
              {"ping", "--host", "here"},
              "error: invalid value for one of the arguments",
              "IP address"},
        Wrong{"Time",
              {"ping", "--timeout", "60"},
              "error: invalid value for one of the arguments",
              "60s"},
        Wrong{"Clash",
              {"init", "-o", "x", "--dry-run"},
              "error: an argument cannot be used with one or more of the other specified arguments",
              "--output and --dry-run"},
        Wrong{"ValueOfAFlag",
              {"start", "--daemonize=true"},
              "error: unexpected value for an argument found",
              "--daemonize takes no value"},
        Wrong{"NegativeNumber",
              {"ping", "-p", "-1"},
              "error: unexpected argument found",
              "--port needs a value"},
        Wrong{
            "WordBeforeHelp", {"start", "x", "--help"}, "error: unexpected argument found", "'x'"},
        Wrong{"HelpOfMore", {"help", "info", "x"}, "error: unrecognized subcommand", "'x'"},
        Wrong{"Twice",
              {"start", "--db", "a", "--db", "b"},
              "error: an argument cannot be used with one or more of the other specified arguments",
              "twice"}),
    [](const auto& row) { return row.param.name; });

TEST(HomestarFaceTest, ReportsAnErrorWrappedAsTheOriginalDoes) {
  EXPECT_EQ(render_homestar_error({core::ErrorCode::kInvalidArgument,
                                   "Aborting... cannot prompt for key in non-interactive mode. "
                                   "Pass `--key-file <KEY_FILE>` or `--key-seed [<KEY_SEED>]` to "
                                   "configure the key.",
                                   {}}),
            "Error:   × Aborting... cannot prompt for key in non-interactive mode. Pass `--key-\n"
            "  │ file <KEY_FILE>` or `--key-seed [<KEY_SEED>]` to configure the key.\n\n");
}

TEST(HomestarFaceTest, PutsTheCauseBelow) {
  EXPECT_EQ(render_homestar_error({core::ErrorCode::kIo, "it broke", {{"cause", "the disk"}}}),
            "Error:   × it broke\n  ╰─▶ the disk\n\n");
}

TEST(DurationTest, ReadsTimes) {
  EXPECT_EQ(parse_duration("60s"), milliseconds(60'000));
  EXPECT_EQ(parse_duration("1h 1m 1s 1ms"), milliseconds(3'661'001));
  EXPECT_EQ(parse_duration("2days"), milliseconds(172'800'000));
}

TEST(DurationTest, RefusesWhatIsNone) {
  for (const char* text : {"", "60", "s", "-1s", "1x", "99999999999999d", "1s bogus"})
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
}

}  // namespace
}  // namespace every::cli
