#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "plexiform/filtered/filtered_movie.hpp"
#include "plexiform/reveal/fit_model.hpp"
#include "plexiform/reveal/subunit_model.hpp"

namespace plexiform {

// Changes of a model that a selection may try.

/// Two parts as one, of their place and covariance together.
SubunitModel with_joined(const SubunitModel& model, std::size_t i, std::size_t j);

/// A part as two of the mean size, along an axis at `angle`, radians.
SubunitModel with_split(const SubunitModel& model, std::size_t i, double angle);

/// Variance of each parameter of a fitted model (ModelLayout), from its curvature, 0 or more.
std::vector<double> parameter_variances(const FittedModel& fit);

/// Pairs of parts that overlap by more than kJoinAbove and whose places are closer than kCertain standard errors, the
/// most alike first. `variances`: as parameter_variances().
std::vector<std::pair<std::size_t, std::size_t>> pairs_to_join(const SubunitModel& model,
                                                               std::span<const double> variances);

/// The kDrops least certain parts whose weight is less than kCertain standard errors from 0, the least certain first.
std::vector<std::size_t> parts_to_drop(const SubunitModel& model, std::span<const double> variances);

/// A larger model, and what it has that the present one has not.
struct Growth {
  SubunitModel model;
  Feature feature;
  std::string change;  ///< for people
};

/// Each part as two, along four axes; and one more at each place of a grid of kPlaceSpacing sizes, where it is not
/// further than kFar from all parts: of the mean size beside them, of half of it where it overlaps one by more than
/// kUpon, as a finer detail that no split along a line makes.
std::vector<Growth> growths(const SubunitModel& model, const FilteredMovie& movie);

/// The kTrials highest of those z of the score test (feature_scores()) that exceed kWanted times the root of the
/// dispersion, the highest first.
std::vector<std::size_t> wanted(std::span<const double> z, double dispersion);

}  // namespace plexiform
