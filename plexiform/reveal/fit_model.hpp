#pragma once
#include <ATen/ATen.h>

#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/filtered/filtered_movie.hpp"
#include "plexiform/result/subunits.hpp"
#include "plexiform/reveal/subunit_model.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform {

struct ModelFitSettings {
  double shape_spread =
      thresholds::kShapeSpread;    ///< prior standard deviation of log sizes around their mean (and of shear / size)
  double power_spread = 0;         ///< prior standard deviation of log_power about 0; 0: it stays as it is
  double tolerance = 0.05;         ///< nats: a fit ends where the next step promises less
  int steps = 40;                  ///< at most
  double hopeless_below = -1e300;  ///< objective: a fit ends early where it will clearly stay below
};

struct FittedModel {
  SubunitModel model;
  Evaluation at;
  at::Tensor curvature;  ///< information and prior, double [parameter, parameter]
  double objective = 0;  ///< log-likelihood and log prior
  /// Log-likelihood of each block for the model without that block, nats: to first order in what the block adds,
  ///   l_b - g_b^T H^-1 g_b
  /// (leave-one-out by influence; summed over blocks it is Takeuchi's information criterion).
  std::vector<double> held_out;
};

/// Maximum of likelihood and prior from `start`, by Fisher scoring with damped steps (Levenberg-Marquardt).
/// The same bits on any number of threads. Throws Error{numeric} if a likelihood is not finite, Interrupted on a stop
/// request.
FittedModel fit_model(SubunitModel start, const FilteredMovie& movie, std::span<const double> weights,
                      const ModelFitSettings& settings, const Context& context);

/// Covariance of the parameters as the curvature has it, double [parameter, parameter].
at::Tensor inverse_curvature(const FittedModel& fit);

/// What the first gains over the second in held-out log-likelihood, paired over blocks. `weights`: of the blocks, empty
/// for 1.
Gain held_out_gain(const FittedModel& of, const FittedModel& over, std::span<const double> weights = {});

}  // namespace plexiform
