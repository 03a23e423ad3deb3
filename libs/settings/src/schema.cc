#include "schema.h"

#include <array>
#include <filesystem>
#include <type_traits>

namespace every::settings {
namespace {

constexpr std::int64_t kU16 = 65535;
constexpr std::int64_t kU32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kYears =
    std::int64_t{10} * 366 * 24 * 3600;  // seconds that still fit nanoseconds

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {
  using Value = T;
};

template <typename T>
T convert(const Scalar& value) {
  if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::vector<std::string>>) {
    return std::get<T>(value);
  } else if constexpr (std::is_same_v<T, std::filesystem::path>) {
    return T(std::get<std::string>(value));
  } else if constexpr (std::is_arithmetic_v<T>) {
    return static_cast<T>(std::get<std::int64_t>(value));
  } else {
    return T(std::get<std::int64_t>(value));  // a duration
  }
}

template <typename T>
Scalar to_scalar(const T& value) {
  if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::vector<std::string>>) {
    return value;
  } else if constexpr (std::is_same_v<T, std::filesystem::path>) {
    return value.string();
  } else if constexpr (std::is_arithmetic_v<T>) {
    return static_cast<std::int64_t>(value);
  } else {
    return static_cast<std::int64_t>(value.count());
  }
}

/// Puts a value, already of the right shape and in range, into a member.
template <auto kMember>
core::Status put(Settings& settings, const Scalar& value) {
  auto& member = settings.*kMember;
  using Member = std::remove_reference_t<decltype(member)>;
  if constexpr (IsOptional<Member>::value) {
    member = convert<typename IsOptional<Member>::Value>(value);
  } else {
    member = convert<Member>(value);
  }
  return {};
}

template <auto kMember>
std::optional<Scalar> take(const Settings& settings) {
  const auto& member = settings.*kMember;
  if constexpr (IsOptional<std::remove_cvref_t<decltype(member)>>::value) {
    if (!member) return std::nullopt;
    return to_scalar(*member);
  } else {
    return to_scalar(member);
  }
}

core::Status put_durability(Settings& settings, const Scalar& value) {
  EVERY_TRY_ASSIGN(settings.durability, parse_durability(std::get<std::string>(value)));
  return {};
}
std::optional<Scalar> take_durability(const Settings& settings) {
  return Scalar(std::string(render_durability(settings.durability)));
}
core::Status put_ipfs(Settings& settings, const Scalar& value) {
  EVERY_TRY_ASSIGN(settings.ipfs, parse_ipfs(std::get<std::string>(value)));
  return {};
}
std::optional<Scalar> take_ipfs(const Settings& settings) {
  return Scalar(std::string(render_ipfs(settings.ipfs)));
}

template <auto kMember>
constexpr Key number(std::string_view path, std::int64_t least, std::int64_t most) {
  return {path, Shape::kNumber, least, most, put<kMember>, take<kMember>, {}};
}
template <auto kMember>
constexpr Key other(std::string_view path, Shape shape) {
  return {path, shape, 0, 0, put<kMember>, take<kMember>, {}};
}
/// Keys of the original that have no effect here, with its defaults.
constexpr Key unused(std::string_view path, std::int64_t least, std::int64_t most,
                     std::string_view original) {
  return {path, Shape::kNumber, least, most, nullptr, nullptr, original};
}
constexpr Key unused(std::string_view path, Shape shape, std::string_view original) {
  return {path, shape, 0, 0, nullptr, nullptr, original};
}

