#include "arguments.h"

#include <gtest/gtest.h>

namespace every::cli {
namespace {

template <typename T>
T parse_as(std::vector<std::string> words) {
  Command command = parse_arguments(std::move(words));
  const auto* message = std::get_if<Message>(&command);
  EXPECT_TRUE(std::holds_alternative<T>(command)) << (message ? message->text : "another command");
  return std::holds_alternative<T>(command) ? std::get<T>(std::move(command)) : T{};
}

TEST(ArgumentsTest, MeanDevWithoutAVerb) {
  EXPECT_TRUE(parse_as<DevCommand>({}).node.functions.empty());
  EXPECT_EQ(parse_as<DevCommand>({"--fn", "math.wasm"}).node.functions,
            (std::vector<std::string>{"math.wasm"}));
  EXPECT_EQ(parse_as<DevCommand>({"hello.wasm"}).node.functions,
            (std::vector<std::string>{"hello.wasm"}));
}

TEST(ArgumentsTest, IgnoreALeadingCli) {
  EXPECT_EQ(parse_as<DevCommand>({"cli", "dev", "hello.wasm"}).node.functions,
            (std::vector<std::string>{"hello.wasm"}));
}

TEST(ArgumentsTest, TakeFnAgainAndPositionalFilesToo) {
  const auto dev = parse_as<DevCommand>({"dev", "--fn", "a.wasm", "c.wasm", "--fn", "b.wasm"});
  EXPECT_EQ(dev.node.functions, (std::vector<std::string>{"a.wasm", "b.wasm", "c.wasm"}));
}

TEST(ArgumentsTest, ReadTheOptionsOfDev) {
  const auto dev = parse_as<DevCommand>({"dev", "--debug", "--port", "3100", "--host", "::1",
                                         "--home", "/h", "--config", "c.toml", "--workers", "0",
                                         "--durability", "relaxed", "--log-format", "json"});
  EXPECT_EQ(dev.nonces, gateway::Nonces::kRandom);
  EXPECT_EQ(dev.port, 3100);
  EXPECT_EQ(dev.host, "::1");
  EXPECT_EQ(dev.node.home, "/h");
  EXPECT_EQ(dev.node.config, "c.toml");
  EXPECT_EQ(dev.node.workers, 0u);
  EXPECT_EQ(dev.node.durability, settings::Durability::kRelaxed);
  EXPECT_EQ(dev.node.log_format, core::LogFormat::kJson);
}

TEST(ArgumentsTest, LeaveWhatIsNotSaidToTheSettings) {
  const auto dev = parse_as<DevCommand>({"dev"});
  EXPECT_FALSE(dev.port);
  EXPECT_FALSE(dev.node.workers);
  EXPECT_FALSE(dev.node.durability);
  EXPECT_EQ(dev.nonces, gateway::Nonces::kNone);
}

TEST(ArgumentsTest, ReadARun) {
  const auto run =
      parse_as<RunCommand>({"run", "add.json", "--fn", "math.wasm", "--fresh", "--json"});
  EXPECT_EQ(run.workflow, "add.json");
  EXPECT_EQ(run.node.functions, (std::vector<std::string>{"math.wasm"}));
  EXPECT_EQ(run.reuse, runtime::Reuse::kFresh);
  EXPECT_EQ(run.output, Output::kJson);
}

TEST(ArgumentsTest, ReadACallWithNegativeNumbers) {
  const auto call = parse_as<CallCommand>({"call", "add", "-4.4", "b=-1", "--fn", "math.wasm"});
  EXPECT_EQ(call.function, "add");
  EXPECT_EQ(call.arguments, (std::vector<std::string>{"-4.4", "b=-1"}));
  EXPECT_EQ(call.node.functions, (std::vector<std::string>{"math.wasm"}));
}

TEST(ArgumentsTest, ReadRuns) {
  EXPECT_EQ(parse_as<RunsCommand>({"runs", "--limit", "3"}).limit, 3u);
}

TEST(ArgumentsTest, ShowTheVersion) {
  const auto message = parse_as<Message>({"--version"});
  EXPECT_TRUE(message.text.starts_with("every, ")) << message.text;
  EXPECT_EQ(message.exit_code, 0);
}

TEST(ArgumentsTest, ShowHelpWithExamples) {
  const auto message = parse_as<Message>({"--help"});
  EXPECT_NE(message.text.find("every run add.json"), std::string::npos);
  EXPECT_EQ(message.exit_code, 0);
}

TEST(ArgumentsTest, ShowTheHelpOfAVerb) {
  EXPECT_NE(parse_as<Message>({"dev", "--help"}).text.find("--debug"), std::string::npos);
  EXPECT_NE(parse_as<Message>({"run", "--help"}).text.find("--fresh"), std::string::npos);
}

class WrongUseTest : public ::testing::TestWithParam<std::vector<std::string>> {};

TEST_P(WrongUseTest, IsToldWithExitCode64) {
  const auto message = parse_as<Message>(GetParam());
  EXPECT_EQ(message.exit_code, 64);
  EXPECT_TRUE(message.text.starts_with("error: ")) << message.text;
  EXPECT_NE(message.text.find("--help"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(CommandLines, WrongUseTest,
                         ::testing::Values(std::vector<std::string>{"dev", "--nosuch"},
                                           std::vector<std::string>{"dev", "--port", "70000"},
                                           std::vector<std::string>{"dev", "--port", "many"},
                                           std::vector<std::string>{"run"},
                                           std::vector<std::string>{"dev", "--durability", "maybe"},
                                           std::vector<std::string>{"runs", "--limit", "0"}));

}  // namespace
}  // namespace every::cli
