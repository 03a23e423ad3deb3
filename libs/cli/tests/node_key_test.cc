#include "node_key.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "every/core/file.h"

namespace every::cli {
namespace {

namespace fs = std::filesystem;

class NodeKeyTest : public testing::Test {
 protected:
  NodeKeyTest() {
    std::string name = (fs::temp_directory_path() / "every-key-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    places_.home = directory_ / "home";
  }
  ~NodeKeyTest() override { fs::remove_all(directory_); }
  std::string write(const std::string& name, std::string_view content) {
    const fs::path file = directory_ / name;
    EXPECT_TRUE(core::write_file_atomically(file, core::as_bytes(content), 0600, core::Sync::kNo));
    return file.string();
  }
  fs::path directory_;
  Places places_;
  settings::Settings settings_;
};

TEST_F(NodeKeyTest, IsMadeOnceAndKeptForTheOwnerAlone) {
  const auto first = load_node_key(places_, settings_);
  ASSERT_TRUE(first) << first.error().message;
  struct ::stat status{};
  ASSERT_EQ(::stat(places_.key_file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const auto second = load_node_key(places_, settings_);
  ASSERT_TRUE(second);
  EXPECT_EQ(first->key.public_key(), second->key.public_key());
  EXPECT_TRUE(second->warnings.empty());
}

TEST_F(NodeKeyTest, WarnsOfAKeyThatOthersCanRead) {
  ASSERT_TRUE(load_node_key(places_, settings_));
  fs::permissions(places_.key_file(), fs::perms(0644));
  EXPECT_EQ(load_node_key(places_, settings_)->warnings.size(), 1u);
}

TEST_F(NodeKeyTest, NeverReplacesAKeyItCannotRead) {
  fs::create_directories(places_.home);
  fs::permissions(places_.home, fs::perms(0700));
  std::ofstream(places_.key_file()) << "rubbish";
  const auto key = load_node_key(places_, settings_);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, core::ErrorCode::kMalformed);
  EXPECT_EQ(fs::file_size(places_.key_file()), 7u);
}

TEST_F(NodeKeyTest, IsTheOneTheSettingsName) {
  const auto other = ipld::SigningKey::generate(ipld::KeyType::kSecp256k1);
  settings_.keypair.source = settings::Keypair::Source::kExisting;
  settings_.keypair.type = settings::KeyType::kSecp256k1;
  settings_.keypair.path = write("other.der", other.render_pem());
  const auto key = load_node_key(places_, settings_);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->key.public_key(), other.public_key());
  EXPECT_FALSE(fs::exists(places_.key_file()));
}

TEST_F(NodeKeyTest, ComesOfASeed) {
  settings_.keypair.source = settings::Keypair::Source::kSeed;
  settings_.keypair.seed = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  const auto key = load_node_key(places_, settings_);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->key.public_key(),
            ipld::SigningKey::from_seed(ipld::KeyType::kEd25519, core::Bytes(32))->public_key());
}

TEST_F(NodeKeyTest, RefusesASeedOfAnotherLength) {
  settings_.keypair.source = settings::Keypair::Source::kSeed;
  settings_.keypair.seed = "AAAA";
  EXPECT_EQ(load_node_key(places_, settings_).error().code, core::ErrorCode::kMalformed);
}

TEST_F(NodeKeyTest, SaysWhichFileIsMissing) {
  settings_.keypair.source = settings::Keypair::Source::kExisting;
  settings_.keypair.path = directory_ / "none.pem";
  const auto key = load_node_key(places_, settings_);
  EXPECT_EQ(key.error().code, core::ErrorCode::kNotFound);
  EXPECT_NE(key.error().message.find("none.pem"), std::string::npos);
}

}  // namespace
}  // namespace every::cli