constexpr std::array kSchema{
    number<&Settings::gc_interval>("node.gc_interval", 0, kYears),
    number<&Settings::shutdown_timeout>("node.shutdown_timeout", 0, kYears),
    other<&Settings::db_url>("node.db.url", Shape::kText),
    number<&Settings::db_max_pool_size>("node.db.max_pool_size", 1, kU32),
    unused("node.monitoring.console_subscriber_port", 0, kU16, "6669"),
    unused("node.monitoring.process_collector_interval", 0, kAny, "5000"),
    unused("node.network.events_buffer_len", 1, kAny, "1024"),
    unused("node.network.poll_cache_interval", 0, kAny, "1000"),
    Key{"node.network.keypair_config", Shape::kKeypair, 0, 0, nullptr, nullptr, {}},
    number<&Settings::metrics_port>("node.network.metrics.port", 0, kU16),
    other<&Settings::rpc_host>("node.network.rpc.host", Shape::kText),
    number<&Settings::rpc_port>("node.network.rpc.port", 0, kU16),
    unused("node.network.rpc.max_connections", 1, kAny, "10"),
    unused("node.network.rpc.server_timeout", 0, kYears, "120"),
    other<&Settings::ipfs_host>("node.network.ipfs.host", Shape::kText),
    number<&Settings::ipfs_port>("node.network.ipfs.port", 0, kU16),
    other<&Settings::webserver_host>("node.network.webserver.host", Shape::kText),
    other<&Settings::webserver_v4_host>("node.network.webserver.v4_host", Shape::kText),
    other<&Settings::webserver_v6_host>("node.network.webserver.v6_host", Shape::kText),
    number<&Settings::webserver_port>("node.network.webserver.port", 0, kU16),
    unused("node.network.webserver.timeout", 0, kYears, "120"),
    unused("node.network.webserver.websocket_capacity", 1, kAny, "2048"),
    unused("node.network.webserver.websocket_sender_timeout", 0, kAny, "30000"),
    unused("node.network.libp2p.listen_address", Shape::kText, R"("/ip4/0.0.0.0/tcp/0")"),
    unused("node.network.libp2p.announce_addresses", Shape::kTexts, "[]"),
    unused("node.network.libp2p.node_addresses", Shape::kTexts, "[]"),
    unused("node.network.libp2p.max_connected_peers", 0, kU32, "32"),
    unused("node.network.libp2p.max_announce_addresses", 0, kU32, "10"),
    unused("node.network.libp2p.idle_connection_timeout", 0, kYears, "60"),
    unused("node.network.libp2p.transport_connection_timeout", 0, kYears, "60"),
    unused("node.network.libp2p.dial_interval", 0, kYears, "30"),
    unused("node.network.libp2p.bootstrap_interval", 0, kYears, "30"),
    unused("node.network.libp2p.quic.enable", Shape::kBoolean, "true"),
    unused("node.network.libp2p.autonat.boot_delay", 0, kYears, "15"),
    unused("node.network.libp2p.autonat.retry_interval", 0, kYears, "90"),
    unused("node.network.libp2p.autonat.throttle_server_period", 0, kYears, "90"),
    unused("node.network.libp2p.autonat.only_public_ips", Shape::kBoolean, "true"),
    unused("node.network.libp2p.dht.enable_resolve_receipts_in_background", Shape::kBoolean,
           "true"),
    unused("node.network.libp2p.dht.p2p_receipt_timeout", 0, kAny, "500"),
    unused("node.network.libp2p.dht.p2p_workflow_info_timeout", 0, kAny, "500"),
    unused("node.network.libp2p.dht.p2p_provider_timeout", 0, kAny, "10000"),
    unused("node.network.libp2p.dht.receipt_quorum", 1, kAny, "2"),
    unused("node.network.libp2p.dht.workflow_quorum", 1, kAny, "3"),
    unused("node.network.libp2p.mdns.enable", Shape::kBoolean, "true"),
    unused("node.network.libp2p.mdns.enable_ipv6", Shape::kBoolean, "false"),
    unused("node.network.libp2p.mdns.query_interval", 0, kYears, "300"),
    unused("node.network.libp2p.mdns.ttl", 0, kYears, "540"),
    unused("node.network.libp2p.pubsub.enable", Shape::kBoolean, "true"),
    unused("node.network.libp2p.pubsub.duplication_cache_time", 0, kYears, "1"),
    unused("node.network.libp2p.pubsub.heartbeat", 0, kYears, "60"),
    unused("node.network.libp2p.pubsub.max_transmit_size", 1, kAny, "10485760"),
    unused("node.network.libp2p.pubsub.mesh_n_low", 0, kAny, "1"),
    unused("node.network.libp2p.pubsub.mesh_n", 0, kAny, "2"),
    unused("node.network.libp2p.pubsub.mesh_n_high", 0, kAny, "10"),
    unused("node.network.libp2p.pubsub.mesh_outbound_min", 0, kAny, "1"),
    unused("node.network.libp2p.rendezvous.enable_client", Shape::kBoolean, "true"),
    unused("node.network.libp2p.rendezvous.enable_server", Shape::kBoolean, "false"),
    unused("node.network.libp2p.rendezvous.registration_ttl", 0, kYears, "7200"),
    unused("node.network.libp2p.rendezvous.discovery_interval", 0, kYears, "600"),
    other<&Settings::host>("every.host", Shape::kText),
    number<&Settings::port>("every.port", 0, kU16),
    Key{"every.durability", Shape::kText, 0, 0, put_durability, take_durability, {}},
    number<&Settings::workers>("every.workers", 0, 1024),
    Key{"every.ipfs", Shape::kText, 0, 0, put_ipfs, take_ipfs, {}},
    other<&Settings::gateways>("every.gateways", Shape::kTexts),
    other<&Settings::trusted_urls>("every.trusted_urls", Shape::kTexts),
    other<&Settings::trusted_keys>("every.trusted_keys", Shape::kTexts),
    other<&Settings::cors>("every.cors", Shape::kTexts),
    other<&Settings::host_names>("every.host_names", Shape::kTexts),
    other<&Settings::token_file>("every.token_file", Shape::kPath),
    other<&Settings::tls_cert>("every.tls_cert", Shape::kPath),
    other<&Settings::tls_key>("every.tls_key", Shape::kPath),
    other<&Settings::traces_endpoint>("every.traces.endpoint", Shape::kText),
    other<&Settings::traces_service>("every.traces.service_name", Shape::kText),
    number<&Settings::body_bytes>("every.limits.body_bytes", 1024, std::int64_t{1} << 40),
    number<&Settings::connections>("every.limits.connections", 1, 1'000'000),
    number<&Settings::active_runs>("every.limits.active_runs", 1, kU32),
    number<&Settings::run_time>("every.limits.run_time", 1, kYears),
    number<&Settings::keep_run_days>("every.keep.run_days", 0, 36'500),
    number<&Settings::keep_run_bytes>("every.keep.run_bytes", 0, kAny),
    number<&Settings::keep_code_bytes>("every.keep.code_bytes", 0, kAny),
    number<&Settings::guest_bytes>("every.limits.guest_memory", 0, std::int64_t{1} << 50),
    number<&Settings::compile_time>("every.limits.compile_time", 1, 86'400),
};

}  // namespace

std::span<const Key> schema() {
  return kSchema;
}

}  // namespace every::settings
