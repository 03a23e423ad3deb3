#pragma once

#include <cstdint>
#include <string>

#include "every/wasm/executor.h"
#include "every/wasm/worker_pool.h"

/// Payloads of the worker protocol: each struct with `encode` and its inverse `decode_…`.
/// source: docs/formats/worker-protocol.md
namespace every::wasm::worker {

/// Both ends must speak the same; they come from the same binary, so there is no negotiation.
inline constexpr std::uint32_t kProtocolVersion = 3;

/// kWelcome
struct Welcome {
  std::uint32_t version = kProtocolVersion;
  WorkerSettings settings;
};
[[nodiscard]] core::Bytes encode(const Welcome& welcome);
[[nodiscard]] core::Result<Welcome> decode_welcome(core::BytesView bytes);

/// kHello: the version alone.
[[nodiscard]] core::Bytes encode_hello();
/// errors: kUnsupported another version
[[nodiscard]] core::Status decode_hello(core::BytesView bytes);

/// kLoad: with the component's bytes, or without when the code cache should have it.
enum class Source : std::uint8_t { kCache = 0, kBytes = 1 };
struct Load {
  ipld::Cid cid;
  Source source = Source::kCache;
  core::BytesView bytes;  ///< of the frame
};
[[nodiscard]] core::Bytes encode(const Load& load);
[[nodiscard]] core::Result<Load> decode_load(core::BytesView bytes);

/// kLoaded
[[nodiscard]] core::Bytes encode_loaded(
    const core::Result<std::shared_ptr<const ComponentInfo>>& loaded);
[[nodiscard]] core::Result<core::Result<std::shared_ptr<const ComponentInfo>>> decode_loaded(
    core::BytesView bytes);

/// kStart. errors: kInvalidArgument an argument DAG-CBOR cannot say (NaN, text that is not UTF-8); it is named
[[nodiscard]] core::Result<core::Bytes> encode(const TaskSpec& spec);
[[nodiscard]] core::Result<TaskSpec> decode_start(core::BytesView bytes);

/// kLog
[[nodiscard]] core::Bytes encode(const LogLine& line);
[[nodiscard]] core::Result<LogLine> decode_log(core::BytesView bytes);

/// kDone
[[nodiscard]] core::Bytes encode(const TaskOutcome& outcome);
[[nodiscard]] core::Result<TaskOutcome> decode_done(core::BytesView bytes);

/// What a component offers. Types that functions share are written once.
[[nodiscard]] core::Bytes encode(const ComponentInfo& info);
/// errors: kMalformed; types that unfold to more than a million nodes or nest deeper than a thousand, too
[[nodiscard]] core::Result<std::shared_ptr<const ComponentInfo>> decode_info(core::BytesView bytes);

}  // namespace every::wasm::worker
