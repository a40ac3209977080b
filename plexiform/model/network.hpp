#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plexiform/compute/step.hpp"
#include "plexiform/form/model_settings.hpp"
#include "plexiform/stimulus/stimulus.hpp"

namespace plexiform {

/// A network that predicts the rate of one cell from a window of the stimulus. Plain tensors; the functions below are
/// all it does. With s[t, k, p] the filtered movie at position p (movie_conv),
///   drive[t] = sum_{k, p} map[k, p] f(u) - suppression[k, p] f(-u),   u = s[t, k, p] + bias[k],   rate =
///   output(drive):
/// what suppresses are subunits of the opposite sign (OFF beside ON).
struct Network {
  ModelSettings settings;
  FrameShape input;        ///< channels, height and width of the window it sees
  at::Tensor spatial;      ///< [filter, channel, f, f], where separable
  at::Tensor temporal;     ///< [filter, lag], where separable
  at::Tensor filter;       ///< [filter, lag, channel, f, f], where not
  at::Tensor bias;         ///< [filter]
  at::Tensor map;          ///< [filter, rows, columns]
  at::Tensor suppression;  ///< [filter, rows, columns], >= 0; undefined where the settings have none
  at::Tensor output;       ///< parameters of the output nonlinearity, see output.hpp
};

/// Rows and columns of a filter, of the padding on each side, and of the positions it takes.
struct MapGeometry {
  std::int64_t filter_rows = 0, filter_columns = 0, pad = 0, rows = 0, columns = 0;
};
MapGeometry map_geometry(const ModelSettings& settings, const FrameShape& input);

/// All weights zero, float32. Throws Error{usage} if a filter is
/// larger than the window.
Network make_network(const ModelSettings& settings, const FrameShape& input);

/// The parameters that exist, by name, in a fixed order.
std::vector<std::pair<std::string, at::Tensor*>> parameters(Network& network);
std::vector<std::pair<std::string, const at::Tensor*>> parameters(const Network& network);
Network clone(const Network& network);
Network to_type(const Network& network, at::ScalarType type);

/// The network as the kernels see it; it must stay, and keep its tensors. Throws InternalError if a parameter is not
/// contiguous single precision.
LayerWeights layer_weights(const Network& network);
/// The same tensors as a place for gradients.
LayerGradient layer_gradient(Network& network);
/// A network of the same shape, all zero.
Network zeros_like(const Network& network);

/// A rate and its logarithm, [time], spikes per frame; the logarithm is exact where the rate underflows.
struct Rate {
  at::Tensor value;
  at::Tensor log;
};

/// max(x, 0), max(x, 0)^2, x^2 or x.
at::Tensor subunit_activity(SubunitNonlinearity kind, const at::Tensor& x);

/// What one pass through the network gives.
struct Response {
  at::Tensor activity;  ///< [time, filter, rows, columns], after the subunit nonlinearity
  at::Tensor drive;     ///< [time]
  Rate rate;
};

/// The definition, in any precision and differentiable; fits and predictions use the kernels of the room compute.
/// block: [T + L - 1, channel, height, width], contrast -> T frames. With `noise`, normal noise of the settings' size
/// is added to what subunits see.
Response respond(const Network& network, const at::Tensor& block, std::optional<at::Generator> noise = std::nullopt);

/// Scales every filter to unit L2 norm and its map (and bias) so that the network computes the same.
void normalise_filters(Network& network);
/// Moves parameters that must not be negative (maps, output steps) back to 0.
void project(Network& network);

}  // namespace plexiform
