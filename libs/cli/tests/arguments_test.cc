#include "arguments.h"

#include "verb_table.h"
#include "verbs/backup.h"
#include "verbs/call.h"
#include "verbs/car.h"
#include "verbs/dev.h"
#include "verbs/forget.h"
#include "verbs/query.h"
#include "verbs/run.h"
#include "verbs/runs.h"
#include "verbs/verify.h"
#include <gtest/gtest.h>

namespace every::cli {
namespace {

Message message_of(std::vector<std::string> words) {
  Command command = parse_arguments(std::move(words));
  const auto* message = std::get_if<Message>(&command);
  EXPECT_NE(message, nullptr) << "a verb instead of a message";
  return message ? *message : Message{};
}

template <typename T>
T parse_as(std::vector<std::string> words) {
  Command command = parse_arguments(std::move(words));
  if (const auto* message = std::get_if<Message>(&command)) {
    ADD_FAILURE() << message->text;
    return {};
  }
  auto* verb = dynamic_cast<T*>(std::get<Invocation>(command).verb.get());
  EXPECT_NE(verb, nullptr) << "another verb";
  return verb ? *verb : T{};
}

TEST(ArgumentsTest, MeanDevWithoutAVerb) {
  EXPECT_TRUE(parse_as<DevVerb>({}).node.functions.empty());
  EXPECT_EQ(parse_as<DevVerb>({"--fn", "math.wasm"}).node.functions,
            (std::vector<std::string>{"math.wasm"}));
  EXPECT_EQ(parse_as<DevVerb>({"hello.wasm"}).node.functions,
            (std::vector<std::string>{"hello.wasm"}));
}

TEST(ArgumentsTest, ReadWhatGoesFromMachineToMachine) {
  const auto out = parse_as<CarExportVerb>({"car", "export", "a", "b", "-o", "x.car", "--partial"});
  EXPECT_EQ(out.what, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(out.out, "x.car");
  EXPECT_EQ(out.missing, CarExportVerb::Missing::kLeaveOut);
  const auto in = parse_as<CarImportVerb>({"car", "import", "-", "--trust"});
  EXPECT_EQ(in.file, "-");
  EXPECT_EQ(in.trust, CarImportVerb::Trust::kMyWord);
  const auto verify = parse_as<VerifyVerb>({"verify", "--all", "--sample", "5%", "--profile", "1"});
  EXPECT_EQ(verify.scope, VerifyVerb::Scope::kAll);
  EXPECT_EQ(verify.profile, 1u);
  EXPECT_EQ(parse_as<ForgetVerb>({"forget", "a", "--dependants"}).dependants,
            ForgetVerb::Dependants::kForgetToo);
}

TEST(ArgumentsTest, ReadWhatIsCopiedAndAsked) {
  EXPECT_EQ(parse_as<BackupVerb>({"backup", "x", "--with-keys"}).keys, BackupVerb::Keys::kInclude);
  EXPECT_EQ(parse_as<RestoreVerb>({"restore", "x"}).folder, "x");
  const auto query = parse_as<QueryVerb>({"query", "SELECT 1", "--csv", "--limit=5"});
  EXPECT_EQ(query.question, "SELECT 1");
  EXPECT_EQ(query.form, QueryVerb::Form::kCsv);
  EXPECT_EQ(query.limit, 5u);
  EXPECT_FALSE(parse_as<QueryVerb>({"query"}).question);
}

TEST(ArgumentsTest, NodesElsewhereAreAskedWhereNoFilesOfTheirsAreMeant) {
  EXPECT_EQ(parse_as<VerifyVerb>({"verify", "--all", "--node", "http://x:3000"}).node.remote.node,
            "http://x:3000");
  EXPECT_EQ(parse_as<ForgetVerb>({"forget", "a", "--node", "http://x:3000"}).node.remote.node,
            "http://x:3000");
  for (const char* verb : {"export", "import"}) {
    const Message message = message_of({"car", verb, "a", "--node", "http://x:3000"});
    EXPECT_NE(message.text.find("run it on the node's"), std::string::npos) << message.text;
  }
}

TEST(ArgumentsTest, AShareIsAPartOrAPercentage) {
  EXPECT_EQ(*parse_share("5%"), 0.05);
  EXPECT_EQ(*parse_share("0.25"), 0.25);
  EXPECT_EQ(*parse_share("100%"), 1.0);
  for (const char* text : {"0", "5", "101%", "-1%", "%", "", "x", "5 %", "nan"})
    EXPECT_FALSE(parse_share(text)) << text;
}

TEST(ArgumentsTest, IgnoreALeadingCli) {
  EXPECT_EQ(parse_as<DevVerb>({"cli", "dev", "hello.wasm"}).node.functions,
            (std::vector<std::string>{"hello.wasm"}));
}

TEST(ArgumentsTest, TakeFnAgainAndPositionalFilesToo) {
  const auto dev = parse_as<DevVerb>({"dev", "--fn", "a.wasm", "c.wasm", "--fn", "b.wasm"});
  EXPECT_EQ(dev.node.functions, (std::vector<std::string>{"a.wasm", "b.wasm", "c.wasm"}));
}

TEST(ArgumentsTest, ReadTheOptionsOfDev) {
  const auto dev = parse_as<DevVerb>({"dev", "--debug", "--port", "3100", "--host", "::1", "--home",
                                      "/h", "--config", "c.toml", "--workers", "0", "--durability",
                                      "relaxed", "--log-format", "json"});
  EXPECT_EQ(dev.nonces, gateway::Nonces::kRandom);
  EXPECT_EQ(dev.port, 3100);
  EXPECT_EQ(dev.access.host, "::1");
  EXPECT_EQ(dev.node.home, "/h");
  EXPECT_EQ(dev.node.config, "c.toml");
  EXPECT_EQ(dev.node.workers, 0u);
  EXPECT_EQ(dev.node.durability, settings::Durability::kRelaxed);
  EXPECT_EQ(dev.node.log_format, core::LogFormat::kJson);
}

TEST(ArgumentsTest, LeaveWhatIsNotSaidToTheSettings) {
  const auto dev = parse_as<DevVerb>({"dev"});
  EXPECT_FALSE(dev.port);
  EXPECT_FALSE(dev.node.workers);
  EXPECT_FALSE(dev.node.durability);
  EXPECT_EQ(dev.nonces, gateway::Nonces::kNone);
}

TEST(ArgumentsTest, ReadARun) {
  const auto run = parse_as<RunVerb>({"run", "add.json", "--fn", "math.wasm", "--fresh", "--json"});
  EXPECT_EQ(run.workflow, "add.json");
  EXPECT_EQ(run.node.functions, (std::vector<std::string>{"math.wasm"}));
  EXPECT_EQ(run.reuse, runtime::Reuse::kFresh);
  EXPECT_EQ(run.output, Output::kJson);
}

TEST(ArgumentsTest, ReadACallWithNegativeNumbers) {
  const auto call = parse_as<CallVerb>({"call", "add", "-4.4", "b=-1", "--fn", "math.wasm"});
  EXPECT_EQ(call.function, "add");
  EXPECT_EQ(call.arguments, (std::vector<std::string>{"-4.4", "b=-1"}));
  EXPECT_EQ(call.node.functions, (std::vector<std::string>{"math.wasm"}));
}

TEST(ArgumentsTest, ReadRuns) {
  EXPECT_EQ(parse_as<RunsVerb>({"runs", "--limit", "3"}).limit, 3u);
}

TEST(ArgumentsTest, ShowTheVersion) {
  const auto message = message_of({"--version"});
  EXPECT_TRUE(message.text.starts_with("every, ")) << message.text;
  EXPECT_EQ(message.exit_code, 0);
}

TEST(ArgumentsTest, ShowHelpWithExamples) {
  const auto message = message_of({"--help"});
  EXPECT_NE(message.text.find("every run add.json"), std::string::npos);
  EXPECT_EQ(message.exit_code, 0);
}

TEST(ArgumentsTest, ShowTheHelpOfAVerb) {
  EXPECT_NE(message_of({"dev", "--help"}).text.find("--debug"), std::string::npos);
  EXPECT_NE(message_of({"run", "--help"}).text.find("--fresh"), std::string::npos);
}

class WrongUseTest : public ::testing::TestWithParam<std::vector<std::string>> {};

TEST_P(WrongUseTest, IsToldWithExitCode64) {
  const auto message = message_of(GetParam());
  EXPECT_EQ(message.exit_code, 64);
  EXPECT_TRUE(message.text.starts_with("error: ")) << message.text;
  EXPECT_NE(message.text.find("--help"), std::string::npos);
}

TEST(ArgumentsTest, NameTheNearestVerbAndOption) {
  EXPECT_NE(message_of({"rnu", "add.json"}).text.find("did you mean every run?"),
            std::string::npos);
  EXPECT_NE(message_of({"run", "a.json", "--frehs"}).text.find("did you mean --fresh?"),
            std::string::npos);
  EXPECT_NE(message_of({"dev", "--durability", "durabel"}).text.find("did you mean durable?"),
            std::string::npos);
}

TEST(ArgumentsTest, TakeAValueBehindAnEqualsSign) {
  EXPECT_EQ(parse_as<DevVerb>({"dev", "--fn=a=b.wasm"}).node.functions,
            (std::vector<std::string>{"a=b.wasm"}));
}

TEST(ArgumentsTest, TakeWordsForOptionsNoMoreAfterTwoDashes) {
  EXPECT_EQ(parse_as<CallVerb>({"call", "shout", "--", "--fresh"}).arguments,
            (std::vector<std::string>{"--fresh"}));
}

TEST(ArgumentsTest, HaveAnExampleInTheHelpOfEachVerb) {
  for (const VerbInfo* verb : verb_table()) {
    std::vector<std::string> words{std::string(verb->name), "--help"};
    if (const auto blank = words[0].find(' '); blank != std::string::npos)
      words = {words[0].substr(0, blank), words[0].substr(blank + 1), "--help"};
    const std::string help = message_of(words).text;
    EXPECT_NE(help.find("Usage: every " + std::string(verb->name)), std::string::npos) << help;
    EXPECT_NE(help.find("Examples:\n  "), std::string::npos) << help;
  }
}

INSTANTIATE_TEST_SUITE_P(CommandLines, WrongUseTest,
                         ::testing::Values(std::vector<std::string>{"dev", "--nosuch"},
                                           std::vector<std::string>{"dev", "--port", "70000"},
                                           std::vector<std::string>{"dev", "--port", "many"},
                                           std::vector<std::string>{"run"},
                                           std::vector<std::string>{"run", "a.json", "b.json"},
                                           std::vector<std::string>{"dev", "--debug=1"},
                                           std::vector<std::string>{"dev", "--home"},
                                           std::vector<std::string>{"dev", "--fn", "--debug"},
                                           std::vector<std::string>{"nosuchverb"},
                                           std::vector<std::string>{"dev", "--durability", "maybe"},
                                           std::vector<std::string>{"runs", "--limit", "0"}));

}  // namespace
}  // namespace every::cli
