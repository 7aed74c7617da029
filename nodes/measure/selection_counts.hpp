// What is counted of the rows that a method selects, against the truth that it never sees.
#pragma once

#include "nodes/target/table.hpp"

namespace fergraph {

/// Along the last axis of a table of counts [classes,2,3]; along the middle one, 0 is not selected and 1 selected. Each
/// row of a batch adds one to one cell.
enum class Outcome : std::int64_t { wrong = 0, right = 1, unknown = 2 };
constexpr std::int64_t outcomes = 3;

/// The classes of such a table. Throws std::runtime_error for one of other axes or another dtype than int64.
std::int64_t classes_of_counts(const Table& counts);

}  // namespace fergraph
