#include "worker/messages.h"

#include <algorithm>
#include <utility>

#include "worker/wire.h"

#include "every/core/text.h"
#include "every/ipld/dag_cbor.h"

namespace every::wasm::worker {

using core::ErrorCode;

namespace {

constexpr std::uint8_t kOk = 0;
constexpr std::uint8_t kFailed = 1;
constexpr std::size_t kLengthBytes = 8;

void put(ByteWriter& out, const core::Error& error) {
  out.text(core::info(error.code).name);
  out.text(error.message);
  out.u32(static_cast<std::uint32_t>(error.context.size()));
  for (const auto& [key, value] : error.context) {
    out.text(key);
    out.text(value);
  }
}

core::Error get_error(ByteReader& in) {
  core::Error error;
  const auto name = in.text();
  const auto* code = core::find_error_code(name);
  error.code = code == nullptr ? ErrorCode::kInternal : code->code;
  error.message = core::to_valid_utf8(in.text());
  for (auto left = in.count(2 * kLengthBytes); left > 0; --left) {
    auto key = in.text();
    error.context.emplace_back(std::move(key), core::to_valid_utf8(in.text()));
  }
  return error;
}

std::uint64_t nanos(std::chrono::nanoseconds duration) {
  return duration.count() < 0 ? 0 : static_cast<std::uint64_t>(duration.count());
}
std::chrono::nanoseconds duration(std::uint64_t value) {
  return std::chrono::nanoseconds(
      static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX)));
}

}  // namespace

core::Bytes encode(const Welcome& welcome) {
  ByteWriter out;
  out.u32(welcome.version);
  out.u8(static_cast<std::uint8_t>(welcome.settings.role));
  out.u64(welcome.settings.threads);
  out.u64(welcome.settings.max_threads);
  out.text(welcome.settings.code_cache.native());
  out.u64(welcome.settings.data_bytes);
  out.u64(welcome.settings.guest_bytes);
  out.u64(welcome.settings.cpu_seconds);
  return out.take();
}

core::Result<Welcome> decode_welcome(core::BytesView bytes) {
  ByteReader in(bytes);
  Welcome welcome;
  welcome.version = in.u32();
  if (welcome.version != kProtocolVersion) {
    return core::fail(ErrorCode::kUnsupported, "the node speaks version " +
                                                   std::to_string(welcome.version) +
                                                   " of the worker protocol, this worker " +
                                                   std::to_string(kProtocolVersion));
  }
  const auto role = in.u8();
  welcome.settings.role = role == static_cast<std::uint8_t>(WorkerRole::kCompile)
                              ? WorkerRole::kCompile
                              : WorkerRole::kRun;
  welcome.settings.threads = in.u64();
  welcome.settings.max_threads = in.u64();
  welcome.settings.code_cache = in.text();
  welcome.settings.data_bytes = in.u64();
  welcome.settings.guest_bytes = in.u64();
  welcome.settings.cpu_seconds = in.u64();
  EVERY_TRY(in.finish("the welcome"));
  return welcome;
}

core::Bytes encode_hello() {
  ByteWriter out;
  out.u32(kProtocolVersion);
  return out.take();
}

core::Status decode_hello(core::BytesView bytes) {
  ByteReader in(bytes);
  const auto version = in.u32();
  EVERY_TRY(in.finish("the hello"));
  if (version != kProtocolVersion) {
    return core::fail(ErrorCode::kUnsupported,
                      "the worker speaks version " + std::to_string(version) +
                          " of the worker protocol, this node " + std::to_string(kProtocolVersion));
  }
  return {};
}

core::Bytes encode(const Load& load) {
  ByteWriter out;
  out.bytes(load.cid.encode());
  out.u8(static_cast<std::uint8_t>(load.source));
  out.raw(load.bytes);
  return out.take();
}

core::Result<Load> decode_load(core::BytesView bytes) {
  ByteReader in(bytes);
  const auto cid = in.bytes();
  const auto source = in.u8() == 0 ? Source::kCache : Source::kBytes;
  const auto rest = in.rest();
  EVERY_TRY(in.finish("a load"));
  EVERY_TRY_ASSIGN(auto parsed, ipld::Cid::decode(cid));
  return Load{std::move(parsed), source, rest};
}

core::Bytes encode_loaded(const core::Result<std::shared_ptr<const ComponentInfo>>& loaded) {
  ByteWriter out;
  out.u8(loaded ? kOk : kFailed);
  if (loaded) {
    out.raw(encode(**loaded));
  } else {
    put(out, loaded.error());
  }
  return out.take();
}

