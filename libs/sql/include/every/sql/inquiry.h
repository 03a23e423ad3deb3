#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "every/core/bytes.h"
#include "every/core/error.h"
#include "every/sql/connection.h"
#include "every/sql/migrate.h"

namespace every::sql {

/// A value of a row. Text and bytes are valid until the next row.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string_view, core::BytesView>;

/// A view that may be asked about.
struct View {
  std::string_view name;
  Sql create;  ///< `CREATE TEMP VIEW <name> AS SELECT …`, over tables of `main` or of what is attached
};

/// A function of one value for the views; none gives NULL. A pure function of its value.
struct TextFunction {
  const char* name;
  std::optional<std::string> (*text_of)(const Cell& value);
};

/// One database with what is to be known of it.
struct InquiryPart {
  std::filesystem::path file;
  const Schema* schema = nullptr;
  std::span<const View> views;
  Sql attach = "";  ///< of all but the first: `ATTACH ? AS <the name its views use>`
};

/// Questions that a person writes in SQL, over views alone. The one place where SQL that is no literal is run.
///
/// Holds that nothing is written and nothing but the views is read, whatever is asked. Other processes may be writing meanwhile. thread: one at a time
class Inquiry {
 public:
  /// in: functions   outlive the inquiry
  /// errors: kNotFound no such file; kUnsupported a part is of an older or a newer version; kConflict of another kind; as Connection::open
  [[nodiscard]] static core::Result<std::unique_ptr<Inquiry>> open(
      std::span<const InquiryPart> parts, std::span<const TextFunction> functions);

  struct Described {
    std::string_view view;
    std::vector<std::string> columns;
  };
  /// The views in their order. errors: kInternal a view is wrong; kIo, kIntegrity
  [[nodiscard]] core::Result<std::vector<Described>> describe();

  struct Limits {
    std::size_t rows = 1000;
    std::chrono::nanoseconds time = std::chrono::seconds(30);
  };
  enum class Rows : std::uint8_t { kAll, kMoreThanAllowed };
  using TakeRow = std::function<void(std::span<const Cell> row)>;
  /// Runs one statement. in: take_columns   called once, before the rows, with their names
  /// errors: kInvalidArgument it is not one statement that reads these views, with SQLite's words; kTimeout; kIo, kIntegrity, kResourceExhausted
  [[nodiscard]] core::Result<Rows> ask(
      const std::string& text, const Limits& limits,
      const std::function<void(const std::vector<std::string>& names)>& take_columns,
      const TakeRow& take_row);

 private:
  explicit Inquiry(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
  core::Result<std::vector<std::string>> columns_of(std::string_view view);

  std::unique_ptr<Connection> connection_;
  std::vector<std::string_view> views_;
};

}  // namespace every::sql
