#pragma once
#include <optional>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/base/ndarray.hpp"
#include "plexiform/likelihood/maximise.hpp"
#include "plexiform/likelihood/priors.hpp"

namespace plexiform {

/// A generalised linear model whose rate bends softly at a threshold:
///   rate = s log(1 + exp(drive / s)),  drive = offset + sum_k weight_k input_k,  s = exp(log_softness).
/// All in the unit of the counts. A small s makes a rectifier, a large one an exponential.
struct SoftplusModel {
  double log_softness = 0;
  double offset = 0;
  std::vector<double> weight;  ///< [input]
};

/// What a model is fitted to. Views: who makes a SoftplusObjective keeps them.
struct SoftplusData {
  const NdArray<double>& inputs;   ///< [sample, input]
  std::span<const double> counts;  ///< [sample], 0 or more
};

struct SoftplusSettings {
  double log_softness = 0;                    ///< where it begins
  std::optional<NormalPrior> softness_prior;  ///< of the logarithm; nothing: it stays where it begins
  double softness_range = 0;                  ///< how far the logarithm may go from the prior's mean, with a prior
  std::vector<bool> free_sign;                ///< [input]: the weight may be negative; empty: none may
};

/// The log-likelihood and prior of a SoftplusModel, with the handles of its parameters: "log softness", "offset",
/// "weight 0", ...
struct SoftplusObjective {
  Objective<> objective;
  Parameter log_softness, offset;
  ParameterBlock weight;
};

/// Throws InternalError if the lengths differ.
SoftplusObjective softplus_objective(const SoftplusData& data, const SoftplusSettings& settings);

struct SoftplusFit {
  SoftplusModel model;
  SearchEnd end = SearchEnd::converged;
  int steps = 0;
};

/// The model with the highest likelihood and prior, looked for from the constant rate. An input that is 0 in all
/// samples gets the weight 0. The same bits on any number of threads. Throws Error{data} without a count above 0,
/// Error{numeric} if inputs or counts are not finite; Interrupted.
SoftplusFit fit_softplus(const SoftplusData& data, const SoftplusSettings& settings, const MaximiseSettings& search,
                         const Context& context);

/// Mean Poisson log-likelihood of a sample, nats, without log n!; NaN without any.
double mean_log_likelihood(const SoftplusModel& model, const SoftplusData& data);

}  // namespace plexiform
