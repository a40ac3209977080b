#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/score/score.hpp"

namespace plexiform {

/// What a study changes: the number of filters of the network; their side in pixels; the share of the frames that train
/// and validate; the standard deviation of the noise added to the network's subunits while it trains; the threshold of
/// the model cell, in units of the mean of its drive.
enum class StudyKind { filters, size, data, noise, threshold };

StudyKind study_kind_from(const std::string& name);  ///< Error{usage} names the nearest
std::string to_string(StudyKind kind);

/// One fit: a cell at a value and a seed.
struct StudyPiece {
  double value = 0;
  std::uint64_t seed = 0;
  std::int64_t cell = 0;
  std::string error;  ///< why there is nothing else, or empty
  double bits_per_spike = 0, cc = 0;
  std::optional<double> true_rate_cc;
  double number = 0;  ///< of revealed subunits
  std::optional<double> mean_match, found;
  double network_number = 0;            ///< of the peaks of the network's own map
  std::optional<double> network_match;  ///< mean match of these
  double seconds = 0;
};

/// Mean over seeds and its 95 % interval (Student's t); an infinite one with a single seed.
struct Estimate {
  double mean = 0;
  Interval interval;
  std::int64_t seeds = 0;
};

/// A measure is absent where no fit has it.
struct StudyRow {
  double value = 0;
  std::optional<Estimate> bits_per_spike, cc, true_rate_cc, number, mean_match, found, network_number, network_match;
  std::int64_t failed = 0;  ///< fits that ended with an error
};

struct Study {
  StudyKind kind = StudyKind::filters;
  std::string what;
  std::vector<StudyRow> rows;
  std::vector<StudyPiece> pieces;
};

}  // namespace plexiform
