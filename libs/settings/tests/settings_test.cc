#include "every/settings/settings.h"

#include <algorithm>

#include "schema.h"
#include <gtest/gtest.h>

namespace every::settings {
namespace {

using core::ErrorCode;

Settings read(std::string_view text) {
  auto parsed = parse(text, "/etc/every/homestar.toml");
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? parsed->settings : Settings{};
}

std::string error_of(std::string_view text) {
  const auto parsed = parse(text, "homestar.toml");
  return parsed ? "no error" : parsed.error().message;
}

TEST(SettingsTest, AreTheOriginalsWithoutAFile) {
  const Settings settings = read("");
  EXPECT_EQ(settings.metrics_port, 4020);
  EXPECT_EQ(settings.rpc_port, 9820);
  EXPECT_EQ(settings.webserver_port, 8020);
  EXPECT_EQ(settings.ipfs_port, 5001);
  EXPECT_EQ(settings.keypair.source, Keypair::Source::kRandom);
}

TEST(SettingsTest, ChangesOnlyWhatTheFileSays) {
  const Settings settings = read("[node.network.ipfs]\nport = 5002\n");
  EXPECT_EQ(settings.ipfs_port, 5002);
  EXPECT_EQ(settings.ipfs_host, "127.0.0.1");
  EXPECT_EQ(settings.webserver_port, 8020);
}

TEST(SettingsTest, ReadsOneFileOverAnother) {
  const auto first = parse("[node.network]\nipfs.port = 5002\nrpc.port = 1", "a.toml");
  ASSERT_TRUE(first);
  const auto second = parse("[node.network]\nrpc.port = 2", "b.toml", first->settings);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->settings.ipfs_port, 5002);
  EXPECT_EQ(second->settings.rpc_port, 2);
}

TEST(SettingsTest, ReadsOurOwnTable) {
  const Settings settings = read(
      "[every]\nport = 3100\nhost = \"::1\"\ndurability = \"relaxed\"\nworkers = 0\nlimits = { "
      "body_bytes = 2048, run_time = 60, guest_memory = 4096, compile_time = 7 }");
  EXPECT_EQ(settings.port, 3100);
  EXPECT_EQ(settings.host, "::1");
  EXPECT_EQ(settings.durability, Durability::kRelaxed);
  EXPECT_EQ(settings.workers, 0u);
  EXPECT_EQ(settings.body_bytes, 2048u);
  EXPECT_EQ(settings.run_time, std::chrono::seconds(60));
  EXPECT_EQ(settings.guest_bytes, 4096u);
  EXPECT_EQ(settings.compile_time, std::chrono::seconds(7));
}

TEST(SettingsTest, ReadsTheNodesOwnKeys) {
  const Settings settings = read(
      "[node]\ngc_interval = 60\nshutdown_timeout = 3\n[node.db]\nurl = \"x.db\"\nmax_pool_size = "
      "7");
  EXPECT_EQ(settings.gc_interval, std::chrono::seconds(60));
  EXPECT_EQ(settings.shutdown_timeout, std::chrono::seconds(3));
  EXPECT_EQ(settings.db_url, "x.db");
  EXPECT_EQ(settings.db_max_pool_size, 7u);
}

TEST(SettingsTest, TakesAKeysPathFromTheFilesFolder) {
  const Settings settings = read(
      "[node.network.keypair_config]\nexisting = { key_type = \"secp256k1\", path = "
      "\"../keys/node.der\" }");
  EXPECT_EQ(settings.keypair.source, Keypair::Source::kExisting);
  EXPECT_EQ(settings.keypair.type, KeyType::kSecp256k1);
  EXPECT_EQ(settings.keypair.path, "/etc/keys/node.der");
}

TEST(SettingsTest, LeavesAnAbsoluteKeyPathAlone) {
  EXPECT_EQ(read("[node.network]\nkeypair_config = { existing = { path = \"/keys/node.pem\" } }")
                .keypair.path,
            "/keys/node.pem");
}

TEST(SettingsTest, TakesASeedOrAFreshKey) {
  const Settings seeded = read(
      "[node.network.keypair_config]\nrandom_seed = { key_type = \"ed25519\", seed = \"AAAA\" }");
  EXPECT_EQ(seeded.keypair.source, Keypair::Source::kSeed);
  EXPECT_EQ(seeded.keypair.seed, "AAAA");
  EXPECT_EQ(read("[node.network]\nkeypair_config = \"random\"").keypair.source,
            Keypair::Source::kRandom);
}

TEST(SettingsTest, WarnsOfAKeyNobodyKnowsWithTheNearest) {
  const auto parsed = parse("[node.network.ipfs]\nprot = 5002\n", "homestar.toml");
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->warnings.size(), 1u);
  EXPECT_EQ(parsed->warnings[0],
            "homestar.toml:2: nobody knows the key node.network.ipfs.prot; did you mean "
            "node.network.ipfs.port?");
}

