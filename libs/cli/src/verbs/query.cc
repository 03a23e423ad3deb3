#include "verbs/query.h"

#include <charconv>
#include <cmath>
#include <filesystem>
#include <memory>
#include <vector>

#include "node_request.h"
#include "places.h"
#include "run_view.h"
#include <boost/json.hpp>

#include "every/blocks/inquiry.h"
#include "every/core/printable.h"
#include "every/store/inquiry.h"

namespace every::cli {
namespace {

namespace json = boost::json;
using core::ErrorCode;
using store::Cell;
using store::Inquiry;

std::string hex(core::BytesView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) out += {kDigits[byte >> 4], kDigits[byte & 15]};
  return out;
}

std::string number_text(double number) {
  char buffer[32];
  const auto [end, problem] = std::to_chars(buffer, buffer + sizeof buffer, number);
  return {buffer, end};
}

/// As text; NULL as `null_text`.
std::string text_of(const Cell& cell, std::string_view null_text) {
  if (const auto* number = std::get_if<std::int64_t>(&cell)) return std::to_string(*number);
  if (const auto* real = std::get_if<double>(&cell)) return number_text(*real);
  if (const auto* text = std::get_if<std::string_view>(&cell)) return std::string(*text);
  if (const auto* bytes = std::get_if<core::BytesView>(&cell)) return hex(*bytes);
  return std::string(null_text);
}

std::string json_of(const Cell& cell) {
  const auto* real = std::get_if<double>(&cell);
  if (std::holds_alternative<std::monostate>(cell) || (real != nullptr && !std::isfinite(*real)))
    return "null";
  if (real != nullptr || std::holds_alternative<std::int64_t>(cell)) return text_of(cell, "");
  return json::serialize(json::string(text_of(cell, "")));
}

/// Rows on their way to standard output.
class Printer {
 public:
  virtual ~Printer() = default;
  virtual void columns(const std::vector<std::string>& names) = 0;
  virtual void row(std::span<const Cell> cells) = 0;
  virtual void end() { flush(); }

 protected:
  void put(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() > 65536) flush();
  }
  void flush() {
    print(buffer_);
    buffer_.clear();
  }

 private:
  std::string buffer_;
};

/// For a person: rows are kept until the widths are known.
class TablePrinter final : public Printer {
 public:
  void columns(const std::vector<std::string>& names) override { rows_.push_back(names); }
  void row(std::span<const Cell> cells) override {
    std::vector<std::string> row;
    for (const Cell& cell : cells) row.push_back(core::printable_line(text_of(cell, "-")));
    rows_.push_back(std::move(row));
  }
  void end() override { print(render_table(rows_)); }

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// A list of objects, one a line.
class JsonPrinter final : public Printer {
 public:
  void columns(const std::vector<std::string>& names) override {
    for (const std::string& name : names) keys_.push_back(json::serialize(json::string(name)));
    put("[");
  }
  void row(std::span<const Cell> cells) override {
    std::string object;
    for (std::size_t i = 0; i < cells.size(); ++i)
      object += (i == 0 ? "{" : ",") + keys_[i] + ":" + json_of(cells[i]);
    put((first_ ? "\n" : ",\n") + object + "}");
    first_ = false;
  }
  void end() override {
    put(first_ ? "]\n" : "\n]\n");
    flush();
  }

 private:
  std::vector<std::string> keys_;
  bool first_ = true;
};

/// RFC 4180, with a heading; NULL is an empty field.
class CsvPrinter final : public Printer {
 public:
  void columns(const std::vector<std::string>& names) override { put_fields(names); }
  void row(std::span<const Cell> cells) override {
    std::vector<std::string> fields;
    for (const Cell& cell : cells) fields.push_back(text_of(cell, ""));
    put_fields(fields);
  }

