#pragma once

#include "every/sql/migrate.h"

namespace every::blocks {

/// The tables of a block store and the steps that lead to them. source: docs/formats/blocks.md
[[nodiscard]] const sql::Schema& schema();

}  // namespace every::blocks
