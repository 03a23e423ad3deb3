#include "validation.h"

namespace every::workflow::detail {

ValidationError one_error(ValidationError::Entry entry, std::string summary) {
  ValidationError error;
  error.entries.push_back(std::move(entry));
  error.summary = std::move(summary);
  return error;
}

ValidationError type_error(std::string instance_path, std::string schema_path,
                           const std::string& type, const std::string& where) {
  return one_error({std::move(instance_path),
                    std::move(schema_path),
                    "type",
                    "must be " + type,
                    {{"type", type}}},
                   where + " must be " + type);
}

ValidationError required_error(std::string instance_path, std::string schema_path,
                               const std::string& property, const std::string& where) {
  return one_error({std::move(instance_path),
                    std::move(schema_path),
                    "required",
                    "must have required property '" + property + "'",
                    {{"missingProperty", property}}},
                   where + " must have `" + property + "`");
}

ValidationError additional_error(std::string instance_path, std::string schema_path,
                                 const std::string& property, const std::string& where) {
  return one_error({std::move(instance_path),
                    std::move(schema_path),
                    "additionalProperties",
                    "must NOT have additional properties",
                    {{"additionalProperty", property}}},
                   where + " must not have `" + property + "`");
}

ValidationError count_error(std::string instance_path, std::string schema_path,
                            const std::string& keyword, std::size_t limit,
                            const std::string& where) {
  const std::string relation = keyword == "minItems" ? "fewer" : "more";
  const std::string message =
      "must NOT have " + relation + " than " + std::to_string(limit) + " items";
  return one_error({std::move(instance_path),
                    std::move(schema_path),
                    keyword,
                    message,
                    {{"limit", std::uint64_t{limit}}}},
                   where + " " + message);
}

std::vector<ValidationError::Entry> entries_of(const std::vector<wit::Violation>& violations,
                                               const std::string& schema) {
  std::vector<ValidationError::Entry> entries;
  for (const wit::Violation& violation : violations) {
    entries.push_back({violation.path, schema + "/" + violation.keyword, violation.keyword,
                       violation.message, violation.params});
  }
  return entries;
}

}  // namespace every::workflow::detail
