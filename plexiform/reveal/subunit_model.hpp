#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/filtered/filtered_movie.hpp"
#include "plexiform/form/nonlinearity.hpp"
#include "plexiform/result/subunits.hpp"
#include "plexiform/reveal/gaussian.hpp"

namespace plexiform {

/// A cell as a list of subunits, each with a shape of its own; with u[t] the filtered movie and w_i unit-norm
/// Gaussians,
///   rate[t] = s softplus( (offset + sum_i weight_i f(w_i . u[t])) / s ) ^ power,   spikes per frame,
/// f the subunits' nonlinearity and s the softness of the threshold (0: a rectifier); a power above 1 grows faster than
/// its drive, one below 1 saturates. Few parameters, so that its curvature is known and every statement about it
/// cheap.
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

/// Where a model's parameters stand in gradients, steps and covariances: four of the whole, then six of each part.
struct ModelLayout {
  static constexpr std::int64_t log_softness = 0, offset = 1, log_power = 2, log_size = 3, kShared = 4;
  static constexpr std::int64_t kOfPart = 1 + kGaussianParameters;

  struct Part {
    std::int64_t weight, x, y, log_a, log_b, shear;  ///< the shape's stand together, in the order of Gaussian
  };
  static constexpr Part part(std::size_t i) {
    const auto at = kShared + static_cast<std::int64_t>(i) * kOfPart;
    return {at, at + 1, at + 2, at + 3, at + 4, at + 5};
  }
  static constexpr std::int64_t count(std::size_t parts) { return part(parts).weight; }
};
std::int64_t parameter_count(const SubunitModel& model);
/// Of a movie's counts, spikes per frame; a little above 0 without a spike.
double mean_count(const FilteredMovie& movie);
/// The model with a threshold at least as soft as the middle of its prior (usual_log_softness()): a sharp one, right
/// for another model, makes the first steps of a fit small.
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
/// bits on any number of threads. Throws Interrupted on a stop request, as the others here that take a context.
Evaluation evaluate(const SubunitModel& model, const FilteredMovie& movie, std::span<const double> weights,
                    bool derivatives, const Context& context);

/// Rates of all frames, [frame], spikes per frame.
std::vector<double> model_rates(const SubunitModel& model, const FilteredMovie& movie, const Context& context);

/// Something a model might have beside its parts: its drive is sum_j f(w_j . u[t]) over these Gaussians.
using Feature = std::vector<Gaussian>;

/// Solution x of curvature x = right, the diagonal multiplied by 1 + damping; its smallest entries are lifted so that
/// the solution always exists. curvature: double [parameter, parameter]; right: [parameter] or [parameter, column].
at::Tensor solved(const at::Tensor& curvature, const at::Tensor& right, double damping = 0);

/// For each feature how much the likelihood wants it: z of the score test (Rao 1948) of its weight being 0, with what
/// the model's own parameters can do instead projected out. `curvature` is a fitted model's.
std::vector<double> feature_scores(const SubunitModel& model, const FilteredMovie& movie,
                                   std::span<const double> weights, const at::Tensor& curvature,
                                   std::span<const Feature> features, const Context& context);

}  // namespace plexiform
