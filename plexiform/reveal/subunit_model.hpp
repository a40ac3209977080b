#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/fit/filtered_movie.hpp"
#include "plexiform/recording/circuit.hpp"
#include "plexiform/reveal/gaussian.hpp"

namespace plexiform {

/// A cell as a list of subunits, each with a shape of its own; with u[t] the filtered movie and w_i unit-norm
/// Gaussians,
///   rate[t] = s softplus( (offset + sum_i weight_i f(w_i . u[t])) / s ) ^ power,   spikes per frame,
/// f the subunits' nonlinearity and s the softness of the threshold (0: a rectifier); a power above 1 grows faster than
/// its drive, one below 1 saturates. Few parameters, so that its
/// curvature is known and every statement about it cheap.
struct SubunitModel {
  struct Part {
    Gaussian shape;
    double weight = 0;  ///< > 0, spikes per frame where f is 1
  };
  SubunitNonlinearity nonlinearity = SubunitNonlinearity::relu;
  double log_softness = 0;  ///< spikes per frame
  double log_power = 0;
  double offset = 0;    ///< spikes per frame
  double log_size = 0;  ///< mean of the logarithms of the subunits' standard deviations, pixels; shapes keep near it
  std::vector<Part> parts;
};

/// Order of a model's parameters: log_softness, offset, log_power, log_size, then weight and shape of each part.
inline constexpr std::int64_t kSharedParameters = 4, kPartParameters = 1 + kGaussianParameters;
std::int64_t parameter_count(const SubunitModel& model);
/// Where the prior of log_softness has its middle: a seventh of the mean count.
double usual_log_softness(double mean_count);
/// The model with a threshold at least as soft as that: a sharp one, right for another model, makes the first steps of
/// a fit small.
SubunitModel softened(SubunitModel model, const FilteredMovie& movie);
SubunitModel without_part(SubunitModel model, std::size_t part);

/// Likelihood of a model on the blocks of a movie, and what is known about its change.
struct Evaluation {
  std::vector<double> block;  ///< log-likelihood of each block, nats, without log n!; 0 where its weight is 0
  at::Tensor block_gradient;  ///< double [block, parameter], of each block, without its weight
  at::Tensor information;     ///< double [parameter, parameter], Fisher's, weighted sum over blocks
  double total = 0;           ///< weighted sum
};

/// `weights`: of blocks (how often a resample drew each), empty for 1. Without `derivatives` only likelihoods. The same
/// bits on any number of threads.
Evaluation evaluate(const SubunitModel& model, const FilteredMovie& movie, std::span<const double> weights,
                    bool derivatives, int threads);

/// Rates of all frames, [frame], spikes per frame.
std::vector<double> model_rates(const SubunitModel& model, const FilteredMovie& movie, int threads);

/// Something a model might have beside its parts: its drive is sum_j f(w_j . u[t]) over these Gaussians.
using Feature = std::vector<Gaussian>;

/// For each feature how much the likelihood wants it: z of the score test (Rao 1948) of its weight being 0, with what
/// the model's own parameters can do instead projected out. `curvature` is a fitted model's.
std::vector<double> feature_scores(const SubunitModel& model, const FilteredMovie& movie,
                                   std::span<const double> weights, const at::Tensor& curvature,
                                   std::span<const Feature> features, int threads);

struct ModelFitSettings {
  double shape_spread = 0.3;       ///< prior standard deviation of log sizes around their mean (and of shear / size)
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
/// Throws Error{numeric} where a likelihood is not finite.
FittedModel fit_model(SubunitModel start, const FilteredMovie& movie, std::span<const double> weights,
                      const ModelFitSettings& settings, int threads);

/// Covariance of the parameters as the curvature has it, double [parameter, parameter].
at::Tensor inverse_curvature(const FittedModel& fit);

/// A difference of held-out log-likelihoods, nats, with its standard error over blocks.
struct Gain {
  double nats = 0;
  double error = 0;
};
Gain held_out_gain(const FittedModel& of, const FittedModel& over, std::span<const double> weights = {});

}  // namespace plexiform