TEST(SettingsTest, WarnsOfAKeyWithoutEffect) {
  const auto parsed = parse("[node.network.libp2p.quic]\nenable = false", "homestar.toml");
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->warnings.size(), 1u);
  EXPECT_NE(parsed->warnings[0].find("node.network.libp2p.quic.enable has no effect"),
            std::string::npos);
}

TEST(SettingsTest, SaysNothingOfAKeyWithoutEffectThatHasTheOriginalsValue) {
  const auto parsed = parse(
      "[node.network.libp2p]\nlisten_address = \"/ip4/0.0.0.0/tcp/0\"\nnode_addresses = []\n"
      "quic = { enable = true }",
      "homestar.toml");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->warnings, std::vector<std::string>());
}

struct Row {
  std::string_view name;
  std::string_view text;
  std::string_view message;
};

class WrongSettingsTest : public ::testing::TestWithParam<Row> {};

TEST_P(WrongSettingsTest, AreRefusedWithKeyAndLine) {
  EXPECT_EQ(error_of(GetParam().text), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Values, WrongSettingsTest,
    ::testing::Values(
        Row{"text_for_a_port", "[node.network.webserver]\n\nport = \"8020\"",
            "homestar.toml:3: node.network.webserver.port must be a whole number from 0 to 65535, "
            "not the text \"8020\""},
        Row{"port_out_of_range", "[every]\nport = 70000",
            "homestar.toml:2: every.port must be a whole number from 0 to 65535, not 70000"},
        Row{"fraction", "[node]\ngc_interval = 1.5",
            "homestar.toml:2: node.gc_interval must be a whole number from 0 to 316224000, not "
            "1.5"},
        Row{"number_for_a_host", "[node.network.ipfs]\nhost = 1",
            "homestar.toml:2: node.network.ipfs.host must be a text, not 1"},
        Row{"value_for_a_table", "node = 1", "homestar.toml:1: node must be a table, not 1"},
        Row{"unknown_durability", "[every]\ndurability = \"maybe\"",
            "homestar.toml:2: every.durability: 'maybe' is not one of durable, relaxed and memory"},
        Row{"wrong_type_of_a_key_without_effect", "[node.network.libp2p]\nnode_addresses = [1]",
            "homestar.toml:2: node.network.libp2p.node_addresses must be a list of texts, not a "
            "list"},
        Row{"unknown_key_type",
            "[node.network.keypair_config]\nexisting = { key_type = \"rsa\", path = \"x\" }",
            "homestar.toml:2: node.network.keypair_config: key_type must be \"ed25519\" or "
            "\"secp256k1\""},
        Row{"key_without_path",
            "[node.network.keypair_config]\nexisting = { key_type = \"ed25519\" }",
            "homestar.toml:2: node.network.keypair_config.existing needs the text `path`"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(SettingsTest, SaysWhereAFileIsNotToml) {
  const auto parsed = parse("[node]\nport = = 1", "homestar.toml");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode::kMalformed);
  EXPECT_TRUE(parsed.error().message.starts_with("homestar.toml:2:")) << parsed.error().message;
}

TEST(SettingsTest, RendersAndReadsDurabilities) {
  for (const Durability durability :
       {Durability::kDurable, Durability::kRelaxed, Durability::kMemory}) {
    EXPECT_EQ(parse_durability(render_durability(durability)), durability);
  }
}

TEST(SchemaTest, HasEachKeyOnceAndNoneInsideAnother) {
  for (const Key& a : schema()) {
    for (const Key& b : schema()) {
      if (&a == &b) continue;
      EXPECT_NE(a.path, b.path);
      EXPECT_FALSE(b.path.starts_with(std::string(a.path) + ".")) << a.path << " " << b.path;
    }
  }
}

using Variables = std::vector<std::pair<std::string, std::string>>;

TEST(EnvironmentSettingsTest, ReadsTheOriginalsVariablesOverAFile) {
  const auto file = parse("node.network.ipfs.port = 5002\nnode.db.max_pool_size = 3", "a.toml");
  ASSERT_TRUE(file);
  const auto parsed = parse_environment(
      Variables{{"HOMESTAR__NODE__NETWORK__IPFS__PORT", "5003"}, {"PATH", "/bin"}}, file->settings);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->settings.ipfs_port, 5003);
  EXPECT_EQ(parsed->settings.db_max_pool_size, 3u);
  EXPECT_EQ(parsed->origins.at("node.network.ipfs.port"),
            "environment variable HOMESTAR__NODE__NETWORK__IPFS__PORT");
}

TEST(EnvironmentSettingsTest, ReadsEachShape) {
  const auto parsed = parse_environment(
      Variables{{"HOMESTAR__EVERY__IPFS", "embedded"},
                {"HOMESTAR__EVERY__GATEWAYS", "https://a.example,https://b.example"},
                {"HOMESTAR__EVERY__TOKEN_FILE", "/run/token"},
                {"HOMESTAR__NODE__NETWORK__LIBP2P__MDNS__ENABLE", "false"},
                {"HOMESTAR__NODE__NETWORK__KEYPAIR_CONFIG__EXISTING__PATH", "/etc/key.pem"},
                {"HOMESTAR__NODE__NETWORK__KEYPAIR_CONFIG__EXISTING__KEY_TYPE", "ed25519"}});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->settings.ipfs, Ipfs::kEmbedded);
  EXPECT_EQ(parsed->settings.gateways,
            (std::vector<std::string>{"https://a.example", "https://b.example"}));
  EXPECT_EQ(parsed->settings.token_file, "/run/token");
  EXPECT_EQ(parsed->settings.unused.at("node.network.libp2p.mdns.enable"), "false");
  EXPECT_EQ(parsed->settings.keypair.source, Keypair::Source::kExisting);
  EXPECT_EQ(parsed->settings.keypair.path, "/etc/key.pem");
}

TEST(EnvironmentSettingsTest, RefusesAWrongValueByTheVariablesName) {
  const auto parsed = parse_environment(Variables{{"HOMESTAR__NODE__NETWORK__IPFS__PORT", "many"}});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(
      parsed.error().message,
      "environment variable HOMESTAR__NODE__NETWORK__IPFS__PORT: node.network.ipfs.port must be "
      "a whole number from 0 to 65535, not the text \"many\"");
}

TEST(EnvironmentSettingsTest, WarnsOfAVariableNobodyKnows) {
  const auto parsed = parse_environment(Variables{{"HOMESTAR__NODE__NETWORK__IPFS__PROT", "1"}});
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->warnings.size(), 1u);
  EXPECT_EQ(parsed->warnings[0],
            "environment variable HOMESTAR__NODE__NETWORK__IPFS__PROT: nobody knows the key "
            "node.network.ipfs.prot; did you mean node.network.ipfs.port?");
}

