#include "every/blocks/remote.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "http_client.h"

#include "every/core/text.h"
#include "every/ipld/dag_json.h"
#include "every/ipld/value.h"

namespace every::blocks {
namespace {

using core::ErrorCode;

// Beyond it Kubo refuses a block unless it is told to take it (1 MiB in older versions, 2 MiB in newer ones).
constexpr std::size_t kBigBlock = std::size_t{1} << 20;

bool may_pass(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kTimeout;
}

/// What all servers elsewhere share: requests that are tried again, and an end to them.
class Server {
 public:
  Server(HttpPlace place, const Patience& patience)
      : place_(std::move(place)), patience_(patience), name_(place_.render()) {}

  enum class Tries { kOne, kSome };
  core::Result<HttpAnswer> send(const HttpRequest& request, Tries tries) {
    HttpLimits limits{patience_.connect, patience_.answer};
    std::chrono::milliseconds pause = patience_.first_pause;
    for (int i = 1;; ++i) {
      auto answer = http_request(place_, request, limits, cancelled_);
      const bool passing = answer ? answer->status == 429 || answer->status == 502 ||
                                        answer->status == 503 || answer->status == 504
                                  : may_pass(answer.error().code);
      if (!passing || tries == Tries::kOne || i >= patience_.tries || !sleep(pause)) return answer;
      pause *= 2;
    }
  }
  void cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    wake_.notify_all();
  }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::unexpected<core::Error> odd(const HttpAnswer& answer) const {
    return core::fail(ErrorCode::kUnavailable,
                      name_ + " answers " + std::to_string(answer.status) + ": " +
                          core::shorten(core::to_valid_utf8(answer.body), 200));
  }

 private:
  /// Whether it slept to the end.
  bool sleep(std::chrono::milliseconds pause) {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, pause, [this] { return cancelled_.load(); });
  }

  const HttpPlace place_;
  const Patience patience_;
  const std::string name_;
  std::atomic<bool> cancelled_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
};

/// A text field of a JSON object, or the CID of a link; empty when there is none.
std::string text_at(std::string_view json, std::string_view key) {
  const auto value = ipld::dag_json::decode(json);
  const ipld::Map* map = value ? value->if_map() : nullptr;
  const ipld::Value* field = map != nullptr ? map->find(key) : nullptr;
  if (field == nullptr) return {};
  if (const ipld::Cid* link = field->if_link()) return link->render();
  const std::string* text = field->if_string();
  return text != nullptr ? *text : std::string();
}

/// A form of one file, as RPC calls that take bytes want it.
void put_file(HttpRequest& request, core::BytesView bytes) {
  // No content holds this line: it is as long and as odd as a hash.
  constexpr std::string_view kBoundary = "every-5b1d7d0e6f7a4c1f9d0c2b8a7e6f5d4c3b2a19087f6e5d4c";
  request.content_type = "multipart/form-data; boundary=" + std::string(kBoundary);
  request.body = "--" + std::string(kBoundary) +
                 "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n"
                 "Content-Type: application/octet-stream\r\n\r\n";
  request.body.append(core::as_text(bytes));
  request.body += "\r\n--" + std::string(kBoundary) + "--\r\n";
}

class KuboNode final : public Kubo {
 public:
  KuboNode(HttpPlace place, const Patience& patience)
      : server_(std::move(place), patience), patience_(patience) {}

  [[nodiscard]] const std::string& name() const override { return server_.name(); }
  void cancel() override { server_.cancel(); }

  core::Result<std::optional<core::Bytes>> fetch(const ipld::Cid& cid) override {
    // Kubo gives up before we do, and says so.
    const auto seconds = std::max<std::int64_t>(
        1, std::chrono::duration_cast<std::chrono::seconds>(patience_.answer).count() - 2);
    EVERY_TRY_ASSIGN(HttpAnswer answer,
                     server_.send(post("/api/v0/block/get?arg=" + cid.render() +
                                       "&timeout=" + std::to_string(seconds) + "s"),
                                  Server::Tries::kSome));
    if (answer.status == 200) return std::optional(core::to_bytes(answer.body));
    // Kubo says 500 for everything; that it has not found a block is no failure.
    const std::string message = text_at(answer.body, "Message");
    for (const std::string_view sign : {"not found", "could not find", "context deadline"}) {
      if (message.find(sign) != std::string::npos) return std::nullopt;
    }
    return server_.odd(answer);
  }

