#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "plexiform/run/watch.hpp"

/// "fit: 12 of 38 cells, 41 %, 5.2 cells/min, about 4 min left, last update 3 s ago".
std::string summary(const plexiform::Watched& watched, double now);
/// A heading and a row for each piece; in at most `lines` lines, where that is not 0: those that are being worked on
/// first, and a last line that says how many are not shown. `columns`: width of a line, 0 for any.
std::vector<std::string> table(const plexiform::Watched& watched, double now, std::size_t lines, std::size_t columns);
/// "cell 3 (off 12): done in 12.3 s".
std::string news_of(const plexiform::WatchedPiece& piece, double now);
