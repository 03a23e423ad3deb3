#include "every/store/home.h"

#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "every/sql/testing/temp_dir.h"

namespace every::store {
namespace {

using core::ErrorCode;

class HomeLockTest : public ::testing::Test {
 protected:
  sql::testing::TempDir dir_;
  std::filesystem::path home_ = dir_ / "home";
};

/// Another process that takes a home and holds it until killed.
class OtherOwner {
 public:
  OtherOwner(const std::filesystem::path& home, std::uint16_t port) {
    std::array<int, 2> told{};
    if (::pipe(told.data()) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      auto lock = HomeLock::take(home);
      const char result = lock && (*lock)->announce({.pid = ::getpid(), .port = port}) ? 'y' : 'n';
      if (::write(told[1], &result, 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    char result = 'n';
    holds_ = ::read(told[0], &result, 1) == 1 && result == 'y';
    ::close(told[0]);
    ::close(told[1]);
  }
  ~OtherOwner() { kill(); }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool holds() const { return holds_; }

 private:
  pid_t pid_ = 0;
  bool holds_ = false;
};

TEST_F(HomeLockTest, MakesTheHomeForTheUserAlone) {
  ASSERT_TRUE(HomeLock::take(home_));
  struct stat info{};
  ASSERT_EQ(::stat(home_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST_F(HomeLockTest, RefusesASecondOwnerNamingTheFirstsPidAndPort) {
  OtherOwner other(home_, 3456);
  ASSERT_TRUE(other.holds());
  const auto refused = HomeLock::take(home_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_NE(refused.error().message.find("pid " + std::to_string(other.pid())), std::string::npos)
      << refused.error().message;
  EXPECT_NE(refused.error().message.find("port 3456"), std::string::npos);
  EXPECT_EQ(refused.error().find("pid"), std::to_string(other.pid()));
  EXPECT_EQ(refused.error().find("port"), "3456");
}

TEST_F(HomeLockTest, RefusesASecondOwnerInTheSameProcess) {
  const auto first = HomeLock::take(home_);
  ASSERT_TRUE(first);
  const auto second = HomeLock::take(home_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
}

TEST_F(HomeLockTest, IsFreeAgainWhenTheOwnerIsKilled) {
  OtherOwner other(home_, 3456);
  ASSERT_TRUE(other.holds());
  other.kill();
  EXPECT_EQ(HomeLock::find_owner(home_).value().has_value(), false);
  EXPECT_TRUE(HomeLock::take(home_));
}

TEST_F(HomeLockTest, FindsTheLivingOwner) {
  OtherOwner other(home_, 3456);
  ASSERT_TRUE(other.holds());
  const auto owner = HomeLock::find_owner(home_).value();
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->pid, other.pid());
  EXPECT_EQ(owner->port, 3456);
}

TEST_F(HomeLockTest, FindsNobodyInAHomeThatIsNotThere) {
  EXPECT_FALSE(HomeLock::find_owner(home_).value());
  EXPECT_FALSE(std::filesystem::exists(home_));
}

TEST_F(HomeLockTest, IsNotFooledByWhatADeadOwnerWrote) {
  std::filesystem::create_directory(home_);
  std::filesystem::permissions(home_, std::filesystem::perms::owner_all);
  std::ofstream(home_ / "owner.lock") << "{\"pid\":" << ::getpid() << ",\"port\":3000}\n";
  EXPECT_FALSE(HomeLock::find_owner(home_).value());
  EXPECT_TRUE(HomeLock::take(home_));
}

TEST_F(HomeLockTest, AShorterAnnouncementReplacesALongerOne) {
  const auto lock = HomeLock::take(home_);
  ASSERT_TRUE((*lock)->announce({.pid = ::getpid(), .port = 65535}));
  ASSERT_TRUE((*lock)->announce({.pid = ::getpid(), .port = 1}));
  EXPECT_EQ(HomeLock::find_owner(home_).value()->port, 1);
}

TEST_F(HomeLockTest, LookersDoNotKeepAnOwnerOut) {
  ASSERT_TRUE(HomeLock::take(home_));
  std::atomic<bool> ended = false;
  std::thread looker([&] {
    while (!ended) std::ignore = HomeLock::find_owner(home_);
  });
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    if (!HomeLock::take(home_)) ++refused;
  }
  ended = true;
  looker.join();
  EXPECT_EQ(refused, 0);
}

TEST_F(HomeLockTest, RefusesAHomeOthersMayWriteTo) {
  std::filesystem::create_directory(home_);
  std::filesystem::permissions(home_, std::filesystem::perms::all);
  const auto refused = HomeLock::take(home_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
}

}  // namespace
}  // namespace every::store
