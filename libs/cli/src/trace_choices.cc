#include "trace_choices.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "every/core/text.h"

namespace every::cli {
namespace {

constexpr std::string_view kPath = "/v1/traces";

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

/// Percent-decoded; none when it is broken, or holds what no header takes.
std::optional<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const auto first = hex_digit(text[i + 1]);
      const auto second = hex_digit(text[i + 2]);
      if (!first || !second) return std::nullopt;
      c = static_cast<char>(*first * 16 + *second);
      i += 2;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    out += c;
  }
  return out;
}

/// `a=b,c=d`, values percent-encoded. none: it is not of that form
std::optional<Pairs> parse_pairs(std::string_view text) {
  Pairs pairs;
  while (!text.empty()) {
    const std::string_view item = core::trim_blanks(text.substr(0, text.find(',')));
    text.remove_prefix(std::min(
        text.size(), text.find(',') == std::string_view::npos ? text.size() : text.find(',') + 1));
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    auto name = decode(core::trim_blanks(item.substr(0, equals)));
    auto value = decode(core::trim_blanks(item.substr(equals + 1)));
    if (!name || name->empty() || !value) return std::nullopt;
    pairs.emplace_back(std::move(*name), std::move(*value));
  }
  return pairs;
}

bool is_token(const std::string& name) {
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

/// Variables of OpenTelemetry; an empty one counts as not set.
class Variables {
 public:
  explicit Variables(const LookUp& look_up) : look_up_(look_up) {}
  [[nodiscard]] std::optional<std::string> find(const std::string& name) const {
    auto value = look_up_(name.c_str());
    return value && !value->empty() ? value : std::nullopt;
  }
  /// `OTEL_EXPORTER_OTLP_TRACES_<name>`, else `OTEL_EXPORTER_OTLP_<name>`; and which it was.
  [[nodiscard]] std::pair<std::string, std::optional<std::string>> exporter(
      const std::string& name) const {
    std::string own = "OTEL_EXPORTER_OTLP_TRACES_" + name;
    if (auto value = find(own)) return {std::move(own), std::move(value)};
    std::string common = "OTEL_EXPORTER_OTLP_" + name;
    auto value = find(common);
    return {std::move(common), std::move(value)};
  }
  [[nodiscard]] bool is(const std::string& name, std::string_view wanted) const {
    std::string value = find(name).value_or("");
    for (char& c : value) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return value == wanted;
  }

 private:
  const LookUp& look_up_;
};

std::string with_path(std::string base) {
  while (base.ends_with('/')) base.pop_back();
  return base + std::string(kPath);
}

void read_headers(const Variables& variables, TraceChoice& choice) {
  const auto [name, text] = variables.exporter("HEADERS");
  if (!text) return;
  const auto pairs = parse_pairs(*text);
  if (!pairs ||
      !std::ranges::all_of(*pairs, [](const auto& pair) { return is_token(pair.first); })) {
    choice.warnings.push_back(name +
                              " is left out: it is not of the form name=value,name=value with "
                              "values percent-encoded");
    return;
  }
  for (const auto& [key, value] : *pairs) choice.options->headers.push_back({key, value});
}

void read_resource(const Variables& variables, TraceChoice& choice) {
  if (const auto text = variables.find("OTEL_RESOURCE_ATTRIBUTES")) {
    const auto pairs = parse_pairs(*text);
    if (!pairs) {
      choice.warnings.push_back(
          "OTEL_RESOURCE_ATTRIBUTES is left out: it is not of the form name=value,name=value");
    } else {
      for (const auto& [key, value] : *pairs) {
        if (key == "service.name") {
          choice.options->service_name = value;
        } else {
          choice.options->resource.emplace_back(key, value);
        }
      }
    }
  }
  if (const auto name = variables.find("OTEL_SERVICE_NAME")) choice.options->service_name = *name;
}

void read_timeout(const Variables& variables, TraceChoice& choice) {
  const auto [name, text] = variables.exporter("TIMEOUT");
  if (!text) return;
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (problem != std::errc() || end != text->data() + text->size() || number == 0) {
    choice.warnings.push_back(name + " is left out: '" + *text + "' is no number of milliseconds");
    return;
  }
  choice.options->timeout = std::chrono::milliseconds(number);
}

}  // namespace

TraceChoice choose_traces(const settings::Settings& settings, const LookUp& look_up) {
  const Variables variables(look_up);
  TraceChoice choice;
  std::string endpoint = settings.traces_endpoint ? with_path(*settings.traces_endpoint) : "";
  // Of the common variable the path is a beginning, of the one for traces all of it.
  if (const auto own = variables.find("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")) {
    endpoint = *own;
  } else if (const auto common = variables.find("OTEL_EXPORTER_OTLP_ENDPOINT")) {
    endpoint = with_path(*common);
  }
  if (endpoint.empty() || variables.is("OTEL_SDK_DISABLED", "true") ||
      variables.is("OTEL_TRACES_EXPORTER", "none"))
    return choice;
  choice.options.emplace();
  choice.options->endpoint = std::move(endpoint);
  if (settings.traces_service) choice.options->service_name = *settings.traces_service;
  read_headers(variables, choice);
  read_resource(variables, choice);
  read_timeout(variables, choice);
  if (const auto [name, file] = variables.exporter("CERTIFICATE"); file)
    choice.options->tls_ca = *file;
  if (const auto [name, protocol] = variables.exporter("PROTOCOL"); protocol == "grpc")
    choice.warnings.push_back(name +
                              " asks for gRPC, which is not spoken here: traces are sent as "
                              "http/json to the same endpoint (a collector takes them on port "
                              "4318)");
  return choice;
}

}  // namespace every::cli
