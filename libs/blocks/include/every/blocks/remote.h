#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "every/blocks/blocks.h"
#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"

/// Content elsewhere: a Kubo node over its RPC, trustless HTTP gateways, files on the web.
namespace every::blocks {

/// A place that blocks may be had from. What it gives is not trusted: who asks checks it. thread: any.
class BlockSource {
 public:
  virtual ~BlockSource() = default;
  /// What people know it by: an address.
  [[nodiscard]] virtual const std::string& name() const = 0;
  /// A block's bytes, not checked; none when the place does not have it. Tries again by itself where that may help.
  /// errors: kUnavailable nobody answers, or an answer that makes no sense; kTimeout; kResourceExhausted a block beyond 128 MiB
  [[nodiscard]] virtual core::Result<std::optional<core::Bytes>> fetch(const ipld::Cid& cid) = 0;
  /// Ends what is under way soon, and all that comes later at once, with kCancelled.
  virtual void cancel() = 0;
};

/// How long and how often something elsewhere is tried.
struct Patience {
  std::chrono::milliseconds connect{2000};
  std::chrono::milliseconds answer{30000};
  int tries = 3;  ///< of what failed on the way, not of what was refused
  std::chrono::milliseconds first_pause{200};  ///< doubled after each try
};

/// A Kubo node, over its RPC. Never changes its settings. source: https://docs.ipfs.tech/reference/kubo/rpc/
class Kubo : public BlockSource {
 public:
  /// Its peer id. One try. errors: kUnavailable, kTimeout, kCancelled
  [[nodiscard]] virtual core::Result<std::string> id() = 0;
  /// Whether it has a block in its own repository. errors: as id
  [[nodiscard]] virtual core::Result<bool> has(const ipld::Cid& cid) = 0;
  /// Puts a block under exactly this CID; a block of more than 1 MiB with leave to be that big. Not pinned. One try.
  /// errors: as id; kIntegrity it names the block otherwise; kInvalidArgument it refuses it
  [[nodiscard]] virtual core::Status put(const ipld::Cid& cid, core::BytesView block) = 0;
  enum class Pin : std::uint8_t {
    kDirect,     ///< the block alone
    kRecursive,  ///< all that it links to, which must be there or be found
  };
  /// Keeps blocks from being collected. One try. errors: as id; kInvalidArgument it refuses one, and then all
  [[nodiscard]] virtual core::Status pin(std::span<const ipld::Cid> cids, Pin how) = 0;
  /// Adds and pins a file with `cid-version=1`, raw leaves and chunks of 262144 bytes. One try. out: the CID it gives. errors: as put
  [[nodiscard]] virtual core::Result<ipld::Cid> add(core::BytesView file) = 0;
};
/// in: host   name or address, without brackets
[[nodiscard]] std::shared_ptr<Kubo> make_kubo(const std::string& host, std::uint16_t port,
                                              const Patience& patience = {});

/// A trustless gateway: `GET <address>/ipfs/<cid>?format=raw`. in: address   `https://…` or `http://…`
/// errors: kInvalidArgument no such address. source: https://specs.ipfs.tech/http-gateways/trustless-gateway/
[[nodiscard]] core::Result<std::shared_ptr<BlockSource>> make_http_gateway(
    const std::string& address, const Patience& patience = {});

/// Files on the web that are known by their hash. thread: any.
class WebFiles {
 public:
  virtual ~WebFiles() = default;
  /// The file at an address, which must hash to `cid`: one raw block, or a file as add_file names it. Tries again by itself where that may help;
  /// follows no redirect.
  /// in: address   as the WHATWG rules print it, without a fragment
  /// errors: kPermissionDenied the address is under none that was allowed; kIntegrity other content is there; kNotFound; kUnavailable;
  ///         kTimeout; kResourceExhausted beyond 128 MiB; kCancelled
  [[nodiscard]] virtual core::Result<core::Bytes> fetch(const std::string& address,
                                                        const ipld::Cid& cid) = 0;
  /// As BlockSource::cancel.
  virtual void cancel() = 0;
};
/// in: allowed   addresses below which files may be fetched, as the WHATWG rules print them: `https://example.org/`. A last `/` is implied.
[[nodiscard]] std::shared_ptr<WebFiles> make_web_files(std::vector<std::string> allowed,
                                                       const Patience& patience = {});

/// Told of what could not be had from where, one sentence. thread: any
using RemoteNotice = std::function<void(const std::string&)>;

/// `here`, and where it has nothing each source in turn. What is found elsewhere is checked against its CID and kept here.
///
/// find: errors: those of `here`; kIntegrity what was offered does not match, and nobody else has it; kUnavailable somebody could not be asked
/// has, put: of `here` alone
[[nodiscard]] std::unique_ptr<BlockStore> make_layered_blocks(
    std::unique_ptr<BlockStore> here, std::vector<std::shared_ptr<BlockSource>> sources,
    RemoteNotice on_notice = {});

}  // namespace every::blocks
