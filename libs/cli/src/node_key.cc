#include "node_key.h"

#include <sys/stat.h>

#include "every/core/file.h"
#include "every/ipld/multibase.h"

namespace every::cli {
namespace {

using settings::Keypair;

constexpr std::size_t kMostBytes = 64 << 10;

ipld::KeyType type_of(settings::KeyType type) {
  return type == settings::KeyType::kEd25519 ? ipld::KeyType::kEd25519 : ipld::KeyType::kSecp256k1;
}

core::Result<NodeKey> read_key(const std::filesystem::path& file, ipld::KeyType type) {
  EVERY_TRY_ASSIGN(const core::Bytes content, core::read_file(file, kMostBytes));
  auto key = ipld::SigningKey::parse_file(type, content);
  if (!key) {
    const bool is_default = type == ipld::KeyType::kEd25519;
    return core::fail(core::ErrorCode::kMalformed,
                      "the key file " + file.string() + " cannot be used: " + key.error().message +
                          (is_default ? "; a PEM file as `openssl genpkey -algorithm ed25519` "
                                        "writes is wanted (key_type says which kind)"
                                      : "; a DER file as `openssl ecparam -genkey -noout -name "
                                        "secp256k1 -outform DER` writes is wanted"));
  }
  NodeKey out{std::move(*key), file.string(), {}};
  struct ::stat status{};
  if (::stat(file.c_str(), &status) == 0 && (status.st_mode & 077) != 0)
    out.warnings.push_back("others can read the key file " + file.string() + "; chmod 600 it");
  return out;
}

}  // namespace

core::Result<NodeKey> load_node_key(const Places& places, const settings::Settings& settings) {
  const Keypair& wanted = settings.keypair;
  if (wanted.source == Keypair::Source::kExisting)
    return read_key(wanted.path, type_of(wanted.type));
  if (wanted.source == Keypair::Source::kSeed) {
    const auto seed = ipld::decode_base64_any(wanted.seed);
    if (!seed || seed->size() != 32)
      return core::fail(core::ErrorCode::kMalformed,
                        "node.network.keypair_config.random_seed.seed must be the base64 of 32 "
                        "bytes (`openssl rand -base64 32`)");
    EVERY_TRY_ASSIGN(auto key, ipld::SigningKey::from_seed(type_of(wanted.type), *seed));
    return NodeKey{std::move(key), "the seed of the settings", {}};
  }
  const std::filesystem::path file = places.key_file();
  auto kept = read_key(file, ipld::KeyType::kEd25519);
  if (kept || kept.error().code != core::ErrorCode::kNotFound) return kept;
  EVERY_TRY(core::ensure_private_directory(places.home));
  auto made = ipld::SigningKey::generate(ipld::KeyType::kEd25519);
  EVERY_TRY(
      core::write_file_atomically(file, core::as_bytes(made.render_pem()), 0600, core::Sync::kYes));
  return NodeKey{std::move(made), file.string(), {}};
}

}  // namespace every::cli
