#include "trace_choices.h"

#include <map>

#include <gtest/gtest.h>

namespace every::cli {
namespace {

using Variables = std::map<std::string, std::string>;

TraceChoice choose(const Variables& variables, const settings::Settings& settings = {}) {
  return choose_traces(settings, [&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found != variables.end() ? std::optional(found->second) : std::nullopt;
  });
}

TEST(TraceChoicesTest, NothingSaysThatTracesAreWanted) {
  EXPECT_FALSE(choose({}).options);
  EXPECT_FALSE(choose({{"OTEL_SERVICE_NAME", "x"}}).options);
}

TEST(TraceChoicesTest, TheCommonEndpointIsWhereThePathBegins) {
  EXPECT_EQ(choose({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/"}}).options->endpoint,
            "http://c:4318/v1/traces");
  EXPECT_EQ(choose({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/tenant"}}).options->endpoint,
            "http://c:4318/tenant/v1/traces");
}

TEST(TraceChoicesTest, TheEndpointOfTracesStandsAsItIsAndWins) {
  settings::Settings settings;
  settings.traces_endpoint = "http://file:4318";
  EXPECT_EQ(choose({}, settings).options->endpoint, "http://file:4318/v1/traces");
  const Variables both{{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://common"},
                       {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://own/x"}};
  EXPECT_EQ(choose(both, settings).options->endpoint, "http://own/x");
}

TEST(TraceChoicesTest, TracesAreSwitchedOff) {
  const Variables on{{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}};
  Variables off = on;
  off["OTEL_SDK_DISABLED"] = "TRUE";
  EXPECT_FALSE(choose(off).options);
  off = on;
  off["OTEL_TRACES_EXPORTER"] = "none";
  EXPECT_FALSE(choose(off).options);
  off["OTEL_TRACES_EXPORTER"] = "otlp";
  EXPECT_TRUE(choose(off).options);
}

TEST(TraceChoicesTest, HeadersAreDecodedAndThoseOfTracesWin) {
  Variables variables{{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"},
                      {"OTEL_EXPORTER_OTLP_HEADERS", " Authorization = Bearer%20a%2Cb , x=1"}};
  const auto choice = choose(variables);
  ASSERT_EQ(choice.options->headers.size(), 2u);
  EXPECT_EQ(choice.options->headers[0].name, "Authorization");
  EXPECT_EQ(choice.options->headers[0].value, "Bearer a,b");
  variables["OTEL_EXPORTER_OTLP_TRACES_HEADERS"] = "y=2";
  EXPECT_EQ(choose(variables).options->headers[0].name, "y");
}

TEST(TraceChoicesTest, OddHeadersAreLeftOutAndTheirValuesNotTold) {
  for (const char* odd :
       {"secret", "a=secret%0d%0aHost: x", "a b=secret", "=secret", "a=secret%4"}) {
    const auto choice =
        choose({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}, {"OTEL_EXPORTER_OTLP_HEADERS", odd}});
    EXPECT_TRUE(choice.options->headers.empty()) << odd;
    ASSERT_EQ(choice.warnings.size(), 1u) << odd;
    EXPECT_EQ(choice.warnings[0].find("secret"), std::string::npos);
  }
}

TEST(TraceChoicesTest, TheServiceIsNamedByTheVariableOrTheResourceOrTheSettings) {
  settings::Settings settings;
  settings.traces_service = "file";
  Variables variables{{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}};
  EXPECT_EQ(choose(variables).options->service_name, "every");
  EXPECT_EQ(choose(variables, settings).options->service_name, "file");
  variables["OTEL_RESOURCE_ATTRIBUTES"] = "service.name=resource,k=v";
  EXPECT_EQ(choose(variables, settings).options->service_name, "resource");
  EXPECT_EQ(choose(variables).options->resource.at(0).first, "k");
  variables["OTEL_SERVICE_NAME"] = "variable";
  EXPECT_EQ(choose(variables, settings).options->service_name, "variable");
}

TEST(TraceChoicesTest, WhatIsNotSpokenIsTold) {
  const auto choice = choose({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317"},
                              {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
                              {"OTEL_EXPORTER_OTLP_TIMEOUT", "soon"}});
  ASSERT_EQ(choice.warnings.size(), 2u);
  EXPECT_NE(choice.warnings[0].find("OTEL_EXPORTER_OTLP_TIMEOUT"), std::string::npos);
  EXPECT_NE(choice.warnings[1].find("gRPC"), std::string::npos);
}

}  // namespace
}  // namespace every::cli
