#include "known_files.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace every::cli {
namespace {

namespace fs = std::filesystem;

const ipld::Cid& some_cid() {
  static const ipld::Cid cid =
      *ipld::Cid::parse("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
  return cid;
}

class KnownFilesTest : public ::testing::Test {
 protected:
  KnownFilesTest() {
    std::string pattern = (fs::temp_directory_path() / "known-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    write("content");
  }
  ~KnownFilesTest() override { fs::remove_all(folder_); }

  void write(const std::string& content) { std::ofstream(file()) << content; }
  [[nodiscard]] fs::path file() const { return folder_ / "math.wasm"; }
  /// The file's identity, as if it had lain there for long.
  [[nodiscard]] FileIdentity identity() const {
    struct stat status{};
    EXPECT_EQ(::stat(file().c_str(), &status), 0);
    return {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size), 1, 2};
  }
  fs::path folder_;
};

TEST_F(KnownFilesTest, AFileThatWasJustWrittenIsNotRemembered) {
  KnownFiles known(folder_);
  const auto seen = known.look(file());
  EXPECT_FALSE(seen.identity);
  EXPECT_FALSE(seen.cid);
}

TEST_F(KnownFilesTest, AFileAtRestIsFoundByTheNextProcess) {
  // Nobody can set the time of a change back; a file of the system has lain there for long.
  const fs::path at_rest = "/bin/sh";
  KnownFiles first(folder_);
  const auto seen = first.look(at_rest);
  ASSERT_TRUE(seen.identity);
  EXPECT_FALSE(seen.cid);
  first.remember(*seen.identity, some_cid());
  first.save();
  KnownFiles second(folder_);
  EXPECT_EQ(second.look(at_rest).cid, some_cid());
}

TEST_F(KnownFilesTest, AFileThatIsAnotherByAnyOfItsSignsIsNotFound) {
  const fs::path at_rest = "/bin/sh";
  KnownFiles known(folder_);
  const FileIdentity right = *known.look(at_rest).identity;
  for (auto change : {+[](FileIdentity& i) { ++i.device; }, +[](FileIdentity& i) { ++i.inode; },
                      +[](FileIdentity& i) { ++i.size; }, +[](FileIdentity& i) { ++i.modified; },
                      +[](FileIdentity& i) { ++i.changed; }}) {
    FileIdentity other = right;
    change(other);
    known.remember(other, some_cid());
    EXPECT_FALSE(known.look(at_rest).cid);
  }
}

TEST_F(KnownFilesTest, WhatTwoProcessesRememberIsAllKept) {
  KnownFiles one(folder_);
  KnownFiles other(folder_);
  FileIdentity second = identity();
  ++second.inode;
  one.remember(identity(), some_cid());
  one.save();
  other.remember(second, some_cid());
  other.save();
  std::ifstream kept(folder_ / "known-files");
  int lines = 0;
  for (std::string line; std::getline(kept, line);) ++lines;
  EXPECT_EQ(lines, 2);
}

TEST_F(KnownFilesTest, AFileThatChangesOftenTakesOneLine) {
  KnownFiles known(folder_);
  FileIdentity now = identity();
  for (int i = 0; i < 10; ++i) {
    ++now.changed;
    known.remember(now, some_cid());
  }
  known.save();
  EXPECT_LT(fs::file_size(folder_ / "known-files"), 200u);
}

TEST_F(KnownFilesTest, LinesThatAreDamagedSayNothing) {
  std::ofstream(folder_ / "known-files") << "1 2 3 4 5 nonsense\n-\n1 2 3\n\xff\xfe\n";
  KnownFiles known(folder_);
  EXPECT_FALSE(known.look(file()).cid);
  EXPECT_TRUE(known.look("/bin/sh").identity);
}

TEST_F(KnownFilesTest, AFolderOthersMayWriteToIsNotUsed) {
  fs::permissions(folder_, fs::perms::all);
  KnownFiles known(folder_);
  EXPECT_FALSE(known.look("/bin/sh").identity);
  known.remember(identity(), some_cid());
  known.save();
  EXPECT_FALSE(fs::exists(folder_ / "known-files"));
}

TEST_F(KnownFilesTest, FoldersAndWhatIsNotThereAreNeverRemembered) {
  KnownFiles known(folder_);
  EXPECT_FALSE(known.look("/usr").identity);
  EXPECT_FALSE(known.look(folder_ / "none.wasm").identity);
}

}  // namespace
}  // namespace every::cli
