#pragma once

#include "every/sql/migrate.h"

namespace every::store {

/// The tables of a store and the steps that lead to them. source: docs/formats/store.md
[[nodiscard]] const sql::Schema& schema();

}  // namespace every::store
