#include "every/sql/transaction.h"

#include <tuple>
#include <utility>

namespace every::sql {

core::Result<Transaction> Transaction::begin(Connection& connection) {
  EVERY_TRY(connection.control(Connection::Control::kBegin));
  return Transaction(connection);
}

Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Transaction::~Transaction() {
  // A full disk or an I/O error may have rolled it back already.
  if (connection_ != nullptr && connection_->in_transaction())
    std::ignore = connection_->control(Connection::Control::kRollback);
}

core::Status Transaction::commit() {
  auto result = connection_->control(Connection::Control::kCommit);
  if (!result) {
    if (connection_->in_transaction())
      std::ignore = connection_->control(Connection::Control::kRollback);
  }
  connection_ = nullptr;
  return result;
}

core::Result<Savepoint> Savepoint::begin(Connection& connection) {
  if (!connection.in_transaction())
    return core::fail(core::ErrorCode::kInternal, "a savepoint needs a transaction around it");
  EVERY_TRY(connection.control(Connection::Control::kSavepoint));
  return Savepoint(connection);
}

Savepoint::Savepoint(Savepoint&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Savepoint::~Savepoint() {
  if (connection_ != nullptr && connection_->in_transaction()) {
    std::ignore = connection_->control(Connection::Control::kRollbackTo);
    std::ignore = connection_->control(Connection::Control::kRelease);
  }
}

core::Status Savepoint::release() {
  return std::exchange(connection_, nullptr)->control(Connection::Control::kRelease);
}

}  // namespace every::sql