core::Result<core::Result<std::shared_ptr<const ComponentInfo>>> decode_loaded(
    core::BytesView bytes) {
  ByteReader in(bytes);
  if (in.u8() == kOk && !in.failed()) {
    EVERY_TRY_ASSIGN(auto info, decode_info(in.rest()));
    return core::Result<std::shared_ptr<const ComponentInfo>>(std::move(info));
  }
  auto error = get_error(in);
  EVERY_TRY(in.finish("a loaded"));
  return core::Result<std::shared_ptr<const ComponentInfo>>(std::unexpected(std::move(error)));
}

core::Result<core::Bytes> encode(const TaskSpec& spec) {
  ByteWriter out;
  out.bytes(spec.component.encode());
  out.text(spec.function);
  out.u64(spec.limits.memory_bytes);
  out.u64(nanos(spec.limits.time));
  out.u8(spec.limits.fuel ? 1 : 0);
  out.u64(spec.limits.fuel.value_or(0));
  out.u64(spec.limits.result_bytes);
  out.u64(spec.limits.log_lines);
  out.raw(spec.seed);
  // One by one, so that an argument may be as deep as any value.
  out.u32(static_cast<std::uint32_t>(spec.args.size()));
  for (std::size_t i = 0; i < spec.args.size(); ++i) {
    auto bytes = ipld::dag_cbor::encode(spec.args[i]);
    if (!bytes) {
      return core::fail(std::move(bytes).error().in("not able to run fn " + spec.function +
                                                    ": argument " + std::to_string(i + 1)));
    }
    out.bytes(*bytes);
  }
  return out.take();
}

core::Result<TaskSpec> decode_start(core::BytesView bytes) {
  ByteReader in(bytes);
  EVERY_TRY_ASSIGN(auto cid, ipld::Cid::decode(in.bytes()));
  TaskSpec spec{std::move(cid), in.text(), {}, {}, {}};
  spec.limits.memory_bytes = in.u64();
  spec.limits.time = duration(in.u64());
  const bool has_fuel = in.u8() != 0;
  const auto fuel = in.u64();
  if (has_fuel) spec.limits.fuel = fuel;
  spec.limits.result_bytes = in.u64();
  spec.limits.log_lines = in.u64();
  const auto seed = in.raw(spec.seed.size());
  if (seed.size() == spec.seed.size()) std::copy(seed.begin(), seed.end(), spec.seed.begin());
  const auto count = in.count(kLengthBytes);
  spec.args.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    EVERY_TRY_ASSIGN(auto value, ipld::dag_cbor::decode(in.bytes()));
    spec.args.push_back(std::move(value));
  }
  EVERY_TRY(in.finish("a start"));
  return spec;
}

core::Bytes encode(const LogLine& line) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(line.level));
  out.text(line.category);
  out.text(line.message);
  return out.take();
}

core::Result<LogLine> decode_log(core::BytesView bytes) {
  ByteReader in(bytes);
  const auto level =
      std::min<std::uint8_t>(in.u8(), static_cast<std::uint8_t>(core::LogLevel::kError));
  auto category = core::to_valid_utf8(in.text());
  auto message = core::to_valid_utf8(in.text());
  EVERY_TRY(in.finish("a log line"));
  return LogLine{static_cast<core::LogLevel>(level), std::move(category), std::move(message)};
}

core::Bytes encode(const TaskOutcome& outcome) {
  ByteWriter out;
  out.u8(outcome.value ? kOk : kFailed);
  out.u64(nanos(outcome.stats.run_time));
  out.u64(outcome.stats.peak_memory_bytes);
  out.u64(outcome.stats.fuel);
  if (outcome.value) {
    out.raw(*outcome.value);
  } else {
    put(out, outcome.value.error());
  }
  return out.take();
}

core::Result<TaskOutcome> decode_done(core::BytesView bytes) {
  ByteReader in(bytes);
  const bool ok = in.u8() == kOk;
  TaskStats stats;
  stats.run_time = duration(in.u64());
  stats.peak_memory_bytes = in.u64();
  stats.fuel = in.u64();
  if (!ok) {
    auto error = get_error(in);
    EVERY_TRY(in.finish("a done"));
    return TaskOutcome{std::unexpected(std::move(error)), stats};
  }
  const auto value = in.rest();
  EVERY_TRY(in.finish("a done"));
  return TaskOutcome{core::to_bytes(value), stats};
}

}  // namespace every::wasm::worker
