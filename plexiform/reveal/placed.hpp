#pragma once
#include <span>
#include <vector>

#include "plexiform/recording/recording.hpp"
#include "plexiform/result/subunits.hpp"
#include "plexiform/reveal/certainty.hpp"
#include "plexiform/reveal/find.hpp"
#include "plexiform/reveal/residual.hpp"
#include "plexiform/reveal/structure.hpp"

namespace plexiform::reveal {

// From what was found in a window to plain results on the recording's grid.

/// Where the subunits of a cell are put.
struct Placing {
  Window window;
  FrameShape grid;  ///< the stimulus' shape
};

/// How sure a model is: of certainty_of() and residual_test().
struct Sure {
  Certainty certainty;
  ResidualTest residual;
};

/// The parts of a model of one sign, the heaviest first. `sure`: null where nothing was asked.
std::vector<Subunit> placed_subunits(const Found& found, int sign, const Sure* sure, const Placing& placing);

/// 90 % of the numbers of resamples, and the number itself among them.
Interval number_interval(std::vector<int> numbers, std::size_t own);

StructureTest plain_test(const OneFilterTest& test);
ResidualTest plain_residual(const Residual& residual, const Placing& placing);
std::vector<CovariateUse> plain_covariates(const Model& model, const Covariates& covariates);

/// Share of a model's squared weights, by its weights, that lies outside a window of these many pixels; 0 to 1.
double share_outside(const Model& model, const Grid& grid);

}  // namespace plexiform::reveal
