#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/filtered/filtered_movie.hpp"
#include "plexiform/model/network.hpp"

namespace plexiform {

/// What a readout is fitted to: subunits whose filters are given,
///   drive_t = offset + sum_k weight_k f(filter_k . x_t + bias_k),   rate_t = s log(1 + exp(drive_t / s)),
/// x_t a frame of a filtered movie, spikes per frame.
struct Modules {
  at::Tensor filters;        ///< double [module, pixel]
  std::vector<double> bias;  ///< [module], or empty for 0
  SubunitNonlinearity nonlinearity = SubunitNonlinearity::relu;
  std::vector<bool> free_sign;  ///< [module]: the weight may be negative; empty for none
};

/// A fitted readout, and how well it does.
struct Readout {
  std::vector<double> weight;  ///< [module]
  double offset = 0;
  double log_softness = 0;  ///< log s
  double training = 0;      ///< mean Poisson log-likelihood, nats per frame without log n!, of the training frames
  double validation = 0;    ///< ... of the validation frames; NaN without any
  int steps = 0;            ///< of the search
};

/// What the modules answer to each frame, double [frame, module]: f(filter . x + bias).
at::Tensor module_answers(const Modules& modules, const FilteredMovie& movie);

/// Weights, offset and softness with the highest Poisson likelihood on the movie's training blocks
/// (likelihood/softplus_model.hpp); weights that are not of a free sign are 0 or more. The logarithm of s has a normal
/// prior around a seventh of the mean count, standard deviation 1, so that it is known where the frames say nothing
/// about it. The same bits on any number of threads. Throws Error{data} without a training spike, Error{numeric} if a
/// likelihood is not finite; Interrupted.
Readout readout_of_modules(const Modules& modules, const FilteredMovie& movie, const Context& context = {});

/// Modules and their readout as a network: a full-window filter for each module. `temporal`: [lag], the movie's.
/// `channels` share each filter, as the movie averages them.
Network network_of_modules(const Modules& modules, const Readout& readout, const FilteredMovie& movie,
                           std::span<const double> temporal, std::int64_t channels, std::int64_t window);

}  // namespace plexiform
