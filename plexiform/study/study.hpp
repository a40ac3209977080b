#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "plexiform/base/progress.hpp"
#include "plexiform/progress/piece.hpp"
#include "plexiform/score/score.hpp"
#include "plexiform/settings/settings.hpp"

namespace plexiform {

/// What a study changes: the number of filters of the network; their side in pixels; the share of the frames that train
/// and validate; the standard deviation of the noise added to the network's subunits while it trains; the threshold of
/// the model cell, in units of the mean of its drive.
enum class StudyKind { filters, size, data, noise, threshold };
StudyKind study_kind_from(const std::string& name);  ///< Error{usage} names the nearest
std::string to_string(StudyKind kind);
std::vector<double> usual_values(StudyKind kind);

struct StudyRequest {
  StudyKind kind = StudyKind::filters;
  std::string what;                                    ///< a preset of model cells, or a recording (.h5)
  std::filesystem::path folder;                        ///< to be made, or gone on with
  std::vector<std::uint64_t> seeds = {101, 102, 103};  ///< of the model cell and the fit; of a recording, the fit
  std::vector<double> values;                          ///< empty: the usual ones
  std::optional<std::int64_t> frames;                  ///< of a model cell; none: the preset's
  std::string cells = "all";                           ///< of a recording
  Settings settings;                                   ///< that the study changes
  bool resume = false;
  int threads = 0;  ///< 0: what the machine offers
};

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
/// Throws InternalError without a value.
Estimate estimate(std::span<const double> of_seeds);

/// A measure is absent where no fit has it.
struct StudyRow {
  double value = 0;
  std::optional<Estimate> bits_per_spike, cc, true_rate_cc, number, mean_match, found, network_number, network_match;
  std::int64_t failed = 0;  ///< fits that ended with an error
};
/// A row for each value, in their order; cells are averaged within a seed first.
std::vector<StudyRow> study_rows(std::span<const StudyPiece> pieces, std::span<const double> values);

struct Study {
  StudyKind kind = StudyKind::filters;
  std::string what;
  std::vector<StudyRow> rows;
  std::vector<StudyPiece> pieces;
};

struct StudyHooks {
  ProgressSink progress;
  PieceSink piece;  ///< each value, seed and cell
  std::stop_token stop;
};

/// For each value and each seed: fit, reveal (quick) and score. Model cells are scored on fresh frames, a recording on
/// its test block, which stays where the study changes the amount of data. FOLDER/recordings, FOLDER/runs and
/// FOLDER/pieces keep what was made, FOLDER/study.json the result, FOLDER/metrics.jsonl the log. With `resume`,
/// finished pieces are taken from FOLDER/pieces. Threads take whole pieces; the result does not depend on their number.
/// Throws Error{usage} where the folder exists (or, to resume, does not, or was made with other arguments) or a value
/// makes no sense, Interrupted on a stop request.
Study run_study(const StudyRequest& request, const StudyHooks& hooks = {});

std::string to_json(const Study& study);
std::string to_json(std::span<const StudyPiece> pieces);
std::vector<StudyPiece> pieces_from_json(const std::string& text);

}  // namespace plexiform
