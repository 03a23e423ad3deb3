#include "content_access.h"

#include <algorithm>
#include <span>
#include <utility>

#include "node_request.h"

#include "every/gateway/message.h"
#include "every/ipld/car.h"

namespace every::cli {
namespace {

using core::ErrorCode;

// Enough that a commit on the node costs little, little enough to hold in memory.
constexpr std::size_t kSendBytes = std::size_t{8} << 20;
constexpr std::size_t kLargestBlock = std::size_t{2} << 20;  // that adding makes

}  // namespace

core::Result<ContentPath> ContentPath::parse(std::string_view text) {
  for (const std::string_view prefix : {"ipfs://", "/ipfs/", "ipfs/"}) {
    if (!text.starts_with(prefix)) continue;
    text.remove_prefix(prefix.size());
    break;
  }
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find('/'));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (!word.empty()) words.emplace_back(word);
  }
  if (words.empty()) return core::fail(ErrorCode::kMalformed, "there is no CID in an empty text");
  EVERY_TRY_ASSIGN(ipld::Cid root, ipld::Cid::parse(words.front()));
  words.erase(words.begin());
  return ContentPath{std::move(root), std::move(words)};
}

core::Result<std::unique_ptr<ContentAccess>> ContentAccess::open(NodeChoices choices,
                                                                 const Console& console) {
  choices.workers = 0;
  EVERY_TRY_ASSIGN(auto node, NodeAccess::open(choices, console));
  return std::unique_ptr<ContentAccess>(new ContentAccess(std::move(node)));
}

ipld::unixfs::BlockSource ContentAccess::source() {
  return [this](const ipld::Cid& cid) -> core::Result<core::Bytes> {
    EVERY_TRY_ASSIGN(const gateway::Response response,
                     node_->send(get("/ipfs/" + cid.render() + "?format=raw")));
    if (response.status != 200) return std::unexpected(error_from(response));
    core::Bytes bytes = core::to_bytes(response.body);
    EVERY_TRY_ASSIGN(const bool matches, cid.matches(bytes));
    if (!matches)
      return core::fail(ErrorCode::kIntegrity,
                        "what the node gives for " + cid.render() + " does not hash to it");
    return bytes;
  };
}

ipld::unixfs::BlockSink ContentAccess::sink() {
  return [this](const ipld::Cid& cid, core::BytesView block) -> core::Status {
    if (waiting_.empty()) waiting_.reserve(kSendBytes + kLargestBlock);
    waiting_ += core::as_text(ipld::car::encode_block_header(cid, block.size()));
    waiting_ += core::as_text(block);
    return waiting_.size() >= kSendBytes ? send({}) : core::Status();
  };
}

core::Status ContentAccess::flush(const ipld::Cid& root) {
  return send(std::span(&root, 1));
}

core::Status ContentAccess::send(std::span<const ipld::Cid> roots) {
  std::string car = std::exchange(waiting_, {});
  car.insert(0, core::as_text(ipld::car::encode_header(roots)));
  gateway::Request request{gateway::Method::kPost,
                           "/-/blocks",
                           {{"Content-Type", "application/vnd.ipld.car"}},
                           std::move(car)};
  EVERY_TRY_ASSIGN(const gateway::Response response, node_->send(request));
  if (response.status != 200) return std::unexpected(error_from(response));
  return {};
}

}  // namespace every::cli
