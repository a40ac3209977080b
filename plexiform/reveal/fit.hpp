#pragma once
#include <limits>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/base/ndarray.hpp"
#include "plexiform/likelihood/maximise.hpp"
#include "plexiform/reveal/covariates.hpp"
#include "plexiform/reveal/model.hpp"
#include "plexiform/reveal/movie.hpp"

namespace plexiform::reveal {

/// What models are fitted to. Views: who makes one keeps them.
struct Seen {
  const Movie& movie;
  const Covariates& covariates;
  std::span<const double> block_weights;  ///< [block], empty for 1
};

/// Likelihood (nats, without log n!) of a model, and what is known of its change.
struct Evaluation {
  std::vector<double> block;                  ///< [block], log-likelihood, 0 where the weight is
  NdArray<double> block_gradient;             ///< [block, parameter], without weights; with derivatives
  NdArray<double> information;                ///< [parameter, parameter], Fisher's
  double total = 0;                           ///< weighted sum over blocks
  double squared_surprise = 0, expected = 0;  ///< sums of (count - rate)^2 and of rates
  double dispersion() const;                  ///< of the counts about the rates, 1 where they are Poisson's
};
/// The same bits on any number of threads. Throws Interrupted on a stop request, as the others here.
Evaluation evaluate(const Model& model, const Seen& seen, bool derivatives, const Context& context);

/// Rates on all frames of the movie, [padded frame].
std::vector<float> model_rates(const Model& model, const Seen& seen, const Context& context);

/// A model at the maximum of likelihood and priors.
struct Fitted {
  Model model;
  Evaluation at;
  double objective = 0;          ///< nats, with the priors
  std::vector<double> gradient;  ///< [parameter], with the priors'
  NdArray<double> curvature;     ///< information and the priors'
  std::vector<double> held_out;  ///< [block]: likelihood of each block by a model fitted without it
  double dispersion = 1;
};

struct FitSettings {
  double tolerance = 0.05;  ///< nats that a step must promise
  int most_steps = 40;
  double hopeless_below = -std::numeric_limits<double>::infinity();  ///< where it may end early
};

/// Throws Error{numeric} if a likelihood is not finite.
Fitted fit_model(Model model, const Seen& seen, const FitSettings& settings, const Context& context);

/// Held-out gain of one model over another, nats, with its standard error over blocks.
struct HeldOutGain {
  double nats = 0, error = 0;
};
HeldOutGain held_out_gain(const Fitted& a, const Fitted& b);

/// How far a part's mixture is from 0 in its errors: sqrt(q' C^-1 q), C its block of a covariance [parameter,
/// parameter].
double mixture_z(const Part& part, const ModelLayout::PartLayout& at, const NdArray<double>& covariance);

/// Inverse of the curvature, [parameter, parameter]; its smallest entries are lifted so that it exists.
NdArray<double> covariance_of(const Fitted& fit);

}  // namespace plexiform::reveal
