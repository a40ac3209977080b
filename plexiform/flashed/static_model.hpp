#pragma once
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/base/ndarray.hpp"

namespace plexiform {

/// A cell's answer to a still image: mean count = scale * softplus(offset + sum_k weight_k input_k).
struct StaticModel {
  double scale = 1;  ///< spikes; where the output begins to bend: small is a threshold, large an exponential
  double offset = 0;
  std::vector<double> weights;  ///< [input]
  double log_likelihood = 0;    ///< Poisson, of the mean counts that it was fitted to, nats, without log n!
  double dispersion = 0;        ///< sum (count - mean)^2 / mean over the degrees of freedom left (Pearson)

  double rate(std::span<const double> inputs) const;
};

/// Maximises the Poisson likelihood of mean counts [image] over offset and weights (likelihood/softplus_model.hpp) on
/// those images where `fits` says so. inputs: [image, input]. An input that does not vary gets the weight 0.
/// The same bits on any number of threads. Throws Error{numeric} if all these counts are 0, InternalError if lengths
/// differ or fewer images fit than there are parameters, Interrupted on a stop request.
StaticModel fit_static(const NdArray<double>& inputs, std::span<const double> counts, const std::vector<bool>& fits,
                       double scale, const Context& context = {});

}  // namespace plexiform
