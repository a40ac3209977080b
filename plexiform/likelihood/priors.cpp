#include "plexiform/likelihood/priors.hpp"

#include <cmath>

namespace plexiform {

void add_normal_prior(Expansion& to, Parameter of, double value, const NormalPrior& prior) {
  const double precision = 1 / (prior.spread * prior.spread), off = value - prior.mean;
  to.value -= precision * off * off / 2;
  of.of(to.gradient) -= precision * off;
  of.of(to.information.row(static_cast<std::int64_t>(of.index))) += precision;
}

double usual_log_softness(double mean_count) {
  return std::log(mean_count) - 2;
}

}  // namespace plexiform
