#include "verbs/import.h"

#include "answer.h"
#include "node_access.h"
#include "node_request.h"
#include <boost/json.hpp>

#include "every/core/file.h"
#include "every/runtime/node.h"

namespace every::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::string count(std::uint64_t number, std::string_view what) {
  return std::to_string(number) + " " + std::string(what) + (number == 1 ? "" : "s");
}

void say(const runtime::HomestarReport& report, const std::string& file, const Console& console) {
  std::string text = "Brought over " + count(report.receipts, "receipt") + " and " +
                     count(report.workflows, "workflow") + " of " + file;
  if (report.known + report.known_workflows > 0) {
    text += "; " + count(report.known, "receipt") + " and " +
            count(report.known_workflows, "workflow") + " were here before";
  }
  console.done(text);
  for (const std::string& reason : report.why) console.warn("Left out: " + reason);
  if (report.refused > report.why.size())
    console.warn("… and " + count(report.refused - report.why.size(), "row") + " more");
}

core::Result<runtime::HomestarReport> parse_report(const std::string& text) {
  EVERY_TRY_ASSIGN(const json::object object, parse_object(text));
  const auto number = [&object](std::string_view key) { return count_at(object, key); };
  runtime::HomestarReport report{number("receipts"),        number("known"),   number("workflows"),
                                 number("known_workflows"), number("refused"), {}};
  if (const auto* why = object.if_contains("why"); why != nullptr && why->is_array()) {
    for (const json::value& reason : why->as_array()) {
      if (reason.is_string()) report.why.emplace_back(reason.as_string());
    }
  }
  return report;
}

/// Size and time of a database and of its log: whether something was written since.
std::string state_of(const fs::path& database) {
  std::string state;
  for (const char* suffix : {"", "-wal"}) {
    fs::path file = database;
    file += suffix;
    std::error_code problem;
    const auto size = fs::file_size(file, problem);
    // An empty log is no log.
    if (problem || size == 0) continue;
    const auto time = fs::last_write_time(file, problem).time_since_epoch().count();
    state += file.string() + " " + std::to_string(size) + " " + std::to_string(time) + "\n";
  }
  return state;
}

}  // namespace

core::Status take_over_database(runtime::Node& node, const fs::path& database, const fs::path& home,
                                const Console& console) {
  std::error_code problem;
  if (!fs::exists(database, problem)) return {};
  const fs::path mark = home / "homestar-db.taken";
  const std::string state = state_of(database);
  const auto last = core::read_file(mark, std::size_t{1} << 16);
  if (last && core::as_text(*last) == state) return {};
  EVERY_TRY_ASSIGN(const runtime::HomestarReport report,
                   node.import_homestar(database, runtime::Believe::kMyWord));
  say(report, database.string(), console);
  return core::write_file_atomically(mark, core::as_bytes(state));
}

void ImportVerb::define(Options& options) {
  options.word("FILE", file, "The original's database, homestar.db").completes(Completion::kFiles);
  options.flag("--trust", believe, runtime::Believe::kMyWord,
               "Use its receipts instead of running their tasks; without it they can be read");
  options.flag("--json", output, Output::kJson, "Print the counts as JSON");
  add_node_options(options, node);
}

core::Result<int> ImportVerb::run(const Console& console) {
  const std::string whole = fs::absolute(file).lexically_normal().string();
  std::string target = "/-/imports/homestar?file=" + url_encode(whole);
  if (believe == runtime::Believe::kMyWord) target += "&trust=1";
  EVERY_TRY_ASSIGN(const gateway::Response response,
                   ask(node, json_post(std::move(target), {}), console));
  if (response.status != 200) return std::unexpected(error_from(response));
  if (output == Output::kJson) {
    print_body(response);
    return 0;
  }
  EVERY_TRY_ASSIGN(const runtime::HomestarReport report, parse_report(response.body));
  say(report, file, console);
  if (believe == runtime::Believe::kNothing && report.receipts + report.known > 0)
    console.line(
        "  They can be read. To use them instead of running their tasks again: every "
        "import --trust " +
        file);
  return 0;
}

const VerbInfo kImportVerb{
    "import", "Bring receipts and workflows over from a homestar.db of the original",
    "  every import homestar.db              they can be read and verified\n"
    "  every import homestar.db --trust      and are used: their tasks do not run again\n",
    make_verb<ImportVerb>};

}  // namespace every::cli
