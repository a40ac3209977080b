#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plexiform/reveal/shape.hpp"

namespace plexiform::reveal {

/// Orthonormal functions of lag (and channel) that the temporal filters of a cell's subunits are mixed of.
struct Basis {
  std::size_t channels = 1, lags = 0;
  std::vector<std::vector<double>> functions;  ///< [function][channel * lag], unit norm

  std::size_t count() const { return functions.size(); }
  /// The filter that a mixture stands for, [channel * lag].
  std::vector<double> mixed(std::span<const double> mix) const;
};

/// What a part makes of what it sees: f(z); f(|z|), both polarities alike; or z itself, of the one filter of a cell
/// without subunits.
enum class Response { rectified, even, linear };

/// A subunit: what it sees is z[t] = sum_k mix_k (function_k * (shape . stimulus))[t]. The mixture holds its weight,
/// its polarity and its time course at once.
struct Part {
  int sign = 1;  ///< +1 excitatory, -1 suppressive
  Response response = Response::rectified;
  std::vector<double> mix;  ///< [function], spikes per frame per unit of contrast
  Shape shape;

  double weight() const;  ///< norm of the mixture
  bool even() const { return response == Response::even; }
};

/// A number of a model that is fitted where it is free.
struct Number {
  double value = 0;
  bool free = false;
};

/// A cell as a list of subunits:
///   rate[t] = s softplus( (offset + sum_i sign_i f(z_i[t])) / s )^expansion exp( sum_j gain_j x_j[t] ),
///   f(z) = u (max(z, 0) / u)^power,    spikes per frame
/// (or what else their Response is),
/// with s the softness of the threshold and x_j covariates (covariates.hpp). u only makes powers comparable.
struct Model {
  Basis basis;
  std::vector<Part> parts;
  double log_softness = -3, offset = 0;  ///< of spikes per frame
  Number log_power, log_expansion;
  std::optional<Surround> surround;
  std::vector<double> gains;  ///< [covariate]
  double unit = 1;            ///< u, spikes per frame; fixed in a fit
  double log_size = 0;        ///< mean of the logarithms of the excitatory subunits' sizes; fixed in a fit

  const Surround* shared_surround() const { return surround ? &*surround : nullptr; }
};

/// Where the numbers of a model stand among its free parameters.
struct ModelLayout {
  explicit ModelLayout(const Model& model);

  std::size_t count = 0;
  std::size_t softness = 0, offset = 1;
  std::optional<std::size_t> power, expansion, surround;
  std::size_t gains = 0;
  struct PartLayout {
    std::size_t mix = 0, shape = 0, end = 0;
  };
  std::vector<PartLayout> parts;
};

/// Values of the free parameters, [parameter], and the model that has them.
std::vector<double> parameters_of(const Model& model);
Model with_parameters(Model model, std::span<const double> values);

Model without_part(Model model, std::size_t part);

}  // namespace plexiform::reveal
