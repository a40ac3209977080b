#pragma once
#include <vector>

#include "plexiform/flashed/pooled_images.hpp"
#include "plexiform/flashed/static_model.hpp"
#include "plexiform/flashed/thresholds.hpp"

namespace plexiform {

/// One way to see the images, of several that are possible.
struct MenuEntry {
  double extent = 0, size = 0;    ///< as in PooledImages; size 0 without subunits
  const NdArray<double>* inputs;  ///< [image, input]
  double prior = 1;               ///< weight before any data
};

/// Models of all entries and output scales, and how much each is worth.
struct WeighedModels {
  std::vector<StaticModel> models;                                            ///< [entry, scale]
  std::vector<double> weights;                                                ///< of the same, sum 1
  double rate(const std::vector<MenuEntry>& menu, std::int64_t image) const;  ///< weighted mean of their rates
  std::size_t best() const;                                                   ///< of the highest likelihood
};

using thresholds::flashed::kScales;

/// Fits every entry with every scale to the images where `fits` says so, and weighs them by prior and likelihood:
///   weight ~ prior * exp((log likelihood - its maximum) / dispersion)
/// where the dispersion, that of the best model, stands for counts that vary less or more than Poisson ones and for
/// what no model of the menu describes (quasi-likelihood; McCullagh and Nelder 1989, chapter 9). All have as many
/// parameters. Throws as fit_static.
WeighedModels weigh_models(const std::vector<MenuEntry>& menu, std::span<const double> counts,
                           const std::vector<bool>& fits, const Context& context = {});

}  // namespace plexiform
