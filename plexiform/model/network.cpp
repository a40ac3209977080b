#include "plexiform/model/network.hpp"

#include <algorithm>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/model/movie_conv.hpp"
#include "plexiform/model/output.hpp"

namespace plexiform {
namespace {

at::Tensor subunit(SubunitNonlinearity kind, const at::Tensor& x) {
  switch (kind) {
    case SubunitNonlinearity::relu:
      return at::relu(x);
    case SubunitNonlinearity::half_squared:
      return at::relu(x).square();
    case SubunitNonlinearity::squared:
      return x.square();
    case SubunitNonlinearity::linear:
      return x;
  }
  throw InternalError("unknown subunit nonlinearity");
}

/// f(c x) = c^degree f(x) for c > 0.
int degree(SubunitNonlinearity kind) {
  return kind == SubunitNonlinearity::relu || kind == SubunitNonlinearity::linear ? 1 : 2;
}

at::Tensor filtered(const Network& n, const at::Tensor& block) {
  const auto pad = map_geometry(n.settings, n.input).pad;
  const at::Tensor movie = n.settings.contrast_scale == 1 ? block : block * n.settings.contrast_scale;
  return n.settings.separable ? separable_movie_conv(movie, n.spatial, n.temporal, pad)
                              : movie_conv(movie, n.filter, pad);
}

/// L2 norm of each filter in `weights`, never 0: [filter].
at::Tensor norms(const at::Tensor& weights) {
  return weights.flatten(1).norm(2, {1}).clamp_min(1e-12);
}

at::Tensor like(const at::Tensor& per_filter, const at::Tensor& shape_of) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(shape_of.dim()), 1);
  shape[0] = -1;
  return per_filter.view(shape);
}

template <class N, class T>
std::vector<std::pair<std::string, T*>> list_parameters(N& n) {
  std::vector<std::pair<std::string, T*>> all = {
      {"spatial", &n.spatial}, {"temporal", &n.temporal},       {"filter", &n.filter}, {"bias", &n.bias},
      {"map", &n.map},         {"suppression", &n.suppression}, {"output", &n.output}};
  std::erase_if(all, [](const auto& p) { return !p.second->defined(); });
  return all;
}

}  // namespace

MapGeometry map_geometry(const ModelSettings& settings, const FrameShape& input) {
  MapGeometry g;
  g.filter_rows = settings.full_window ? input.height : settings.filter_size;
  g.filter_columns = settings.full_window ? input.width : settings.filter_size;
  g.pad = settings.padding == Padding::zero ? g.filter_rows / 2 : 0;
  g.rows = input.height + 2 * g.pad - g.filter_rows + 1;
  g.columns = input.width + 2 * g.pad - g.filter_columns + 1;
  return g;
}

Network make_network(const ModelSettings& settings, const FrameShape& input) {
  const auto g = map_geometry(settings, input);
  if (g.filter_rows > input.height || g.filter_columns > input.width)
    throw Error(ErrorKind::usage,
                "filter_size is " + std::to_string(settings.filter_size) + " pixels, the window has " +
                    std::to_string(input.height) + " x " + std::to_string(input.width),
                "make the filter smaller: --set filter_size=" + std::to_string(std::min(input.height, input.width)));
  const auto K = settings.filters;
  Network n;
  n.settings = settings;
  n.input = input;
  if (settings.separable) {
    n.spatial = at::zeros({K, input.channels, g.filter_rows, g.filter_columns});
    n.temporal = at::zeros({K, settings.lags});
  } else {
    n.filter = at::zeros({K, settings.lags, input.channels, g.filter_rows, g.filter_columns});
  }
  n.bias = at::zeros({K});
  n.map = at::zeros({K, g.rows, g.columns});
  if (settings.suppression) n.suppression = at::zeros({K, g.rows, g.columns});
  n.output = initial_output(settings.output, 0.1, 0);
  return n;
}

std::vector<std::pair<std::string, at::Tensor*>> parameters(Network& network) {
  return list_parameters<Network, at::Tensor>(network);
}

std::vector<std::pair<std::string, const at::Tensor*>> parameters(const Network& network) {
  return list_parameters<const Network, const at::Tensor>(network);
}

Network clone(const Network& network) {
  Network copy = network;
  for (auto& [name, tensor] : parameters(copy)) *tensor = tensor->detach().clone();
  return copy;
}

Network to_type(const Network& network, at::ScalarType type) {
  Network copy = network;
  for (auto& [name, tensor] : parameters(copy)) *tensor = tensor->detach().to(type, false, true);
  return copy;
}

Response respond(const Network& n, const at::Tensor& block, std::optional<at::Generator> noise) {
  at::Tensor seen = filtered(n, block) + n.bias.view({1, -1, 1, 1});
  if (noise && n.settings.noise > 0) seen = seen + n.settings.noise * at::randn(seen.sizes(), noise, seen.options());
  const at::Tensor activity = subunit(n.settings.subunits, seen);
  at::Tensor drive = at::mv(activity.flatten(1), n.map.flatten());
  if (n.suppression.defined())
    drive = drive - at::mv(subunit(n.settings.subunits, -seen).flatten(1), n.suppression.flatten());
  return {activity, drive, output_rate(n.settings.output, n.output, drive)};
}

void normalise_filters(Network& n) {
  at::NoGradGuard no_gradient;
  at::Tensor scale = at::ones_like(n.bias);
  for (at::Tensor* weights : {&n.spatial, &n.temporal, &n.filter}) {
    if (!weights->defined()) continue;
    const at::Tensor norm = norms(*weights);
    weights->div_(like(norm, *weights));
    scale = scale * norm;
  }
  n.bias.div_(scale);
  const at::Tensor gain = degree(n.settings.subunits) == 1 ? scale : scale.square();
  n.map.mul_(like(gain, n.map));
  if (n.suppression.defined()) n.suppression.mul_(like(gain, n.suppression));
}

void project(Network& n) {
  at::NoGradGuard no_gradient;
  if (n.settings.map == MapKind::nonnegative) n.map.clamp_min_(0);
  if (n.suppression.defined()) n.suppression.clamp_min_(0);
  if (n.settings.output == OutputKind::fitted) output_steps(n.output).clamp_min_(0);
}

}  // namespace plexiform
