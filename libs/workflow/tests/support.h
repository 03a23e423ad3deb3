#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "every/ipld/value.h"
#include "every/workflow/graph.h"
#include "every/workflow/short_form.h"

namespace every::workflow::test {

inline constexpr const char* kMath = "bafkreig3krpwdgv2zb4f4kul5bf3vp2r3squnvkce2eb4zvfszd7bed6ny";
inline constexpr const char* kSubtract =
    "bafkreihs5iutvmltljxiz3237ubaihpwfyhqzh2zvcdcuzcb7zyjggexle";
inline constexpr const char* kTypes = "bafkreifpuvdozlzwzpc2yhvf5aqzad7rnzme7ynqobfpokcqjdnohurjui";

ipld::Value json(std::string_view text);
std::string to_json(const ipld::Value& value);
ipld::Cid cid(std::string_view text);
core::Result<std::string> normalize_url(std::string_view text);

wit::TypePtr p(wit::Kind kind);
NamedFunction function(const std::string& name, std::vector<wit::Param> params,
                       const char* component = kMath, const std::string& label = "math",
                       const std::string& interface_name = "");

/// `add`, `divide` (in math), `subtract`, and one function a kind of parameter: `echo` (string), `sum` (list<f64>), `opt` (u32, two options),
/// `make-point` (point), `nothing`, `flag` (bool), `both` (result<f64, string>).
FunctionTable functions();

/// A short-form request from task objects' `run`s: `{"name":…,"input":…}`.
std::string request(const std::vector<std::string>& runs);
/// `{"name":…,"input":{"func":…,"args":…}}`
std::string run(const std::string& name, const std::string& func, const std::string& args);

/// The workflow of a request; a test failure, with its summary, when it is refused.
NamedWorkflow parse(const std::string& text);
/// Why a request is refused; a test failure when it is not.
ValidationError refuse(const std::string& text);
/// The entries as the JSON list the gateway answers with.
std::string entries(const ValidationError& error);

/// The arguments of a task as they are hashed.
ipld::Value args(const NamedWorkflow& workflow, std::size_t task);
std::string workflow_cid(const NamedWorkflow& workflow);
std::string instruction_cid(const NamedWorkflow& workflow, std::size_t task);

}  // namespace every::workflow::test
