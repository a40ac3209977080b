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

/// Reads a run, or the folder of a comparison, study or transfer, while it is being written or later. Throws
/// Error{missing} if `folder` is none of these, and as read_run.
Watched read_watched(const std::filesystem::path& folder);

/// What was spent on a piece, with the time since it was begun while it is being worked on.
double seconds_of(const PieceRecord& piece, double now);
/// Pieces a second since the last call began; 0 where that is not known.
double rate_of(const WorkRecord& work);
std::string to_json(const Watched& watched, double now);

}  // namespace plexiform
