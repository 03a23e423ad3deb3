#include <cerrno>

#include "tls.h"
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "every/core/file.h"

namespace every::gateway {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using core::ErrorCode;
namespace fs = std::filesystem;

class Identity final : public TlsIdentity {
 public:
  Identity() : context(asio::ssl::context::tls_server) {}
  [[nodiscard]] const std::vector<std::string>& names() const override { return known_names; }

  mutable asio::ssl::context context;
  std::vector<std::string> known_names;
};

core::Status check_readable(const fs::path& file) {
  EVERY_TRY(core::read_file(file, std::size_t{1} << 20));
  return {};
}

core::Status check_secret(const fs::path& key) {
  struct stat found{};
  if (::stat(key.c_str(), &found) != 0)
    return std::unexpected(core::system_error("cannot read", key, errno));
  if ((found.st_mode & 07U) == 0) return {};
  return core::fail(ErrorCode::kPermissionDenied, "everybody may read the key " + key.string() +
                                                      "; mend it: chmod 600 " + key.string());
}

core::Error not_pem(const fs::path& file, const std::string& what, const error_code& problem) {
  return {ErrorCode::kMalformed,
          file.string() + " holds no " + what + " in PEM form (" + problem.message() + ")",
          {}};
}

std::vector<std::string> names_in(const X509* certificate) {
  std::vector<std::string> names;
  auto* all = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all, i);
    if (name->type != GEN_DNS) continue;
    const unsigned char* text = ASN1_STRING_get0_data(name->d.dNSName);
    names.emplace_back(text, text + ASN1_STRING_length(name->d.dNSName));
  }
  GENERAL_NAMES_free(all);
  return names;
}

}  // namespace

asio::ssl::context& context_of(const TlsIdentity& identity) {
  return static_cast<const Identity&>(identity).context;
}

core::Result<std::shared_ptr<const TlsIdentity>> TlsIdentity::read(const fs::path& certificate,
                                                                   const fs::path& key) {
  EVERY_TRY(check_readable(certificate));
  EVERY_TRY(check_readable(key));
  EVERY_TRY(check_secret(key));
  auto identity = std::make_shared<Identity>();
  asio::ssl::context& context = identity->context;
  error_code problem;
  context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                          asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                          asio::ssl::context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION,
                      problem);
  // Idle connections give their buffers back.
  SSL_CTX_ctrl(context.native_handle(), SSL_CTRL_MODE, SSL_MODE_RELEASE_BUFFERS, nullptr);
  context.use_certificate_chain_file(certificate.string(), problem);
  if (problem) return core::fail(not_pem(certificate, "certificate", problem));
  // A key under a passphrase would be asked for at a terminal: a node has nobody to type it.
  context.set_password_callback(
      [](std::size_t, asio::ssl::context::password_purpose) { return std::string(); }, problem);
  context.use_private_key_file(key.string(), asio::ssl::context::pem, problem);
  if (problem &&
      ERR_GET_REASON(static_cast<unsigned long>(problem.value())) == X509_R_KEY_VALUES_MISMATCH)
    return core::fail(
        ErrorCode::kInvalidArgument,
        "the key " + key.string() + " does not belong to the certificate " + certificate.string());
  if (problem) return core::fail(not_pem(key, "private key without a passphrase", problem));
  identity->known_names = names_in(SSL_CTX_get0_certificate(context.native_handle()));
  return identity;
}

}  // namespace every::gateway
