#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "placeholder.h"

#include "every/invocation/invocation.h"

namespace every::workflow::detail {

/// What a `{{needs…}}` placeholder stands for.
struct Reference {
  enum class Form {
    kAwait,  ///< `needs.NAME.output`, `.error`, `.result`: the await
    kTask,   ///< `needs.NAME`: {"output": the await}
    kAll,    ///< `needs`: {NAME: {"output": the await}} of all earlier tasks
  } form = Form::kAwait;
  invocation::Branch branch = invocation::Branch::kOk;
  std::uint32_t task = 0;  ///< not for kAll
};

/// The names of a request's tasks and which task each means where.
///
/// A name several tasks have means the one earlier task that has it. Without exactly one earlier, the only other one; else, when their
/// inputs are equal, the nearest (they are the same work); else it is ambiguous. A task means itself only when nobody else has the name.
class TaskNames {
 public:
  /// Reads what names there are; tasks without one count as unnamed. in: tasks   must outlive this object
  explicit TaskNames(const ipld::List& tasks);

  /// A placeholder in task `from`: a reference, or the value it stands for at once (`cid:…`, a default).
  ///
  /// errors: kNotFound no such name or key and no default; kConflict the name could mean several tasks; kMalformed not a CID
  core::Result<std::variant<Reference, ipld::Value>> resolve(const Placeholder& placeholder,
                                                             std::uint32_t from) const;

  const std::vector<std::string>& names() const { return names_; }

 private:
  core::Result<std::uint32_t> find(std::string_view name, std::uint32_t from) const;
  core::Result<Reference> find_need(std::string_view path, std::uint32_t from) const;
  bool same_work(const std::vector<std::uint32_t>& tasks) const;

  const ipld::List& tasks_;
  std::vector<std::string> names_;
  std::map<std::string, std::vector<std::uint32_t>, std::less<>> by_name_;  // ascending
};

}  // namespace every::workflow::detail
