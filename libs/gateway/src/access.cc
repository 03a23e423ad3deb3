#include "every/gateway/access.h"

#include <algorithm>
#include <cerrno>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "every/core/bytes.h"
#include "every/core/file.h"
#include "every/core/random.h"
#include "every/ipld/multibase.h"

namespace every::gateway {
namespace {

using core::ErrorCode;
namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
/// Shorter ones can be guessed: 16 characters of base64 are 96 bits.
constexpr std::size_t kLeastLetters = 16;

using Hash = std::array<std::uint8_t, 32>;

Hash hash_of(std::string_view token) {
  Hash hash{};
  unsigned size = 0;
  EVERY_CHECK(EVP_Digest(token.data(), token.size(), hash.data(), &size, EVP_sha256(), nullptr) ==
                  1 &&
              size == hash.size());
  return hash;
}

/// source: RFC 6750, section 2.1 (b64token)
bool is_token(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~+/").find(c) != std::string_view::npos;
  });
}

/// Refuses what another user wrote or can read.
core::Status check_private(const fs::path& file) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0)
    return std::unexpected(core::system_error("cannot read the token file", file, errno));
  const std::string name = file.string();
  if (!S_ISREG(found.st_mode))
    return core::fail(ErrorCode::kInvalidArgument, "the token file " + name + " is no plain file");
  if (found.st_uid != ::geteuid() && found.st_uid != 0)
    return core::fail(ErrorCode::kPermissionDenied,
                      "the token file " + name + " belongs to another user; make it yours");
  if ((found.st_mode & 077U) != 0)
    return core::fail(ErrorCode::kPermissionDenied,
                      "others may read the token file " + name + "; mend it: chmod 600 " + name);
  return {};
}

core::Result<std::vector<std::string>> read_lines(const fs::path& file) {
  EVERY_TRY(check_private(file));
  EVERY_TRY_ASSIGN(const core::Bytes bytes, core::read_file(file, kMostBytes));
  std::string_view text = core::as_text(bytes);
  std::vector<std::string> tokens;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    while (!line.empty() && std::string_view(" \t\r").find(line.back()) != std::string_view::npos)
      line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const std::string where = file.string() + ":" + std::to_string(number) + ": ";
    if (!is_token(line))
      return core::fail(ErrorCode::kInvalidArgument,
                        where + "not a token: letters, digits and -._~+/ only, one token a line");
    if (line.size() < kLeastLetters)
      return core::fail(ErrorCode::kInvalidArgument,
                        where + "a token of " + std::to_string(line.size()) +
                            " characters can be guessed; it needs " +
                            std::to_string(kLeastLetters) + ", `every keys token` makes one");
    tokens.emplace_back(line);
  }
  if (tokens.empty())
    return core::fail(ErrorCode::kInvalidArgument,
                      "the token file " + file.string() +
                          " holds no token; `every keys token --token-file " + file.string() +
                          "` adds one");
  return tokens;
}

}  // namespace

core::Result<std::shared_ptr<const Tokens>> Tokens::read(const fs::path& file) {
  EVERY_TRY_ASSIGN(const std::vector<std::string> lines, read_lines(file));
  auto tokens = std::make_shared<Tokens>();
  for (const std::string& line : lines) tokens->hashes_.push_back(hash_of(line));
  return tokens;
}

bool Tokens::admits(std::string_view token) const {
  const Hash shown = hash_of(token);
  int found = 0;
  for (const Hash& known : hashes_)
    found |= static_cast<int>(CRYPTO_memcmp(known.data(), shown.data(), known.size()) == 0);
  return found != 0;
}

core::Result<std::string> read_token(const fs::path& file) {
  EVERY_TRY_ASSIGN(const std::vector<std::string> lines, read_lines(file));
  return lines.front();
}

std::string make_token() {
  core::Bytes random(32);
  core::fill_random(random);
  return ipld::encode_base(ipld::Multibase::kBase64Url, random);
}

}  // namespace every::gateway
