#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "every/core/error.h"
#include "every/invocation/invocation.h"
#include "every/ipld/cid.h"
#include "every/ipld/value.h"
#include "every/wit/coerce.h"
#include "every/wit/type.h"

namespace every::workflow {

/// A function that can be named in a workflow.
struct NamedFunction {
  std::string listed_name;  ///< what is hashed as `func`: `add`, `addTwo`, `iface#addTwo`
  std::string label;        ///< of the component, for `label::function`; never hashed
  ipld::Cid component;
  std::shared_ptr<const wit::Function> type;
};

/// The functions a node serves, looked up by any spelling: listed name, kebab-case, snake_case, qualified and full names, `iface.name` for
/// `iface#name`, each also as `label::…`.
/// Immutable once built; shared with the runs that use it. thread: any.
class FunctionTable {
 public:
  FunctionTable() = default;
  explicit FunctionTable(std::vector<NamedFunction> functions);
  /// In order of the command line, then of export.
  [[nodiscard]] const std::vector<NamedFunction>& all() const { return functions_; }
  /// errors: kNotFound unknown (names the nearest and lists what there is); kConflict several components export it (names them and
  ///         the spelling that tells them apart)
  [[nodiscard]] core::Result<const NamedFunction*> find(std::string_view name) const;
  /// The function of one component, by any spelling; nullptr when there is none.
  [[nodiscard]] const NamedFunction* find_in(const ipld::Cid& component,
                                             std::string_view name) const;
  /// What a client best writes for one of all(): its listed name where that is enough, else with its component's label.
  [[nodiscard]] std::string spelling(const NamedFunction& function) const;
  /// What is listed, each name once, in order.
  [[nodiscard]] std::vector<std::string> listed_names() const;

 private:
  /// A spelling only this function has, with its label where needed.
  [[nodiscard]] std::string distinct_spelling(std::size_t index) const;

  std::vector<NamedFunction> functions_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_spelling_;  // indices, ascending
};

/// A request that does not fit, as a list in the shape of the original's validator.
struct ValidationError {
  struct Entry {
    std::string instance_path;  ///< JSON pointer into the request, `/tasks/0/run/input/args/1`
    std::string schema_path;
    std::string keyword;
    std::string message;
    ipld::Map params;
  };
  std::vector<Entry> entries;  ///< never empty
  /// One sentence for terminals: the first entry with task name, argument name and what to do.
  std::string summary;
};

/// A workflow ready to run, with what the short form knew about it.
struct NamedWorkflow {
  invocation::Workflow workflow;        ///< full form, as hashed
  std::vector<std::string> task_names;  ///< one a task; from the request, or the function's name
  std::vector<std::shared_ptr<const wit::Function>>
      functions;  ///< one a task; null where the component is not loaded
};

struct ShortFormOptions {
  /// A nonce for each task, in order (`--debug`); empty: none.
  std::vector<invocation::Nonce> nonces;
};

/// Parses the gateway's `{"tasks":[{"run":{"name":…,"input":{"func":…,"args":[…]}}}]}`.
///
/// Placeholders: `{{needs.NAME.output}}` (also nested in lists and maps), `{{needs.NAME.error}}`, `{{needs.NAME.result}}` (await/error, await/*),
/// `{{needs.NAME.output:default}}`, `{{cid:…}}`; in any task order. Arguments are normalised by WIT type; omitted trailing options become null.
/// `op`, `rsc`, `prf` are filled in, a given `meta` is honoured; unknown keys beside `run` are copied as the original does, those inside `run` dropped.
///
/// in: request   DAG-JSON value of the body
/// out: tasks in the request's order (the CIDs inside awaits are those of the awaited instructions)
/// errors: ValidationError: unknown or ambiguous function, wrong count or type, missing or duplicate names that are referred to, unknown
///         placeholder, placeholder inside a longer text or as a key, cycle (names the tasks on it), unknown top-level key, empty tasks
/// cost: linear. thread: any
[[nodiscard]] std::expected<NamedWorkflow, ValidationError> parse_short_form(
    const ipld::Value& request, const FunctionTable& functions, const ShortFormOptions& options);

/// One call as a workflow of one task, arguments by parameter name.
///
/// in: arguments   name (camelCase or kebab-case) → value; absent options become null
[[nodiscard]] std::expected<NamedWorkflow, ValidationError> call_by_name(
    const NamedFunction& function, const ipld::Map& arguments, const ShortFormOptions& options);

/// Whether a parsed JSON document is the full form: a task whose `run` holds `op` and `rsc`.
[[nodiscard]] bool is_full_form(const ipld::Value& document);

/// The full form `{"tasks":[…]}` (or `{"name":…, "workflow":{"tasks":[…]}}`), hashed as it stands. Functions are looked up by component and
/// spelling for messages and names only.
/// errors: kMalformed, kInvalidArgument naming the task
[[nodiscard]] core::Result<NamedWorkflow> parse_full_form(
    const ipld::Value& document, const FunctionTable& functions,
    const invocation::NormalizeUrl& normalize_url);

}  // namespace every::workflow
