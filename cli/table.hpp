#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plexiform/score/score.hpp"

/// A column of a table that a verb prints. Numbers stand at the right of their column; what is wider than the column
/// moves the rest of its row, except names, which are cut.
struct Column {
  enum class Holds { numbers, text, names };
  std::string heading;
  std::size_t width = 0;
  Holds holds = Holds::numbers;
};

/// A row of a table, without an end of line: one space between columns, two before one of text or names. The last text
/// stands as it is, so that a row may end early, in the reason why there is nothing more.
std::string table_row(std::span<const Column> columns, std::span<const std::string> texts);
std::string table_heading(std::span<const Column> columns);

/// "0.531"; "-" for a value that is absent or is not a number.
std::string number_or_dash(const std::optional<double>& value, const char* format = "%.3f");
/// "0.531 (0.498 to 0.562)"; the value alone where there is no interval.
std::string with_interval(double value, const plexiform::Interval& interval, const char* format = "%.3f");