 private:
  void put_fields(const std::vector<std::string>& fields) {
    std::string line;
    for (const std::string& field : fields) {
      if (&field != &fields.front()) line += ',';
      line += field.find_first_of(",\"\r\n") == std::string::npos ? field : quoted(field);
    }
    put(line + "\r\n");
  }
  static std::string quoted(const std::string& field) {
    std::string out = "\"";
    for (const char c : field) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
  }
};

std::unique_ptr<Printer> make_printer(QueryVerb::Form form) {
  switch (form) {
    case QueryVerb::Form::kJson:
      return std::make_unique<JsonPrinter>();
    case QueryVerb::Form::kCsv:
      return std::make_unique<CsvPrinter>();
    case QueryVerb::Form::kTable:
      break;
  }
  return std::make_unique<TablePrinter>();
}

core::Result<std::unique_ptr<Inquiry>> open_inquiry(const Places& places) {
  std::error_code ignored;
  if (!std::filesystem::exists(places.store_file(), ignored))
    return core::fail(ErrorCode::kNotFound,
                      "nothing is recorded at " + places.home.string() +
                          " yet (there is no store.db); another home is named with --home DIR");
  std::optional<store::InquiryPart> content;
  if (std::filesystem::exists(places.blocks_file(), ignored))
    content = blocks::inquiry_part(places.blocks_file());
  return store::open_inquiry(places.store_file(), content);
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

core::Result<int> show_views(Inquiry& inquiry, QueryVerb::Form form) {
  EVERY_TRY_ASSIGN(const auto views, inquiry.describe());
  if (form == QueryVerb::Form::kJson) {
    json::object all;
    for (const auto& view : views) all[view.view] = json::value_from(view.columns);
    print(json::serialize(all) + "\n");
    return 0;
  }
  std::vector<std::vector<std::string>> rows{{"VIEW", "COLUMNS"}};
  for (const auto& view : views) rows.push_back({std::string(view.view), listed(view.columns)});
  print(render_table(rows));
  return 0;
}

/// The mistake of a person, with what could be asked.
core::Error with_views(core::Error error, Inquiry& inquiry) {
  const auto views = inquiry.describe();
  if (error.code != ErrorCode::kInvalidArgument || !views) return error;
  error.message += "\nThere are:";
  for (const auto& view : *views) {
    error.message += "\n" + std::string(view.view) + " (" + listed(view.columns) + ")";
  }
  return error;
}

}  // namespace

void QueryVerb::define(Options& options) {
  options.optional_word("SQL", question,
                        "One statement that reads: SELECT or WITH, as SQLite takes it (default: "
                        "list what there is to ask about)");
  options.flag("--json", form, Form::kJson, "A JSON list of objects, one row a line");
  options.flag("--csv", form, Form::kCsv, "Comma-separated values with a heading");
  options.number("--limit", "N", limit, 1, 1'000'000'000, "Rows at most (default 1000)");
  options.number("--timeout", "SECONDS", seconds, 1, 86400, "Time at most (default 30)");
  add_home_option(options, node);
}

core::Result<int> QueryVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(const Places places, find_places(node.home, system_environment));
  EVERY_TRY_ASSIGN(const auto inquiry, open_inquiry(places));
  if (!question) return show_views(*inquiry, form);
  const auto printer = make_printer(form);
  const auto rows = inquiry->ask(
      *question, {static_cast<std::size_t>(limit), std::chrono::seconds(seconds)},
      [&](const std::vector<std::string>& names) { printer->columns(names); },
      [&](std::span<const Cell> cells) { printer->row(cells); });
  if (!rows) return std::unexpected(with_views(rows.error(), *inquiry));
  printer->end();
  if (*rows == Inquiry::Rows::kMoreThanAllowed)
    console.warn("There are more rows than these " + std::to_string(limit) +
                 "; --limit N shows more");
  return 0;
}

const VerbInfo kQueryVerb{
    "query", "Ask in SQL about runs, tasks, receipts, logs and content",
    "  every query                                    the views and their columns\n"
    "  every query \"SELECT status, count(*) FROM tasks GROUP BY status\"\n"
    "  every query --json \"SELECT id, seconds FROM runs WHERE status = 'failed'\"\n",
    make_verb<QueryVerb>};

}  // namespace every::cli
