#include "cells.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "plexiform/base/error.hpp"

namespace {

using plexiform::Error;
using plexiform::ErrorKind;

constexpr const char* kAdvice = "name cells as 4, as 0,3-7 or as all";
constexpr std::int64_t kMostCells = 1'000'000;  // of one list, so that "0-9999999999" is refused at once

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::int64_t row(const std::string& all, std::string_view text) {
  const std::string_view digits = trimmed(text);
  std::int64_t value = -1;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || failure != std::errc() || end != digits.data() + digits.size() || value < 0)
    throw Error(ErrorKind::usage, "cells '" + all + "': '" + std::string(digits) + "' is not a row of a cell", kAdvice);
  return value;
}

}  // namespace

std::vector<std::int64_t> parse_cells(const std::string& text) {
  std::vector<std::int64_t> rows;
  if (trimmed(text) == "all") return rows;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view item = std::string_view(text).substr(begin, end - begin);
    const std::size_t dash = item.find('-', 1);
    const std::int64_t first = row(text, item.substr(0, dash));
    const std::int64_t last = dash == std::string_view::npos ? first : row(text, item.substr(dash + 1));
    if (last < first)
      throw Error(ErrorKind::usage, "cells '" + text + "': '" + std::string(item) + "' ends before it begins", kAdvice);
    if (last - first >= kMostCells)
      throw Error(ErrorKind::usage, "cells '" + text + "': '" + std::string(item) + "' names more than a million cells",
                  kAdvice);
    for (std::int64_t cell = first; cell <= last; ++cell) rows.push_back(cell);
    begin = end + 1;
  }
  return rows;
}
