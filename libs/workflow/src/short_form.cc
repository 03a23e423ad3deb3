#include "every/workflow/short_form.h"

#include <algorithm>

#include "arguments.h"
#include "references.h"
#include "request.h"
#include "topology.h"
#include "validation.h"

#include "every/core/text.h"

namespace every::workflow {
namespace {

using detail::ArgumentPlace;
using detail::Reference;
using detail::Validated;

/// A task with its function and normalised input; references still stand as their placeholders.
struct Draft {
  detail::RequestTask task;
  const NamedFunction* function = nullptr;
  ipld::Map input;
  detail::References references;
};

std::string argument_label(const std::string& task, const wit::Function& function,
                           std::size_t index) {
  return task + ": argument `" + wit::to_camel(function.params[index].name) + "`";
}

invocation::Task make_task(const NamedFunction& function, ipld::Map input, ipld::Map meta,
                           invocation::Nonce nonce) {
  invocation::Task task;
  task.run.rsc = "ipfs://" + function.component.render();
  task.run.op = detail::kOperation;
  task.run.input = std::move(input);
  task.run.nnc = std::move(nonce);
  task.meta = std::move(meta);
  return task;
}

invocation::Nonce nonce_of(const ShortFormOptions& options, std::size_t index) {
  return index < options.nonces.size() ? options.nonces[index] : invocation::Nonce();
}

ValidationError cannot_be_hashed(const core::Error& error, std::size_t index,
                                 const std::string& where) {
  return detail::one_error({detail::task_path(index) + "/run/input",
                            "#/definitions/input",
                            "encoding",
                            error.message,
                            {}},
                           where + ": " + error.message);
}

/// Turns a request into a workflow, task by task.
class Parser {
 public:
  Parser(const ipld::List& tasks, const FunctionTable& functions, const ShortFormOptions& options)
      : tasks_(tasks),
        functions_(functions),
        options_(options),
        names_(tasks),
        allowed_(functions.listed_names()) {
    std::size_t with_parameters = 0;
    for (const NamedFunction& function : functions.all())
      schema_index_.push_back(function.type->params.empty() ? 0 : with_parameters++);
  }

  Validated<NamedWorkflow> run();

 private:
  std::string label(std::uint32_t task) const {
    return detail::task_label(names_.names()[task], task);
  }
  Validated<Draft> draft(std::uint32_t index) const;
  Validated<const NamedFunction*> find_function(const std::string& func, std::uint32_t index) const;
  Validated<ipld::List> arguments(Draft& draft, std::uint32_t index) const;
  Validated<std::vector<std::uint32_t>> sort() const;
  ipld::Value value_of(const Reference& reference) const;