  core::Result<std::string> id() override {
    EVERY_TRY_ASSIGN(const HttpAnswer answer,
                     server_.send(post("/api/v0/id"), Server::Tries::kOne));
    std::string id = answer.status == 200 ? text_at(answer.body, "ID") : std::string();
    if (id.empty()) return server_.odd(answer);
    return id;
  }

  core::Result<bool> has(const ipld::Cid& cid) override {
    EVERY_TRY_ASSIGN(const HttpAnswer answer,
                     server_.send(post("/api/v0/block/stat?offline=true&arg=" + cid.render()),
                                  Server::Tries::kOne));
    if (answer.status == 200) return true;
    if (answer.status == 500) return false;
    return server_.odd(answer);
  }

  core::Status put(const ipld::Cid& cid, core::BytesView block) override {
    const std::string hash(ipld::hash_name(cid.hash_code()));
    const bool is_value = cid.codec() == ipld::Codec::kDagCbor;
    std::string target =
        is_value ? "/api/v0/dag/put?store-codec=dag-cbor&input-codec=dag-cbor&hash=" + hash
                 : "/api/v0/block/put?mhtype=" + hash + "&cid-codec=" + codec_name(cid);
    target += "&pin=false";
    if (block.size() > kBigBlock) target += "&allow-big-block=true";
    HttpRequest request = post(std::move(target));
    put_file(request, block);
    EVERY_TRY_ASSIGN(const HttpAnswer answer, server_.send(request, Server::Tries::kOne));
    EVERY_TRY_ASSIGN(const ipld::Cid named, named_in(answer, is_value ? "Cid" : "Key"));
    return same(named, cid);
  }

  core::Status pin(std::span<const ipld::Cid> cids, Pin how) override {
    std::string target =
        how == Pin::kDirect ? "/api/v0/pin/add?recursive=false" : "/api/v0/pin/add?recursive=true";
    for (const ipld::Cid& cid : cids) target += "&arg=" + cid.render();
    EVERY_TRY_ASSIGN(const HttpAnswer answer,
                     server_.send(post(std::move(target)), Server::Tries::kOne));
    return taken(answer);
  }

  core::Result<ipld::Cid> add(core::BytesView file) override {
    HttpRequest request = post(
        "/api/v0/add?cid-version=1&raw-leaves=true&chunker=size-262144&pin=true&progress=false");
    put_file(request, file);
    EVERY_TRY_ASSIGN(const HttpAnswer answer, server_.send(request, Server::Tries::kOne));
    return named_in(answer, "Hash");
  }

 private:
  static HttpRequest post(std::string target) {
    HttpRequest request;
    request.method = "POST";
    request.target = std::move(target);
    return request;
  }
  static std::string codec_name(const ipld::Cid& cid) {
    switch (cid.codec()) {
      case ipld::Codec::kDagPb:
        return "dag-pb";
      case ipld::Codec::kDagCbor:
        return "dag-cbor";
      case ipld::Codec::kDagJson:
        return "dag-json";
      default:
        return "raw";
    }
  }
  core::Status taken(const HttpAnswer& answer) const {
    if (answer.status == 200) return {};
    const bool passing = answer.status == 408 || answer.status == 429;
    if (passing || (answer.status / 100 != 4 && answer.status != 500)) return server_.odd(answer);
    const std::string message = text_at(answer.body, "Message");
    return core::fail(ErrorCode::kInvalidArgument,
                      name() + " refuses it: " +
                          (message.empty() ? "status " + std::to_string(answer.status) : message));
  }
  core::Result<ipld::Cid> named_in(const HttpAnswer& answer, std::string_view key) const {
    EVERY_TRY(taken(answer));
    const auto cid = ipld::Cid::parse(text_at(answer.body, key));
    if (!cid) return server_.odd(answer);
    return *cid;
  }
  core::Status same(const ipld::Cid& named, const ipld::Cid& wanted) const {
    if (named == wanted) return {};
    return core::fail(ErrorCode::kIntegrity,
                      name() + " names " + wanted.render() + " as " + named.render());
  }

  Server server_;
  const Patience patience_;
};

