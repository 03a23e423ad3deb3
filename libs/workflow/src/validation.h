#pragma once

#include <expected>
#include <string>
#include <vector>

#include "every/workflow/short_form.h"

namespace every::workflow::detail {

template <typename T>
using Validated = std::expected<T, ValidationError>;

/// Makes the errors of one request or task, in the words of the original's validator.
ValidationError one_error(ValidationError::Entry entry, std::string summary);

ValidationError type_error(std::string instance_path, std::string schema_path,
                           const std::string& type, const std::string& where);
ValidationError required_error(std::string instance_path, std::string schema_path,
                               const std::string& property, const std::string& where);
ValidationError additional_error(std::string instance_path, std::string schema_path,
                                 const std::string& property, const std::string& where);
/// in: keyword   minItems or maxItems
ValidationError count_error(std::string instance_path, std::string schema_path,
                            const std::string& keyword, std::size_t limit,
                            const std::string& where);

/// Violations of an argument's type as entries; `instance` and `schema` stand before their paths.
std::vector<ValidationError::Entry> entries_of(const std::vector<wit::Violation>& violations,
                                               const std::string& schema);

}  // namespace every::workflow::detail
