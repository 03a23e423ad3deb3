#pragma once

#include <cstdint>
#include <string_view>

#include "every/core/bytes.h"
#include "every/core/error.h"

struct sqlite3_stmt;

namespace every::sql {

class Connection;

/// A prepared statement: bind, step until kDone, use again. Move only; goes before its connection. thread: the connection's.
///
/// Binding cannot fail on its own: a wrong position or no memory is told by the next step.
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  /// False for a default-made or moved-from one.
  [[nodiscard]] bool prepared() const { return statement_ != nullptr; }

  /// Parameters count from 1. Text and bytes are not copied: they must live until the next reset, which step makes of itself at kDone or on error.
  Statement& bind(int position, std::int64_t value);
  Statement& bind(int position, std::string_view text);
  Statement& bind(int position, core::BytesView bytes);
  Statement& bind_null(int position);

  enum class Step : std::uint8_t { kRow, kDone };
  /// Runs to the next row or the end. At kDone, and on error, the statement is reset and its bindings cleared.
  /// errors: kIntegrity damaged; kResourceExhausted disk full; kConflict a constraint, or the file is locked; kCancelled interrupted;
  ///         kPermissionDenied; kIo; kInternal misuse
  [[nodiscard]] core::Result<Step> step();
  /// Runs to the end, rows dropped. errors: as step
  [[nodiscard]] core::Status run();
  /// How often it had to be compiled again since it was prepared: by a change of the schema, never by new parameters.
  [[nodiscard]] int recompilations() const;
  /// Ends the query (and the read transaction it holds) and clears the bindings.
  void reset();

  // Columns count from 0, valid after kRow and until the next step or reset. A column of another type reads as 0 or empty.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] core::BytesView bytes(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  /// How many columns a row has.
  [[nodiscard]] int columns() const;

 private:
  friend class Connection;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  sqlite3_stmt* statement_ = nullptr;
  int bind_error_ = 0;
};

/// Resets a statement at the end of a scope, so that a query left early does not keep its read transaction open.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(Statement& statement) : statement_(statement) {}
  ~ResetAtEnd() { statement_.reset(); }
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;

 private:
  Statement& statement_;
};

}  // namespace every::sql