class HttpGateway final : public BlockSource {
 public:
  HttpGateway(HttpPlace place, const Patience& patience) : server_(std::move(place), patience) {}
  [[nodiscard]] const std::string& name() const override { return server_.name(); }
  void cancel() override { server_.cancel(); }
  core::Result<std::optional<core::Bytes>> fetch(const ipld::Cid& cid) override {
    HttpRequest request;
    request.target = "/ipfs/" + cid.render() + "?format=raw";
    request.accept = "application/vnd.ipld.raw";
    EVERY_TRY_ASSIGN(HttpAnswer answer, server_.send(request, Server::Tries::kSome));
    if (answer.status == 200) return std::optional(core::to_bytes(answer.body));
    if (answer.status == 404 || answer.status == 410) return std::nullopt;
    return server_.odd(answer);
  }

 private:
  Server server_;
};

class AllowedWebFiles final : public WebFiles {
 public:
  AllowedWebFiles(std::vector<std::string> allowed, const Patience& patience)
      : allowed_(std::move(allowed)), patience_(patience) {
    for (std::string& one : allowed_) {
      if (!one.ends_with('/')) one += '/';
    }
  }

  core::Result<core::Bytes> fetch(const std::string& address, const ipld::Cid& cid) override {
    const std::size_t path = std::min(address.find_first_of("/?", kScheme.size()), address.size());
    if (std::ranges::none_of(allowed_, [&](const std::string& one) {
          return address.starts_with(one) || address + "/" == one;
        }))
      return core::fail(ErrorCode::kPermissionDenied,
                        "nothing is fetched from " + address + ": allow it with --trust-url " +
                            address.substr(0, path) + "/ (`every.trusted_urls`), or load the file");
    EVERY_TRY_ASSIGN(HttpPlace place, HttpPlace::parse(address.substr(0, path)));
    auto server = std::make_shared<Server>(std::move(place), patience_);
    EVERY_TRY(begin(server));
    HttpRequest request;
    request.target = path == address.size() ? "/" : address.substr(path);
    auto answer = server->send(request, Server::Tries::kSome);
    end(server);
    if (!answer) return std::unexpected(std::move(answer).error());
    if (answer->status == 404 || answer->status == 410)
      return core::fail(ErrorCode::kNotFound, "there is no " + address);
    if (answer->status >= 300 && answer->status < 400)
      return core::fail(ErrorCode::kUnavailable, address + " is elsewhere now (" +
                                                     std::to_string(answer->status) +
                                                     "); write the address it leads to");
    if (answer->status != 200) return server->odd(*answer);
    core::Bytes bytes = core::to_bytes(answer->body);
    EVERY_TRY_ASSIGN(const bool right, is_named(cid, bytes));
    if (right) return bytes;
    return core::fail(ErrorCode::kIntegrity, "what is at " + address +
                                                 " is other content than its hash says (" +
                                                 cid.render() + "); it was not used");
  }

  void cancel() override {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    for (const auto& server : under_way_) server->cancel();
  }

 private:
  static constexpr std::string_view kScheme = "https://";

  static core::Result<bool> is_named(const ipld::Cid& cid, core::BytesView bytes) {
    if (cid.codec() == ipld::Codec::kRaw) return cid.matches(bytes);
    EVERY_TRY_ASSIGN(const ipld::Cid named, cid_of_file(bytes));
    return named == cid;
  }
  core::Status begin(const std::shared_ptr<Server>& server) {
    const std::lock_guard lock(mutex_);
    if (cancelled_) return core::fail(ErrorCode::kCancelled, "the node is stopping");
    under_way_.push_back(server);
    return {};
  }
  void end(const std::shared_ptr<Server>& server) {
    const std::lock_guard lock(mutex_);
    std::erase(under_way_, server);
  }

  std::vector<std::string> allowed_;
  const Patience patience_;
  std::mutex mutex_;
  bool cancelled_ = false;
  std::vector<std::shared_ptr<Server>> under_way_;
};

}  // namespace

std::shared_ptr<WebFiles> make_web_files(std::vector<std::string> allowed,
                                         const Patience& patience) {
  return std::make_shared<AllowedWebFiles>(std::move(allowed), patience);
}

std::shared_ptr<Kubo> make_kubo(const std::string& host, std::uint16_t port,
                                const Patience& patience) {
  HttpPlace place;
  place.host = host;
  place.port = port;
  return std::make_shared<KuboNode>(std::move(place), patience);
}

core::Result<std::shared_ptr<BlockSource>> make_http_gateway(const std::string& address,
                                                             const Patience& patience) {
  EVERY_TRY_ASSIGN(HttpPlace place, HttpPlace::parse(address));
  return std::make_shared<HttpGateway>(std::move(place), patience);
}

}  // namespace every::blocks
