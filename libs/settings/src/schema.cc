#include "schema.h"

#include <array>
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
  if constexpr (std::is_same_v<T, std::string>) {
    return std::get<std::string>(value);
  } else if constexpr (std::is_arithmetic_v<T>) {
    return static_cast<T>(std::get<std::int64_t>(value));
  } else {
    return T(std::get<std::int64_t>(value));  // a duration
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

core::Status put_durability(Settings& settings, const Scalar& value) {
  EVERY_TRY_ASSIGN(settings.durability, parse_durability(std::get<std::string>(value)));
  return {};
}

constexpr Key number(std::string_view path, std::int64_t least, std::int64_t most,
                     core::Status (*set)(Settings&, const Scalar&) = nullptr) {
  return {path, Shape::kNumber, least, most, set};
}
constexpr Key other(std::string_view path, Shape shape,
                    core::Status (*set)(Settings&, const Scalar&) = nullptr) {
  return {path, shape, 0, 0, set};
}

constexpr std::array kSchema{
    number("node.gc_interval", 0, kYears, put<&Settings::gc_interval>),
    number("node.shutdown_timeout", 0, kYears, put<&Settings::shutdown_timeout>),
    other("node.db.url", Shape::kText, put<&Settings::db_url>),
    number("node.db.max_pool_size", 1, kU32, put<&Settings::db_max_pool_size>),
    number("node.monitoring.console_subscriber_port", 0, kU16),
    number("node.monitoring.process_collector_interval", 0, kAny),
    number("node.network.events_buffer_len", 1, kAny),
    number("node.network.poll_cache_interval", 0, kAny),
    other("node.network.keypair_config", Shape::kKeypair),
    number("node.network.metrics.port", 0, kU16, put<&Settings::metrics_port>),
    other("node.network.rpc.host", Shape::kText),
    number("node.network.rpc.port", 0, kU16, put<&Settings::rpc_port>),
    number("node.network.rpc.max_connections", 1, kAny),
    number("node.network.rpc.server_timeout", 0, kYears),
    other("node.network.ipfs.host", Shape::kText, put<&Settings::ipfs_host>),
    number("node.network.ipfs.port", 0, kU16, put<&Settings::ipfs_port>),
    other("node.network.webserver.host", Shape::kText, put<&Settings::webserver_host>),
    other("node.network.webserver.v4_host", Shape::kText),
    other("node.network.webserver.v6_host", Shape::kText),
    number("node.network.webserver.port", 0, kU16, put<&Settings::webserver_port>),
    number("node.network.webserver.timeout", 0, kYears),
    number("node.network.webserver.websocket_capacity", 1, kAny),
    number("node.network.webserver.websocket_sender_timeout", 0, kAny),
    other("node.network.libp2p.listen_address", Shape::kText),
    other("node.network.libp2p.announce_addresses", Shape::kTexts),
    other("node.network.libp2p.node_addresses", Shape::kTexts),
    number("node.network.libp2p.max_connected_peers", 0, kU32),
    number("node.network.libp2p.max_announce_addresses", 0, kU32),
    number("node.network.libp2p.idle_connection_timeout", 0, kYears),
    number("node.network.libp2p.transport_connection_timeout", 0, kYears),
    number("node.network.libp2p.dial_interval", 0, kYears),
    number("node.network.libp2p.bootstrap_interval", 0, kYears),
    other("node.network.libp2p.quic.enable", Shape::kBoolean),
    number("node.network.libp2p.autonat.boot_delay", 0, kYears),
    number("node.network.libp2p.autonat.retry_interval", 0, kYears),
    number("node.network.libp2p.autonat.throttle_server_period", 0, kYears),
    other("node.network.libp2p.autonat.only_public_ips", Shape::kBoolean),
    other("node.network.libp2p.dht.enable_resolve_receipts_in_background", Shape::kBoolean),
    number("node.network.libp2p.dht.p2p_receipt_timeout", 0, kAny),
    number("node.network.libp2p.dht.p2p_workflow_info_timeout", 0, kAny),
    number("node.network.libp2p.dht.p2p_provider_timeout", 0, kAny),
    number("node.network.libp2p.dht.receipt_quorum", 1, kAny),
    number("node.network.libp2p.dht.workflow_quorum", 1, kAny),
    other("node.network.libp2p.mdns.enable", Shape::kBoolean),
    other("node.network.libp2p.mdns.enable_ipv6", Shape::kBoolean),
    number("node.network.libp2p.mdns.query_interval", 0, kYears),
    number("node.network.libp2p.mdns.ttl", 0, kYears),
    other("node.network.libp2p.pubsub.enable", Shape::kBoolean),
    number("node.network.libp2p.pubsub.duplication_cache_time", 0, kYears),
    number("node.network.libp2p.pubsub.heartbeat", 0, kYears),
    number("node.network.libp2p.pubsub.max_transmit_size", 1, kAny),
    number("node.network.libp2p.pubsub.mesh_n_low", 0, kAny),
    number("node.network.libp2p.pubsub.mesh_n", 0, kAny),
    number("node.network.libp2p.pubsub.mesh_n_high", 0, kAny),
    number("node.network.libp2p.pubsub.mesh_outbound_min", 0, kAny),
    other("node.network.libp2p.rendezvous.enable_client", Shape::kBoolean),
    other("node.network.libp2p.rendezvous.enable_server", Shape::kBoolean),
    number("node.network.libp2p.rendezvous.registration_ttl", 0, kYears),
    number("node.network.libp2p.rendezvous.discovery_interval", 0, kYears),
    other("every.host", Shape::kText, put<&Settings::host>),
    number("every.port", 0, kU16, put<&Settings::port>),
    other("every.durability", Shape::kText, put_durability),
    number("every.workers", 0, 1024, put<&Settings::workers>),
    number("every.limits.body_bytes", 1024, std::int64_t{1} << 40, put<&Settings::body_bytes>),
    number("every.limits.connections", 1, 1'000'000, put<&Settings::connections>),
    number("every.limits.active_runs", 1, kU32, put<&Settings::active_runs>),
    number("every.limits.run_time", 1, kYears, put<&Settings::run_time>),
};

}  // namespace

std::span<const Key> schema() {
  return kSchema;
}

}  // namespace every::settings
