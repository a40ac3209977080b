#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/progress/metrics.hpp"

namespace plexiform {

/// A cell of a run (or a piece of another work) as the files say that it stands.
struct WatchedPiece {
  PieceRecord record;
  std::int64_t passes = 0;                      ///< of all its fits
  std::optional<double> network = {}, ln = {};  ///< best validation loss so far, nats per frame, without log n!
};

/// A work as the files in its folder say that it stands.
struct Watched {
  std::filesystem::path folder;
  bool is_run = false;  ///< a run directory, whose cells are known from the beginning
  WorkRecord work;      ///< without its pieces
  std::vector<WatchedPiece> pieces;
  double last_sign = 0;  ///< of life, seconds since 1970; 0: none
};

/// Reads a run directory, or the folder of a compare, study or transfer, while it is being written or later. Throws
/// Error{file} where `folder` is none of these, or its config.toml is damaged.
Watched read_watched(const std::filesystem::path& folder);

/// The program's exit code that this end means: 0, 4 where a cell failed, that of an interruption.
int exit_code(const Watched& watched);

/// "fit: 12 of 38 cells, 41 %, 5.2 cells/min, about 4 min left, last sign of life 3 s ago".
std::string summary(const Watched& watched, double now);
/// A heading and a row for each piece; in at most `lines` lines, where that is not 0: those that are being worked on
/// first, and a last line that says how many are not shown. `columns`: width of a line, 0 for any.
std::vector<std::string> table(const Watched& watched, double now, std::size_t lines, std::size_t columns);
/// "cell 3 (off 12): done in 12.3 s".
std::string news_of(const WatchedPiece& piece, double now);
std::string to_json(const Watched& watched, double now);

}  // namespace plexiform