  const ipld::List& tasks_;
  const FunctionTable& functions_;
  const ShortFormOptions& options_;
  detail::TaskNames names_;
  std::vector<std::string> allowed_;
  std::vector<std::size_t> schema_index_;  // of each function's entry in the request schema
  std::vector<Draft> drafts_;
  std::vector<std::optional<ipld::Cid>> instructions_;  // once known
};

Validated<const NamedFunction*> Parser::find_function(const std::string& func,
                                                      std::uint32_t index) const {
  auto found = functions_.find(func);
  if (found) return *found;
  ValidationError::Entry entry{detail::task_path(index) + "/run/input/func",
                               "#/definitions/input/properties/func/enum",
                               "enum",
                               "must be equal to one of the allowed values",
                               {{"allowedValues", ipld::List(allowed_.begin(), allowed_.end())}}};
  if (found.error().code == core::ErrorCode::kConflict) {
    entry.keyword = "ambiguous";
    entry.schema_path = "#/definitions/input/properties/func/ambiguous";
    entry.message = found.error().message;
  }
  return std::unexpected(
      detail::one_error(std::move(entry), label(index) + ": " + found.error().message));
}

Validated<ipld::List> Parser::arguments(Draft& draft, std::uint32_t index) const {
  const wit::Function& type = *draft.function->type;
  const std::string input_path = detail::task_path(index) + "/run/input";
  const std::size_t required = detail::required_count(type);
  const auto position = static_cast<std::size_t>(draft.function - functions_.all().data());
  const std::string schema = type.params.empty() ? "#/definitions/input/properties/args"
                                                 : "#/definitions/input/allOf/" +
                                                       std::to_string(schema_index_[position]) +
                                                       "/then/properties/args";
  static const ipld::List kNone;
  if (draft.task.args == nullptr && required > 0) {
    return std::unexpected(detail::required_error(input_path, "#/definitions/input/required",
                                                  "args", label(index) + ": `input`"));
  }
  const ipld::List& given = draft.task.args != nullptr ? *draft.task.args : kNone;
  const auto wrong_count = [&](const std::string& keyword, std::size_t limit) {
    return std::unexpected(detail::count_error(
        input_path + "/args", schema + "/" + keyword, keyword, limit,
        label(index) + ": `" + draft.function->listed_name + wit::render(type).substr(4) +
            "` got " + std::to_string(given.size()) + " arguments,"));
  };
  if (given.size() < required) return wrong_count("minItems", required);
  if (given.size() > type.params.size()) return wrong_count("maxItems", type.params.size());

  ipld::List out;
  out.reserve(type.params.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    const ArgumentPlace place{input_path + "/args/" + std::to_string(i),
                              schema + "/items/" + std::to_string(i),
                              argument_label(label(index), type, i)};
    EVERY_TRY_ASSIGN(const ipld::Value prepared,
                     detail::prepare(given[i], names_, index, place, draft.references));
    EVERY_TRY_ASSIGN(ipld::Value normalised,
                     detail::normalise_argument(prepared, *type.params[i].type, place));
    out.push_back(std::move(normalised));
  }
  out.resize(type.params.size());  // options left out are null
  return out;
}

Validated<Draft> Parser::draft(std::uint32_t index) const {
  Draft out;
  EVERY_TRY_ASSIGN(out.task, detail::read_task(tasks_[index], index));
  EVERY_TRY_ASSIGN(out.function, find_function(out.task.func, index));
  EVERY_TRY_ASSIGN(ipld::List args, arguments(out, index));
  // What else stands in the input is hashed with it, as the original did.
  for (const auto& entry : *out.task.input) {
    if (entry.key == "args" || entry.key == "func") continue;
    const std::string path = detail::task_path(index) + "/run/input/" + entry.key;
    const ArgumentPlace place{path, "#/definitions/input", label(index) + ": `" + entry.key + "`"};
    EVERY_TRY_ASSIGN(const ipld::Value prepared,
                     detail::prepare(entry.value, names_, index, place, out.references));
    out.input.set(entry.key, detail::as_javascript(prepared));
  }
  out.input.set("args", std::move(args));
  out.input.set("func", out.function->listed_name);
  return out;
}

Validated<std::vector<std::uint32_t>> Parser::sort() const {
  std::vector<std::vector<std::uint32_t>> needs(drafts_.size());
  for (std::uint32_t i = 0; i < drafts_.size(); ++i) {
    for (const auto& [text, reference] : drafts_[i].references) {
      if (reference.form != Reference::Form::kAll) {
        needs[i].push_back(reference.task);
      } else {
        for (std::uint32_t earlier = 0; earlier < i; ++earlier) needs[i].push_back(earlier);
      }
    }
  }
  detail::Sorted sorted = detail::sort_by_need(needs);
  if (sorted.cycle.empty()) return std::move(sorted.order);
  ipld::List on_it;
  for (const std::uint32_t task : sorted.cycle) on_it.emplace_back(names_.names()[task]);
  const std::string message =
      "tasks await one another in a circle: " + detail::render_cycle(sorted.cycle, names_.names());
  return std::unexpected(
      detail::one_error({detail::task_path(sorted.cycle.front()) + "/run/input/args",
                         "#/definitions/input/properties/args/cycle",
                         "cycle",
                         message,
                         {{"tasks", std::move(on_it)}}},
                        message));
}

ipld::Value Parser::value_of(const Reference& reference) const {
  const auto output_of = [&](std::uint32_t task) {
    return ipld::Map{
        {"output", invocation::Await{invocation::Branch::kOk, *instructions_[task]}.render()}};
  };
  switch (reference.form) {
    case Reference::Form::kAwait:
      return invocation::Await{reference.branch, *instructions_[reference.task]}.render();
    case Reference::Form::kTask:
      return output_of(reference.task);
    case Reference::Form::kAll:
      break;
  }
  ipld::Map all;
  for (std::uint32_t task = 0; task < reference.task; ++task)
    all.set(names_.names()[task], output_of(task));
  return all;
}

Validated<NamedWorkflow> Parser::run() {
  drafts_.reserve(tasks_.size());
  for (std::uint32_t i = 0; i < tasks_.size(); ++i) {
    EVERY_TRY_ASSIGN(Draft made, draft(i));
    drafts_.push_back(std::move(made));
  }
  EVERY_TRY_ASSIGN(const std::vector<std::uint32_t> order, sort());

  NamedWorkflow out;
  out.workflow.tasks.resize(tasks_.size());
  instructions_.resize(tasks_.size());
  for (const std::uint32_t i : order) {
    Draft& made = drafts_[i];
    ipld::Value input =
        detail::substitute(std::move(made.input), made.references,
                           [this](const Reference& reference) { return value_of(reference); });
    invocation::Task& task = out.workflow.tasks[i];
    task = make_task(*made.function, std::move(*input.if_map()), std::move(made.task.meta),
                     nonce_of(options_, i));
    task.cause = std::move(made.task.cause);
    auto cid = task.run.cid();
    if (!cid) return std::unexpected(cannot_be_hashed(cid.error(), i, label(i)));
    instructions_[i] = std::move(*cid);
  }
  out.task_names = names_.names();
  for (const Draft& made : drafts_) out.functions.push_back(made.function->type);
  return out;
}

/// The parameter a client's key means: its WIT name or the camelCase of it.
std::size_t find_parameter(const wit::Function& function, const std::string& key) {
  std::size_t i = 0;
  while (i < function.params.size() && function.params[i].name != key &&
         wit::to_camel(function.params[i].name) != key)
    ++i;
  return i;
}

Validated<ipld::List> named_arguments(const NamedFunction& function, const ipld::Map& arguments) {
  const wit::Function& type = *function.type;
  const std::string where = "`" + function.listed_name + "`";
  std::vector<const ipld::MapEntry*> given(type.params.size(), nullptr);
  std::optional<std::string> surplus;
  for (const auto& entry : arguments) {
    const std::size_t i = find_parameter(type, entry.key);
    if (i < given.size() && given[i] == nullptr) {
      given[i] = &entry;
    } else if (entry.key != "content-type" &&
               !surplus) {  // the original's schemas offered it and ignored it
      surplus = entry.key;
    }
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] == nullptr && type.params[i].type->kind != wit::Kind::kOption) {
      return std::unexpected(
          detail::required_error("", "#/required", wit::to_camel(type.params[i].name), where));
    }
  }
  if (surplus)
    return std::unexpected(detail::additional_error("", "#/additionalProperties", *surplus, where));
  ipld::List args;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] == nullptr) {
      args.emplace_back(nullptr);
      continue;
    }
    auto normalised = wit::normalise(
        given[i]->value, *type.params[i].type, "/" + given[i]->key,
        [](const ipld::Value& value) { return invocation::Await::parse(value).has_value(); });
    if (!normalised) {
      ValidationError error;
      error.entries = detail::entries_of(normalised.error(),
                                         "#/properties/" + wit::to_camel(type.params[i].name));
      error.summary = argument_label(where, type, i) + " " + error.entries.front().message +
                      " (its type is " + wit::render(*type.params[i].type) + ")";
      return std::unexpected(std::move(error));
    }
    args.push_back(std::move(*normalised));
  }
  return args;
}

}  // namespace

std::expected<NamedWorkflow, ValidationError> parse_short_form(const ipld::Value& request,
                                                               const FunctionTable& functions,
                                                               const ShortFormOptions& options) {
  EVERY_TRY_ASSIGN(const ipld::List* tasks, detail::request_tasks(request));
  return Parser(*tasks, functions, options).run();
}

std::expected<NamedWorkflow, ValidationError> call_by_name(const NamedFunction& function,
                                                           const ipld::Map& arguments,
                                                           const ShortFormOptions& options) {
  EVERY_TRY_ASSIGN(ipld::List args, named_arguments(function, arguments));
  NamedWorkflow out;
  out.workflow.tasks.push_back(
      make_task(function, {{"args", std::move(args)}, {"func", function.listed_name}},
                detail::default_meta(), nonce_of(options, 0)));
  if (auto cid = out.workflow.tasks[0].run.cid(); !cid)
    return std::unexpected(cannot_be_hashed(cid.error(), 0, "`" + function.listed_name + "`"));
  out.task_names.push_back(function.listed_name);
  out.functions.push_back(function.type);
  return out;
}

}  // namespace every::workflow
