#pragma once

#include "every/core/error.h"
#include "every/sql/connection.h"

namespace every::sql {

/// A write transaction: rolled back unless committed. One at a time on a connection. thread: the connection's.
class Transaction {
 public:
  /// Takes the write lock at once. errors: kConflict somebody else writes (after the busy timeout); kIo
  [[nodiscard]] static core::Result<Transaction> begin(Connection& connection);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  /// On error nothing was written. errors: kResourceExhausted, kIo, kConflict
  [[nodiscard]] core::Status commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

/// A part of a transaction that can be undone alone: rolled back unless released. They nest.
class Savepoint {
 public:
  /// errors: kInternal no transaction is open
  [[nodiscard]] static core::Result<Savepoint> begin(Connection& connection);
  Savepoint(Savepoint&& other) noexcept;
  Savepoint& operator=(Savepoint&&) = delete;
  ~Savepoint();
  /// Keeps what was written, as part of the transaction around it. errors: kIo
  [[nodiscard]] core::Status release();

 private:
  explicit Savepoint(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace every::sql