TEST(ShownSettingsTest, SaysWhereEachValueComesFrom) {
  const auto parsed = parse("[node.network]\nipfs.port = 5002\n[every]\nipfs = \"kubo\"", "h.toml");
  ASSERT_TRUE(parsed);
  const auto rows = show(parsed->settings, parsed->origins);
  EXPECT_EQ(rows.size(), schema().size());
  const auto row = [&rows](std::string_view path) {
    return *std::ranges::find(rows, path, &Shown::path);
  };
  EXPECT_EQ(row("node.network.ipfs.port").value, "5002");
  EXPECT_EQ(row("node.network.ipfs.port").origin, "h.toml:2");
  EXPECT_EQ(row("every.ipfs").value, "\"kubo\"");
  EXPECT_EQ(row("node.network.ipfs.host").value, "\"127.0.0.1\"");
  EXPECT_EQ(row("node.network.ipfs.host").origin, "");
  EXPECT_EQ(row("node.network.libp2p.dht.workflow_quorum").value, "3");
  EXPECT_EQ(row("node.network.libp2p.dht.workflow_quorum").effect, Shown::Effect::kNone);
}

TEST(ShownSettingsTest, HidesASeed) {
  const auto parsed = parse(
      "node.network.keypair_config = { random_seed = { key_type = \"ed25519\", seed = \"c2VjcmV0\" "
      "} }",
      "h.toml");
  ASSERT_TRUE(parsed);
  for (const Shown& row : show(parsed->settings, parsed->origins))
    EXPECT_EQ(row.value.find("c2VjcmV0"), std::string::npos);
}

TEST(ShownSettingsTest, ShowsTextThatIsNotUtf8AsJsonAllTheSame) {
  const std::vector<std::pair<std::string, std::string>> variables = {
      {"HOMESTAR__NODE__DB__URL", "a\xff"}};
  const auto parsed = parse_environment(variables);
  ASSERT_TRUE(parsed);
  const auto rows = show(parsed->settings, parsed->origins);
  EXPECT_EQ(std::ranges::find(rows, "node.db.url", &Shown::path)->value, "\"a\xef\xbf\xbd\"");
}

TEST(SettingsTest, MakesPathsAbsoluteFromTheFilesFolder) {
  EXPECT_EQ(read("every.token_file = \"token\"").token_file, "/etc/every/token");
}

}  // namespace
}  // namespace every::settings
