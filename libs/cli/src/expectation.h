#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "every/core/error.h"

namespace every::cli {

/// What a workflow must answer: `<name>.expected.json` beside `<name>.json`. Source: docs/formats/expectation.md.
class Expectation {
 public:
  /// errors: kMalformed no JSON, or a key that means nothing; kInvalidArgument nothing is expected
  [[nodiscard]] static core::Result<Expectation> parse(std::string_view text);

  /// Where a run (the JSON of `every run --json`) differs; empty: nowhere. One line each: what was expected, and what came.
  [[nodiscard]] std::vector<std::string> differences(const boost::json::object& run) const;

 private:
  boost::json::object expected_;
};

/// A workflow with its expectation.
struct WorkflowTest {
  std::string name;  ///< path of the workflow relative to where the search began, without `.json`
  std::filesystem::path workflow;
  std::filesystem::path expectation;
};

/// All workflows with an expectation below a folder, or the one of a file, in order of their names. Folders of tools and hidden ones are not searched.
/// errors: kNotFound no such path, or no workflow with an expectation; kIo
[[nodiscard]] core::Result<std::vector<WorkflowTest>> find_workflow_tests(
    const std::filesystem::path& path);

/// How one test went.
struct TestOutcome {
  std::string name;
  std::vector<std::string> problems;  ///< none: it passed
  double seconds = 0;
};

/// The outcomes in the form CI systems read (JUnit XML).
[[nodiscard]] std::string render_junit(const std::vector<TestOutcome>& outcomes);

}  // namespace every::cli
