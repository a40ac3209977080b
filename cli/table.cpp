#include "table.hpp"

#include <algorithm>
#include <cmath>

#include "text.hpp"

namespace {

using Holds = Column::Holds;

std::string filled(const std::string& text, const Column& column) {
  if (column.holds == Holds::names) return left_aligned(text, column.width);
  const std::string shown = printable(text);
  if (cut(shown, column.width) != shown) return shown;  // wider than the column
  return column.holds == Holds::numbers ? right_aligned(shown, column.width) : left_aligned(shown, column.width);
}

}  // namespace

std::string table_row(std::span<const Column> columns, std::span<const std::string> texts) {
  std::string row;
  for (std::size_t i = 0; i < std::min(columns.size(), texts.size()); ++i) {
    const bool numbers = columns[i].holds == Holds::numbers, ends_early = texts.size() < columns.size();
    if (i > 0) row += numbers ? " " : "  ";
    const bool as_it_is = i + 1 == texts.size() && (!numbers || ends_early);
    row += as_it_is ? printable(texts[i]) : filled(texts[i], columns[i]);
  }
  return row;
}

std::string table_heading(std::span<const Column> columns) {
  std::vector<std::string> headings;
  for (const auto& column : columns) headings.push_back(column.heading);
  return table_row(columns, headings);
}

std::string number_or_dash(const std::optional<double>& value, const char* format) {
  return value && !std::isnan(*value) ? number_text(format, *value) : "-";
}

std::string with_interval(double value, const plexiform::Interval& interval, const char* format) {
  const std::string alone = number_or_dash(value, format);
  if (!std::isfinite(interval.low) || !std::isfinite(interval.high)) return alone;
  return alone + " (" + number_text(format, interval.low) + " to " + number_text(format, interval.high) + ")";
}
