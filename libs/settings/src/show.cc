#include <array>
#include <cstdio>

#include "schema.h"

#include "every/core/text.h"
#include "every/settings/settings.h"

namespace every::settings {
namespace {

using core::ErrorCode;

constexpr std::array<std::pair<Durability, std::string_view>, 3> kDurabilities{
    {{Durability::kDurable, "durable"},
     {Durability::kRelaxed, "relaxed"},
     {Durability::kMemory, "memory"}}};
constexpr std::array<std::pair<Ipfs, std::string_view>, 3> kIpfs{
    {{Ipfs::kAuto, "auto"}, {Ipfs::kEmbedded, "embedded"}, {Ipfs::kKubo, "kubo"}}};

/// Paths and what the environment says may be any bytes; JSON may not.
std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : core::to_valid_utf8(text)) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string render_keypair(const Keypair& keypair) {
  const std::string type = quote(keypair.type == KeyType::kEd25519 ? "ed25519" : "secp256k1");
  switch (keypair.source) {
    case Keypair::Source::kExisting:
      return "{\"existing\":{\"key_type\":" + type + ",\"path\":" + quote(keypair.path.string()) +
             "}}";
    case Keypair::Source::kSeed:
      // A seed is a secret: that there is one is all that is shown.
      return "{\"random_seed\":{\"key_type\":" + type + ",\"seed\":\"(hidden)\"}}";
    case Keypair::Source::kRandom:
      break;
  }
  return quote("random");
}

}  // namespace

std::string render_json(const Scalar& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* text = std::get_if<std::string>(&value)) return quote(*text);
  std::string out = "[";
  for (const std::string& entry : std::get<std::vector<std::string>>(value)) {
    if (out.size() > 1) out += ',';
    out += quote(entry);
  }
  return out + "]";
}

std::vector<Shown> show(const Settings& settings, const Origins& origins) {
  std::vector<Shown> rows;
  for (const Key& key : schema()) {
    Shown row;
    row.path = key.path;
    if (const auto origin = origins.find(row.path); origin != origins.end())
      row.origin = origin->second;
    if (key.shape == Shape::kKeypair) {
      row.value = render_keypair(settings.keypair);
    } else if (key.get != nullptr) {
      const auto value = key.get(settings);
      row.value = value ? render_json(*value) : "null";
    } else {
      row.effect = Shown::Effect::kNone;
      const auto given = settings.unused.find(row.path);
      row.value = given != settings.unused.end() ? given->second : std::string(key.original);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string_view render_durability(Durability durability) {
  for (const auto& [known, text] : kDurabilities) {
    if (known == durability) return text;
  }
  return "durable";
}

core::Result<Durability> parse_durability(std::string_view text) {
  for (const auto& [durability, known] : kDurabilities) {
    if (known == text) return durability;
  }
  return core::fail(ErrorCode::kInvalidArgument,
                    "'" + std::string(text) + "' is not one of durable, relaxed and memory");
}

std::string_view render_ipfs(Ipfs ipfs) {
  for (const auto& [known, text] : kIpfs) {
    if (known == ipfs) return text;
  }
  return "auto";
}

core::Result<Ipfs> parse_ipfs(std::string_view text) {
  for (const auto& [ipfs, known] : kIpfs) {
    if (known == text) return ipfs;
  }
  return core::fail(ErrorCode::kInvalidArgument,
                    "'" + std::string(text) + "' is not one of auto, embedded and kubo");
}

}  // namespace every::settings
