#include <algorithm>
#include <array>
#include <utility>

#include "admission.h"
#include "content_car.h"
#include "content_form.h"
#include "content_stream.h"
#include "error_body.h"
#include "js_json.h"
#include "routes.h"
#include "sniff.h"

#include "every/core/text.h"
#include "every/ipld/convert.h"
#include "every/ipld/dag_cbor.h"
#include "every/ipld/dag_json.h"
#include "every/ipld/path.h"
#include "every/ipld/unixfs_directory.h"

namespace every::gateway {
namespace {

using core::ErrorCode;
using runtime::Node;
namespace unixfs = ipld::unixfs;

constexpr std::string_view kImmutable = "public, max-age=29030400, immutable";

/// What a request asks for, understood.
struct Asked {
  const Request& request;
  const Target& target;
  ipld::Cid root;
  std::vector<std::string> path;
  ContentWish wish;
  Node::Reach reach = Node::Reach::kAnywhere;

  /// `/ipfs/<root>/<path>`, percent-encoded.
  [[nodiscard]] std::string address() const {
    std::string text = "/ipfs/" + root.render();
    for (const std::string& segment : path) text += "/" + encode_component(segment);
    return text;
  }
  [[nodiscard]] std::string name() const {
    if (const std::string* given = target.find_query("filename")) return *given;
    return path.empty() ? std::string() : path.back();
  }
};

unixfs::BlockSource source_of(Node& node, Node::Reach reach) {
  return [&node, reach](const ipld::Cid& cid) -> core::Result<core::Bytes> {
    EVERY_TRY_ASSIGN(auto block, node.find_block(cid, reach));
    if (block) return std::move(*block);
    const std::string text = cid.render();
    return core::fail(
        core::Error{ErrorCode::kNotFound,
                    "block " + text +
                        (reach == Node::Reach::kHere
                             ? " is not here"
                             : " is neither here nor where the settings say that content is "
                               "fetched from (every.ipfs, every.gateways)"),
                    {{"cid", text}}});
  };
}

bool wants_what_is_here(const Request& request) {
  const std::string* control = request.find_header("cache-control");
  return control != nullptr && control->find("only-if-cached") != std::string::npos;
}

Response plain_response(int status, std::string_view type, std::string body) {
  return {status, {{"Content-Type", std::string(type)}}, std::move(body)};
}

/// As a download, or shown in place, under a name that every client can read.
std::string disposition(std::string_view kind, const std::string& name) {
  std::string plain;
  for (const char c : name) plain += c >= 0x20 && c < 0x7f && c != '"' && c != '\\' ? c : '_';
  return std::string(kind) + "; filename=\"" + plain + "\"; filename*=UTF-8''" +
         encode_component(name);
}

void name_download(Response& response, const Asked& asked, std::string_view kind,
                   std::string fallback) {
  const std::string* given = asked.target.find_query("filename");
  if (asked.target.is_on("download")) kind = "attachment";
  if (given == nullptr && kind == "inline") return;
  response.headers.push_back(
      {"Content-Disposition", disposition(kind, given != nullptr ? *given : std::move(fallback))});
}

/// The headers of content that never changes.
void add_content_headers(Response& response, const Asked& asked, const std::string& etag,
                         const std::vector<ipld::Cid>& roots) {
  response.headers.push_back({"ETag", etag});
  response.headers.push_back({"Cache-Control", std::string(kImmutable)});
  response.headers.push_back({"Vary", "Accept"});
  response.headers.push_back({"X-Ipfs-Path", asked.address()});
  std::string all;
  for (const ipld::Cid& root : roots) all += (all.empty() ? "" : ",") + root.render();
  if (!all.empty()) response.headers.push_back({"X-Ipfs-Roots", all});
  if (asked.request.find_header("origin") != nullptr)
    response.headers.push_back(
        {"Access-Control-Expose-Headers",
         "Content-Disposition, Content-Range, ETag, X-Ipfs-Path, X-Ipfs-Roots"});
}

Response unsatisfiable(std::uint64_t size) {
  Response response = error_response(
      {ErrorCode::kInvalidArgument,
       "the range begins at or beyond the end: there are " + std::to_string(size) + " bytes",
       {}});
  response.status = 416;
  response.headers.push_back({"Content-Range", "bytes */" + std::to_string(size)});
  return response;
}

std::string content_range(const ByteRange& range, std::uint64_t size) {
  return "bytes " + std::to_string(range.first) + "-" + std::to_string(range.last) + "/" +
         std::to_string(size);
}

/// Whether bytes begin like text that is shown as it is.
bool is_text(core::BytesView bytes) {
  constexpr std::size_t kLook = 512;
  std::string_view text = core::as_text(bytes.first(std::min(bytes.size(), kLook)));
  const auto is_odd = [](char c) {
    return (c >= 0 && c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f') || c == 0x7f;
  };
  if (text.empty() || std::ranges::any_of(text, is_odd)) return false;
  // The look may end in the middle of a character.
  for (int cut = 0; cut < 4 && !text.empty(); ++cut, text.remove_suffix(1)) {
    if (core::is_utf8(text)) return true;
    if (bytes.size() <= kLook) return false;
  }
  return false;
}

/// By the name's end, else by the first bytes. HTML is told by neither: no content runs as a page of this origin.
std::string type_of_file(const std::string& name, core::BytesView first) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kEnds{{
      {".avif", "image/avif"},
      {".css", "text/css; charset=utf-8"},
      {".csv", "text/csv; charset=utf-8"},
      {".gif", "image/gif"},
      {".jpeg", "image/jpeg"},
      {".jpg", "image/jpeg"},
      {".js", "text/javascript; charset=utf-8"},
      {".json", "application/json"},
      {".md", "text/markdown; charset=utf-8"},
      {".mp4", "video/mp4"},
      {".pdf", "application/pdf"},
      {".png", "image/png"},
      {".svg", "image/svg+xml"},
      {".txt", "text/plain; charset=utf-8"},
      {".wasm", "application/wasm"},
      {".webp", "image/webp"},
  }};
  const std::size_t dot = name.rfind('.');
  if (dot != std::string::npos) {
    const std::string_view end = std::string_view(name).substr(dot);
    for (const auto& [known, type] : kEnds) {
      if (equals_ignoring_case(known, end)) return std::string(type);
    }
  }
  const std::string_view sniffed = sniff_bytes(first);
  if (sniffed == "application/octet-stream" && is_text(first)) return "text/plain; charset=utf-8";
  return std::string(sniffed);
}

std::string as_string(core::BytesView bytes) {
  return std::string(core::as_text(bytes));
}

/// A file's bytes, or a range of them, as they are read.
Response file_response(const ExchangePtr& exchange, const Asked& asked, const ipld::PathEnd& end) {
  const std::string etag = "\"" + end.cid.render() + "\"";
  const auto source = source_of(exchange->node(), asked.reach);
  auto opened = unixfs::FileReader::open(end.cid, source, {.verify = unixfs::Verify::kNothing});
  if (!opened) return error_response(opened.error());
  const std::uint64_t size = opened->size();
  auto first = opened->next();
  if (!first) return error_response(first.error());
  core::Bytes head = std::move(*first).value_or(core::Bytes());
  Response response = plain_response(200, type_of_file(asked.name(), head), {});
  const AskedRange range = read_range(asked.request, size, etag);
  if (range.kind == RangeKind::kUnsatisfiable) return unsatisfiable(size);
  std::uint64_t length = size;
  if (range.kind == RangeKind::kSatisfiable) {
    length = range.range.last - range.range.first + 1;
    opened = unixfs::FileReader::open(
        end.cid, source,
        {.offset = range.range.first, .length = length, .verify = unixfs::Verify::kNothing});
    if (!opened) return error_response(opened.error());
    head.clear();
    response.status = 206;
    response.headers.push_back({"Content-Range", content_range(range.range, size)});
  }
  response.headers.push_back({"Accept-Ranges", "bytes"});
  add_content_headers(response, asked, etag, end.roots);
  name_download(response, asked, "inline", end.cid.render());
  if (head.size() == length) {
    response.body = as_string(head);
    return response;
  }
  auto read = [reader = std::move(*opened),
               head = std::move(head)]() mutable -> core::Result<std::optional<std::string>> {
    if (!head.empty()) return as_string(std::exchange(head, {}));
    EVERY_TRY_ASSIGN(const auto piece, reader.next());
    if (!piece) return std::nullopt;
    return as_string(*piece);
  };
  response.stream =
      std::make_shared<ContentStream>(asked.address(), length, std::move(read),
                                      exchange->parts().content_pool, exchange->parts().logger);
  return response;
}

Response block_response(const Asked& asked, const ipld::PathEnd& end) {
  const std::string cid = end.cid.render();
  const std::string etag = "\"" + cid + ".raw\"";
  const AskedRange range = read_range(asked.request, end.block.size(), etag);
  if (range.kind == RangeKind::kUnsatisfiable) return unsatisfiable(end.block.size());
  Response response = plain_response(200, media_type(ContentForm::kRaw), as_string(end.block));
  if (range.kind == RangeKind::kSatisfiable) {
    response.status = 206;
    response.headers.push_back({"Content-Range", content_range(range.range, end.block.size())});
    response.body =
        response.body.substr(range.range.first, range.range.last - range.range.first + 1);
  }
  response.headers.push_back({"Accept-Ranges", "bytes"});
  add_content_headers(response, asked, etag, end.roots);
  name_download(response, asked, "attachment", cid + ".bin");
  return response;
}

Response car_response(const ExchangePtr& exchange, const Asked& asked) {
  std::string etag =
      "\"" + asked.address() + ".car." + std::to_string(std::to_underlying(asked.wish.scope));
  if (const auto& bytes = asked.wish.entity_bytes)
    etag +=
        "." + std::to_string(bytes->from) + ":" + (bytes->to ? std::to_string(*bytes->to) : "*");
  etag += "\"";
  auto maker =
      CarMaker::open(asked.root, asked.path, source_of(exchange->node(), asked.reach), asked.wish);
  if (!maker) return error_response(maker.error());
  Response response =
      is_not_modified(asked.request, etag)
          ? Response{304, {}, {}}
          : plain_response(200, "application/vnd.ipld.car; version=1; order=dfs; dups=n", {});
  add_content_headers(response, asked, etag, (*maker)->path());
  if (response.status == 304) return response;
  response.headers.push_back({"Accept-Ranges", "none"});
  name_download(response, asked, "attachment",
                asked.root.render() + (asked.path.empty() ? "" : "_" + asked.path.back()) + ".car");
  auto read = [maker = std::move(*maker)] { return maker->next(); };
  response.stream =
      std::make_shared<ContentStream>(asked.address(), std::nullopt, std::move(read),
                                      exchange->parts().content_pool, exchange->parts().logger);
  return response;
}

/// A value (or a whole block as one) in one of the forms for values.
core::Result<std::string> render_value(const ipld::PathEnd& end, ContentForm form) {
  const bool json = form == ContentForm::kDagJson || form == ContentForm::kJson;
  const auto own = json ? ipld::Codec::kDagJson : ipld::Codec::kDagCbor;
  if (!end.inside && end.cid.codec() == own) return as_string(end.block);
  EVERY_TRY_ASSIGN(const ipld::Value value, end.inside ? core::Result<ipld::Value>(*end.inside)
                                                       : ipld::value_of(end.cid, end.block));
  if (json) return ipld::dag_json::encode(value);
  EVERY_TRY_ASSIGN(const core::Bytes bytes, ipld::dag_cbor::encode(value));
  return as_string(bytes);
}

Response value_response(const Asked& asked, const ipld::PathEnd& end, ContentForm form) {
  auto body = render_value(end, form);
  if (!body) return error_response(body.error());
  const std::string within = end.inside ? asked.address() : end.cid.render();
  Response response = plain_response(200, media_type(form), std::move(*body));
  const std::string name = std::string(form_name(form));
  add_content_headers(response, asked, "\"" + within + "." + name + "\"", end.roots);
  const bool json = form == ContentForm::kDagJson || form == ContentForm::kJson;
  name_download(response, asked, json ? "inline" : "attachment",
                end.cid.render() + (json ? ".json" : ".cbor"));
  return response;
}

/// A page that lists a directory, for a person.
Response directory_page(const ExchangePtr& exchange, const Asked& asked, const ipld::PathEnd& end) {
  const auto entries = unixfs::list_directory(end.cid, source_of(exchange->node(), asked.reach));
  if (!entries) return error_response(entries.error());
  const std::string title = "/ipfs/" + end.cid.render();
  std::string page = "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>" + title +
                     "</title>\n<h1>" + title + "</h1>\n<table>\n";
  for (const unixfs::Entry& entry : *entries) {
    page += "<tr><td><a href=\"" + asked.address() + "/" + encode_component(entry.name) + "\">" +
            core::escape_markup(core::to_valid_utf8(entry.name)) + "</a><td>" + entry.cid.render() +
            "<td>" + std::to_string(entry.dag_size) + "\n";
  }
  Response response = plain_response(200, "text/html; charset=utf-8", page + "</table>\n");
  add_content_headers(response, asked, "\"" + end.cid.render() + ".html\"", end.roots);
  return response;
}

bool is_file(const ipld::PathEnd& end) {
  const auto kind = unixfs::kind_of(end.cid, end.block);
  return kind && !unixfs::is_directory(*kind);
}

/// What content is when no form was asked for.
Response own_form_response(const ExchangePtr& exchange, const Asked& asked,
                           const ipld::PathEnd& end) {
  constexpr std::uint64_t kJsonCodec = 0x0200;
  constexpr std::uint64_t kCborCodec = 0x51;
  switch (std::to_underlying(end.cid.codec())) {
    case std::to_underlying(ipld::Codec::kRaw):
      return file_response(exchange, asked, end);
    case std::to_underlying(ipld::Codec::kDagCbor):
      return value_response(asked, end, ContentForm::kDagCbor);
    case std::to_underlying(ipld::Codec::kDagJson):
      return value_response(asked, end, ContentForm::kDagJson);
    case std::to_underlying(ipld::Codec::kDagPb):
      break;
    case kJsonCodec:
    case kCborCodec:
    default: {
      Response response = block_response(asked, end);
      const bool json = std::to_underlying(end.cid.codec()) == kJsonCodec;
      const bool cbor = std::to_underlying(end.cid.codec()) == kCborCodec;
      if (json || cbor)
        response.headers.front().value = media_type(json ? ContentForm::kJson : ContentForm::kCbor);
      return response;
    }
  }
  const auto kind = unixfs::kind_of(end.cid, end.block);
  if (!kind) return error_response(kind.error());
  if (unixfs::is_directory(*kind)) {
    return asked.wish.html ? directory_page(exchange, asked, end)
                           : value_response(asked, end, ContentForm::kDagJson);
  }
  if (kind->type == unixfs::Type::kSymlink) {
    Response response = plain_response(200, "inode/symlink", kind->target);
    add_content_headers(response, asked, "\"" + end.cid.render() + "\"", end.roots);
    return response;
  }
  return file_response(exchange, asked, end);
}

Response respond(const ExchangePtr& exchange, const Asked& asked) {
  if (asked.wish.form == ContentForm::kCar) return car_response(exchange, asked);
  const auto end =
      ipld::follow_path(asked.root, asked.path, source_of(exchange->node(), asked.reach));
  if (!end) return error_response(end.error());
  switch (asked.wish.form) {
    case ContentForm::kRaw:
      return block_response(asked, *end);
    case ContentForm::kPlain:
      return own_form_response(exchange, asked, *end);
    case ContentForm::kJson:
    case ContentForm::kCbor:
      // Of a file these are what it holds, not how its blocks are made.
      return is_file(*end) ? own_form_response(exchange, asked, *end)
                           : value_response(asked, *end, asked.wish.form);
    default:
      return value_response(asked, *end, asked.wish.form);
  }
}

/// A success that the client has already becomes 304.
Response leave_out_what_is_known(const Request& request, Response response) {
  const std::string* etag = response.find_header("etag");
  const bool success = response.status == 200 || response.status == 206;
  if (!success || etag == nullptr || !is_not_modified(request, *etag)) return response;
  response.status = 304;
  response.body.clear();
  response.stream.reset();
  std::erase_if(response.headers,
                [](const Header& header) { return header.name.starts_with("Content-"); });
  return response;
}

void reply_content(const ExchangePtr& exchange) {
  const auto root = ipld::Cid::parse(exchange->param("cid"));
  if (!root) return exchange->reply(error_response(root.error()));
  auto wish = read_wish(exchange->request(), exchange->target());
  if (!wish) {
    Response response = error_response(wish.error().error);
    response.status = wish.error().status;
    return exchange->reply(std::move(response));
  }
  const auto& segments = exchange->target().segments;
  Asked asked{exchange->request(),
              exchange->target(),
              *root,
              {segments.begin() + 2, segments.end()},
              *wish};
  const bool here_only = wants_what_is_here(exchange->request());
  if (here_only) asked.reach = Node::Reach::kHere;
  Response response = leave_out_what_is_known(exchange->request(), respond(exchange, asked));
  if (here_only && response.status == 404) response.status = 412;
  exchange->reply(std::move(response));
}

}  // namespace

void show_content(const ExchangePtr& exchange) {
  const auto posted = exchange->parts().content_pool.post([exchange] { reply_content(exchange); });
  if (posted == core::ThreadPool::Posted::kStopped)
    exchange->reply(error_response({ErrorCode::kUnavailable, "the node is stopping", {}}));
}

void put_content(const ExchangePtr& exchange) {
  if (!acts_as_owner(exchange->request().peer)) {
    return exchange->reply(
        error_response({ErrorCode::kPermissionDenied,
                        "content is added by this node's own user, with `every ipfs add`, or over "
                        "the network by who has its token; this node was started without "
                        "--token-file",
                        {}}));
  }
  auto reader =
      ipld::car::Reader::open(ipld::car::source_of(core::as_bytes(exchange->request().body)));
  if (!reader) return exchange->reply(error_response(reader.error()));
  std::vector<ipld::car::Block> blocks;
  for (;;) {
    auto block = reader->next();
    if (!block) return exchange->reply(error_response(block.error()));
    if (!*block) break;
    blocks.push_back(std::move(**block));
  }
  if (const auto kept = exchange->node().put_blocks(blocks); !kept)
    return exchange->reply(error_response(kept.error()));
  // The roots are what somebody adds: they stay, with all they link to, until they are unpinned.
  std::string pinned;
  for (const ipld::Cid& root : reader->roots()) {
    const auto added = exchange->node().note_added(root);
    if (!added) return exchange->reply(error_response(added.error()));
    pinned += (pinned.empty() ? "\"" : ",\"") + root.render() + "\"";
  }
  exchange->reply(json_response(
      200, "{\"blocks\":" + std::to_string(blocks.size()) + ",\"pinned\":[" + pinned + "]}"));
}

}  // namespace every::gateway
