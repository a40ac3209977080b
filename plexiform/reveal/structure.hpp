#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/filtered/filtered_movie.hpp"
#include "plexiform/result/subunits.hpp"
#include "plexiform/reveal/select_subunits.hpp"

namespace plexiform {

struct StructureSettings {
  double alpha = thresholds::kAlpha;
  int draws = thresholds::kDraws;              ///< of the null, at most
  double clear_nats = thresholds::kClearNats;  ///< ahead of the null's highest, times the dispersion, from which fewer
                                               ///< draws can do ...
  double clear_p = thresholds::kClearP;        ///< ... if Student's t of the draws made so far puts it below this
  std::int64_t alike = thresholds::kAlike;     ///< frames of about the same rate whose counts are exchanged
};

/// The same parts with linear subunits, or one linear filter of one Gaussian where that predicts better.
FittedModel best_linear(SubunitModel model, const FilteredMovie& movie, const ModelFitSettings& settings,
                        const Context& context = {});

/// What is compared: the selected model, and the same with linear subunits (or one linear filter, where that predicts
/// better), both with the same output nonlinearity, whose power is free.
struct StructureFits {
  Selection grown;
  FittedModel linear;
  double dispersion = 1;  ///< variance over mean of the counts about the linear fit, 1 at least
};
/// `dispersion`: what the selection reckons with. What is tested must have been fitted with `fits.dispersion`, as the
/// draws of the null are.
StructureFits fit_both(const FilteredMovie& movie, SubunitNonlinearity nonlinearity, double dispersion,
                       const Context& context = {});

/// The same with the dispersion that the counts have: fitted again where it is above kPoissonLike, else 1.
StructureFits fit_both_as_dispersed(const FilteredMovie& movie, SubunitNonlinearity nonlinearity,
                                    const Context& context = {});

// The steps of test_structure, then itself.

/// Frames in the order of their rates, [frame]; those of one rate in the order of time.
std::vector<std::int64_t> by_rate(std::span<const double> rates);

/// A draw of the null: the movie with its counts exchanged at random within groups of `alike` neighbours in `order`.
FilteredMovie exchanged(const FilteredMovie& movie, std::span<const std::int64_t> order, std::int64_t alike,
                        const CounterRandom& random);

/// Is a statistic so far ahead of the draws of the null (two or more) that no more are needed?
bool is_clear(double statistic, std::span<const double> null, double dispersion, const StructureSettings& settings);

/// p of a statistic as one more draw from a normal null (two draws or more), kLeastP at least; a null without variance
/// is no reason to be certain: its spread is the dispersion at least.
double normal_p(double statistic, std::span<const double> null, double dispersion);

/// Statistic: held-out log-likelihood (leave-one-block-out) of the model with subunits over the linear one. Null: the
/// same, the whole selection made anew, on counts that are exchanged among frames to which the linear model gives about
/// the same rate. If the cell is linear, whatever its output nonlinearity and the dispersion of its counts, such counts
/// are as likely as those recorded (conditional randomisation; Candes et al. 2018). p = (1 + draws at or above) / (1 +
/// draws), and drawing ends early where alpha cannot be reached any more, or where the statistic is far beyond all
/// draws: then p is Student's for a new draw from a normal null (it is asked after every kWave draws, which is not in
/// alpha). The same bits on any number of threads. Throws Error{usage} if so many draws cannot reach alpha, Interrupted
/// on a stop request.
StructureTest test_structure(const FilteredMovie& movie, const StructureFits& fits, const StructureSettings& settings,
                             std::uint64_t seed, const Context& context = {});

}  // namespace plexiform
