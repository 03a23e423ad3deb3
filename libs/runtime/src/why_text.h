#pragma once

#include <string>

#include "every/runtime/why.h"

namespace every::runtime {

/// The answer in a sentence or two. in: answer   of the task; explanation   everything but its sentence
[[nodiscard]] std::string sentence_of(const Explanation& explanation, const TaskAnswer& answer);

}  // namespace every::runtime
