#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/base/ndarray.hpp"
#include "plexiform/reveal/block_rows.hpp"
#include "plexiform/reveal/fit.hpp"
#include "plexiform/reveal/place_rows.hpp"

namespace plexiform::reveal {

/// Something a model might have beside its parts: a drive of sum_j f(mix . v(gaussian_j)), with mix of norm 1.
struct Feature {
  std::vector<Gaussian> gaussians;
  std::vector<double> mix;
  bool even = false;
};

/// How much the likelihood wants a feature: score test (Rao 1948) of its weight being 0.
struct Score {
  double z = 0;            ///< with what the model's own parameters can do instead taken out
  double slope = 0;        ///< d log-likelihood / d weight, nats per spike per frame
  double information = 0;  ///< its variance, before parameters are taken out
};
std::vector<Score> feature_scores(const Fitted& fit, const Seen& seen, std::span<const Feature> features,
                                  const Context& context);

/// The same of any rows that the drive might have: `fill(block, frames, space, rows)` writes them, [row][frame].
using FillRows = std::function<void(std::size_t block, const BlockFrames& frames, BlockSpace& space, float* rows)>;
std::vector<Score> row_scores(const Fitted& fit, const Seen& seen, std::size_t rows, const FillRows& fill,
                              const Context& context);
/// Chi squared, over the dispersion, of rows that the logarithm of the rate might have, all of them together.
double joint_score(const Fitted& fit, const Seen& seen, const Covariates& rows, const Context& context);

/// Scores of rows beside those that they have with counts that the model itself might have made: dispersion times
/// Poisson counts of rate / dispersion, which have the rates as means and the dispersion as variance over mean. Model
/// parameters are taken out of both in the same way. `least_left`: share of a row's information that is left at least.
struct DrawnScores {
  double dispersion = 1;    ///< of the fit, or the least that draws are made with
  std::vector<Score> seen;  ///< [row]
  NdArray<double> drawn;    ///< [row, draw]: z
};
DrawnScores drawn_scores(const Fitted& fit, const Movie& movie, const Covariates& covariates, std::size_t rows,
                         const FillRows& fill, double least_left, std::size_t draws, std::uint64_t seed,
                         const Context& context);

/// Unit vectors over `functions` temporal functions, one of each pair of opposite ones: axes and diagonals between two.
std::vector<std::vector<double>> directions(std::size_t functions);

/// A place, size and direction whose plain score (parameters not taken out) is high.
struct Screened {
  Gaussian gaussian;
  std::vector<double> mix;
  bool even = false;
  double z = 0;  ///< above 0: excitation, below: suppression
};
struct Screening {
  std::vector<Screened> best;  ///< the greatest |z| first
  std::size_t looked_at = 0;   ///< features
};
/// `wanted`: whether a place is to be looked at. Keeps the `most` best.
Screening screen(const Fitted& fit, const Seen& seen, std::span<const PlaceGrid> grids,
                 const std::function<bool(const Gaussian&)>& wanted, bool suppression, std::size_t most,
                 const Context& context);

}  // namespace plexiform::reveal
