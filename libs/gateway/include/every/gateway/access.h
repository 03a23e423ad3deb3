#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "every/core/error.h"

/// Who may use a node that others can reach, and how what they say is kept from third parties. source: docs/formats/access.md
namespace every::gateway {

/// The tokens a node lets in. Holds their hashes only. Immutable. thread: any.
class Tokens {
 public:
  /// Reads a token file: one token a line, empty lines and lines that begin with `#` left out.
  ///
  /// errors: kNotFound, kIo; kPermissionDenied others may read the file, or it is another user's (says which command mends it);
  ///         kInvalidArgument no token, a line that is none (names file and line)
  [[nodiscard]] static core::Result<std::shared_ptr<const Tokens>> read(
      const std::filesystem::path& file);

  /// Whether the token is one of these. Takes the same time for every wrong one.
  [[nodiscard]] bool admits(std::string_view token) const;

 private:
  std::vector<std::array<std::uint8_t, 32>> hashes_;
};

/// The first token of such a file: what a client shows. errors: as Tokens::read
[[nodiscard]] core::Result<std::string> read_token(const std::filesystem::path& file);

/// A token nobody can guess: 43 characters for 256 random bits.
[[nodiscard]] std::string make_token();

/// What a server proves itself with over TLS: a certificate (with those between it and its authority) and its key. Immutable. thread: any.
class TlsIdentity {
 public:
  /// in: certificate, key   PEM files
  /// errors: kNotFound, kIo; kMalformed not PEM; kInvalidArgument the key is another certificate's; kPermissionDenied everybody may read the key
  [[nodiscard]] static core::Result<std::shared_ptr<const TlsIdentity>> read(
      const std::filesystem::path& certificate, const std::filesystem::path& key);
  virtual ~TlsIdentity() = default;
  /// The DNS names the certificate is for, in its order; `*.example.org` as it stands.
  [[nodiscard]] virtual const std::vector<std::string>& names() const = 0;
};

}  // namespace every::gateway
