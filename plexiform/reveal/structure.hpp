#pragma once
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "plexiform/fit/filtered_movie.hpp"
#include "plexiform/reveal/select_subunits.hpp"

namespace plexiform {

enum class Verdict { structured, no_evidence, too_little_data };
std::string to_string(Verdict verdict);  ///< "structured", "no evidence", "too little data"

struct StructureSettings {
  double alpha = 0.01;
  int draws = 99;           ///< of the null, at most
  double clear_nats = 15;   ///< ahead of the null's highest (times the dispersion) from which fewer draws can do ...
  double clear_p = 1e-3;    ///< ... where Student's t of the draws made so far puts it below this
  std::int64_t alike = 50;  ///< frames of about the same rate whose counts are exchanged
};

/// Is there structure beyond one linear filter?
struct StructureTest {
  Verdict verdict = Verdict::no_evidence;
  double p_value = 1;
  std::vector<double> null;  ///< the statistic of each draw, nats
  double statistic = 0;      ///< nats
  double effect_bits = 0;    ///< the statistic, bits per spike
  double effect_error = 0;   ///< its standard error over blocks
  double visible_bits = 0;   ///< the effect from which the verdict would have been "structured"
};

/// The same parts with linear subunits, or one linear filter of one Gaussian where that predicts better.
FittedModel best_linear(SubunitModel model, const FilteredMovie& movie, const ModelFitSettings& settings, int threads);

/// What is compared: the selected model, and the same with linear subunits (or one linear filter, where that predicts
/// better), both with the same output nonlinearity, whose power is free.
struct StructureFits {
  Selection grown;
  FittedModel linear;
  double dispersion = 1;  ///< variance over mean of the counts about the linear fit, 1 at least
};
/// `dispersion`: what the selection reckons with. What is tested must have been fitted with `fits.dispersion`, as the
/// draws of the null are.
StructureFits fit_both(const FilteredMovie& movie, SubunitNonlinearity nonlinearity, double dispersion, int threads);

/// Statistic: held-out log-likelihood (leave-one-block-out) of the model with subunits over the linear one. Null: the
/// same, the whole selection made anew, on counts that are exchanged among frames to which the linear model gives about
/// the same rate. If the cell is linear, whatever its output nonlinearity and the dispersion of its counts, such counts
/// are as likely as those recorded (conditional randomisation; Candes et al. 2018). p = (1 + draws at or above) / (1 +
/// draws), and drawing ends early where alpha cannot be reached any more, or where the statistic is far beyond all
/// draws: then p is Student's for a new draw from a normal null. Frames on any number of threads, the same result.
StructureTest test_structure(const FilteredMovie& movie, const StructureFits& fits, const StructureSettings& settings,
                             std::uint64_t seed, int threads, const std::stop_token& stop = {});

}  // namespace plexiform
