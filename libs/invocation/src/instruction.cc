#include <algorithm>

#include "block_writer.h"
#include "fields.h"

#include "every/core/text.h"
#include "every/invocation/invocation.h"
#include "every/ipld/dag_cbor.h"
#include "every/ipld/multibase.h"

namespace every::invocation {
namespace {

using core::ErrorCode;

core::Result<std::string> parse_resource(const ipld::Value* value,
                                         const NormalizeUrl& normalize_url) {
  if (value != nullptr) {
    if (const std::string* text = value->if_string()) {
      auto url = normalize_url(*text);
      if (!url)
        return core::fail(
            std::move(url).error().in("`rsc` is not a URL: `" + core::shorten(*text, 200) + "`"));
      return url;
    }
    if (const ipld::Cid* link = value->if_link()) {
      if (link->version() == 0) {
        return core::fail(ErrorCode::kMalformed,
                          "`rsc` as a link needs a CID of version 1, got " + link->render() +
                              "; write it as text: `ipfs://" + link->render() + "`");
      }
      return "ipfs://" + link->render();
    }
  }
  return core::fail(ErrorCode::kMalformed,
                    "`rsc` is missing from the instruction, or neither text nor a link");
}

struct Url {
  std::string_view scheme;
  std::string_view host;  ///< without port
  std::string_view path;  ///< from the first `/` on, without query and fragment
  std::string_view fragment;
};

Url split(std::string_view text) {
  Url url;
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return url;
  url.scheme = text.substr(0, colon);
  text.remove_prefix(colon + 3);
  if (const auto hash = text.find('#'); hash != std::string_view::npos) {
    url.fragment = text.substr(hash + 1);
    text = text.substr(0, hash);
  }
  text = text.substr(0, text.find('?'));
  const auto slash = std::min(text.find('/'), text.size());
  url.host = text.substr(0, slash);
  url.path = text.substr(slash);
  if (const auto at = url.host.rfind('@'); at != std::string_view::npos)
    url.host.remove_prefix(at + 1);
  url.host = url.host.substr(0, url.host.rfind(':'));
  return url;
}

/// The CID's text in a URL of one of the forms taken, and what of the path follows it.
struct Named {
  std::string_view cid;
  std::string_view rest;
};

std::optional<Named> find_cid(const Url& url) {
  if (url.scheme == "ipfs") return Named{url.host, url.path};
  if (url.scheme != "http" && url.scheme != "https") return std::nullopt;
  constexpr std::string_view kPath = "/ipfs/";
  if (url.path.starts_with(kPath)) {
    const std::string_view rest = url.path.substr(kPath.size());
    const auto end = std::min(rest.find('/'), rest.size());
    return Named{rest.substr(0, end), rest.substr(end)};
  }
  if (const auto dot = url.host.find(".ipfs."); dot != std::string_view::npos)
    return Named{url.host.substr(0, dot), url.path};
  return std::nullopt;
}

/// Of a file on the web, what its fragment says of its content: `cid=<CID>`, or `sha256=<64 hex digits>`, which is the CID of one raw block.
core::Result<std::optional<ipld::Cid>> cid_in_fragment(std::string_view fragment) {
  constexpr std::string_view kCid = "cid=";
  constexpr std::string_view kSha256 = "sha256=";
  if (fragment.starts_with(kCid)) return ipld::Cid::parse(fragment.substr(kCid.size()));
  if (!fragment.starts_with(kSha256)) return std::nullopt;
  fragment.remove_prefix(kSha256.size());
  const auto digest = ipld::decode_base(ipld::Multibase::kBase16, fragment);
  if (!digest || digest->size() != 32)
    return core::fail(ErrorCode::kMalformed, "sha256= takes 64 lower-case hexadecimal digits");
  return ipld::Cid::make(1, ipld::Codec::kRaw, {ipld::HashCode::kSha2_256, *digest});
}

bool is_on_the_web(const Url& url) {
  return url.scheme == "https" && !find_cid(url);
}

}  // namespace

core::Result<Instruction> Instruction::parse(const ipld::Value& value,
                                             const NormalizeUrl& normalize_url) {
  EVERY_TRY_ASSIGN(const ipld::Map* map, detail::expect_map(value, "an instruction (`run`)"));
  Instruction out;
  EVERY_TRY_ASSIGN(out.rsc, parse_resource(map->find("rsc"), normalize_url));
  EVERY_TRY_ASSIGN(const ipld::Value* op, detail::require(*map, "op", "the instruction"));
  if (op->if_string() == nullptr)
    return core::fail(ErrorCode::kMalformed,
                      "`op` must be text, got " + std::string(kind_name(op->kind())));
  out.op = *op->if_string();
  EVERY_TRY_ASSIGN(const ipld::Value* input, detail::require(*map, "input", "the instruction"));
  out.input = *input;
  if (const ipld::Value* nonce = map->find("nnc")) {
    EVERY_TRY_ASSIGN(out.nnc, Nonce::parse(*nonce));
  }
  return out;
}

ipld::Value Instruction::render() const {
  return ipld::Map{{"input", input}, {"nnc", nnc.render()}, {"op", op}, {"rsc", rsc}};
}

core::Status detail::write(BlockWriter& writer, const Instruction& instruction, std::size_t depth) {
  if (!core::is_utf8(instruction.op) || !core::is_utf8(instruction.rsc))
    return core::fail(ErrorCode::kInvalidArgument, "`op` or `rsc` is not UTF-8");
  writer.map(4);
  writer.text("op");
  writer.text(instruction.op);
  writer.text("nnc");
  EVERY_TRY(writer.value(instruction.nnc.render(), depth + 1));
  writer.text("rsc");
  writer.text(instruction.rsc);
  writer.text("input");
  return writer.value(instruction.input, depth + 1);
}

core::Result<ipld::Cid> Instruction::cid() const {
  core::Bytes block;
  detail::BlockWriter writer(block);
  if (!detail::write(writer, *this, 0)) return ipld::dag_cbor::cid_of(render());
  return ipld::Cid::of_dag_cbor(block);
}

core::Result<std::string> Instruction::func() const {
  const ipld::Map* map = input.if_map();
  const ipld::Value* func = map != nullptr ? map->find("func") : nullptr;
  if (func == nullptr || func->if_string() == nullptr) {
    return core::fail(ErrorCode::kInvalidArgument,
                      "`input` needs `func`, the function's name as text");
  }
  return *func->if_string();
}

core::Result<const ipld::List*> Instruction::args() const {
  const ipld::Map* map = input.if_map();
  const ipld::Value* args = map != nullptr ? map->find("args") : nullptr;
  if (args == nullptr || args->if_list() == nullptr) {
    return core::fail(ErrorCode::kInvalidArgument,
                      "`input` needs `args`, the list of the function's arguments");
  }
  return args->if_list();
}

core::Result<ipld::Cid> Instruction::component() const {
  const auto refuse = [&](const std::string& why) {
    return core::fail(ErrorCode::kUnsupported,
                      "`rsc` " + why + ": `" + core::shorten(rsc, 200) +
                          "`; taken are `ipfs://<cid>`, `https://<host>/ipfs/<cid>`, "
                          "`https://<cid>.ipfs.<host>`, and a file elsewhere with its hash, "
                          "`https://<host>/<path>#sha256=<hex>` or `#cid=<cid>`");
  };
  const Url url = split(rsc);
  if (is_on_the_web(url)) {
    auto named = cid_in_fragment(url.fragment);
    if (!named) return refuse("holds no valid hash (" + named.error().message + ")");
    if (*named) return std::move(**named);
    return refuse("says where its content is, but not which content it must be");
  }
  const std::optional<Named> named = find_cid(url);
  if (!named) return refuse("does not name content by a CID");
  auto cid = ipld::Cid::parse(named->cid);
  if (!cid) return refuse("holds no valid CID (" + cid.error().message + ")");
  if (!named->rest.empty() && named->rest != "/")
    return refuse("names a path below a CID, only the CID itself can be run");
  return std::move(*cid);
}

std::optional<std::string> Instruction::web_address() const {
  if (!is_on_the_web(split(rsc))) return std::nullopt;
  return rsc.substr(0, rsc.find('#'));
}

}  // namespace every::invocation
