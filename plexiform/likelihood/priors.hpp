#pragma once
#include "plexiform/likelihood/objective.hpp"

namespace plexiform {

/// A normal distribution that a parameter is drawn from.
struct NormalPrior {
  double mean = 0;
  double spread = 1;  ///< standard deviation, > 0
};

/// Adds the prior's logarithm (less its constant), slope and curvature at `value` to what is known of the parameter.
void add_normal_prior(Expansion& to, Parameter of, double value, const NormalPrior& prior);

/// Where the prior of the logarithm of a softplus' softness has its middle, for a mean count in spikes per frame: about
/// a seventh of it (exp(-2)). Chosen, not measured.
double usual_log_softness(double mean_count);

}  // namespace plexiform
