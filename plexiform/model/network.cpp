#include "plexiform/model/network.hpp"

#include <ATen/Dispatch.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/model/movie_conv.hpp"
#include "plexiform/model/output.hpp"

namespace plexiform {
namespace {

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

template <class N, class T>
std::vector<std::pair<std::string, T*>> list_parameters(N& n) {
  std::vector<std::pair<std::string, T*>> all = {
      {"spatial", &n.spatial}, {"temporal", &n.temporal},       {"filter", &n.filter}, {"bias", &n.bias},
      {"map", &n.map},         {"suppression", &n.suppression}, {"output", &n.output}};
  std::erase_if(all, [](const auto& p) { return !p.second->defined(); });
  return all;
}

}  // namespace

at::Tensor subunit_activity(SubunitNonlinearity kind, const at::Tensor& x) {
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
                "make the filter smaller")
        .mended_by("filter_size", std::to_string(std::min(input.height, input.width)));
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
  for (auto& [name, tensor] : parameters(copy)) *tensor = tensor->detach().clone(at::MemoryFormat::Contiguous);
  return copy;
}

Network to_type(const Network& network, at::ScalarType type) {
  Network copy = network;
  for (auto& [name, tensor] : parameters(copy)) *tensor = tensor->detach().to(type, false, true);
  return copy;
}

LayerWeights layer_weights(const Network& n) {
  for (const auto& [name, tensor] : parameters(n))
    if (tensor->scalar_type() != at::kFloat || !tensor->is_contiguous())
      throw InternalError("parameter '" + name + "' is not contiguous single precision");
  const auto g = map_geometry(n.settings, n.input);
  const auto size = [](std::int64_t v) { return static_cast<std::size_t>(v); };
  const auto data = [](const at::Tensor& t) { return t.defined() ? t.const_data_ptr<float>() : nullptr; };
  LayerWeights w;
  w.shape = {size(n.settings.lags),    size(n.input.channels), size(n.input.height),   size(n.input.width),
             size(n.settings.filters), size(g.filter_rows),    size(g.filter_columns), size(g.pad)};
  w.contrast_scale = static_cast<float>(n.settings.contrast_scale);
  w.filters = {{data(n.spatial), data(n.temporal)}, data(n.filter)};
  w.readout = {n.settings.subunits, data(n.bias), data(n.map), data(n.suppression)};
  w.output_kind = n.settings.output;
  w.output = data(n.output);
  return w;
}

LayerGradient layer_gradient(Network& n) {
  const auto data = [](at::Tensor& t) { return t.defined() ? t.data_ptr<float>() : nullptr; };
  return {{{data(n.spatial), data(n.temporal)}, data(n.filter)},
          {data(n.bias), data(n.map), data(n.suppression)},
          data(n.output)};
}

Network zeros_like(const Network& network) {
  Network zeros = network;
  for (auto& [name, tensor] : parameters(zeros)) *tensor = at::zeros(tensor->sizes(), tensor->options());
  return zeros;
}

Response respond(const Network& n, const at::Tensor& block, std::optional<at::Generator> noise) {
  at::Tensor seen = filtered(n, block) + n.bias.view({1, -1, 1, 1});
  if (noise && n.settings.noise > 0) seen = seen + n.settings.noise * at::randn(seen.sizes(), noise, seen.options());
  const at::Tensor activity = subunit_activity(n.settings.subunits, seen);
  at::Tensor drive = at::mv(activity.flatten(1), n.map.flatten());
  if (n.suppression.defined())
    drive = drive - at::mv(subunit_activity(n.settings.subunits, -seen).flatten(1), n.suppression.flatten());
  return {activity, drive, output_rate(n.settings.output, n.output, drive)};
}

void normalise_filters(Network& n) {
  AT_DISPATCH_FLOATING_TYPES(n.map.scalar_type(), "normalise_filters", [&] {
    const auto scale_part = [](at::Tensor& tensor, std::int64_t filter, double factor) {
      const auto size = tensor.numel() / tensor.size(0);
      scalar_t* part = tensor.data_ptr<scalar_t>() + filter * size;
      for (std::int64_t i = 0; i < size; ++i) part[i] *= static_cast<scalar_t>(factor);
    };
    for (std::int64_t k = 0; k < n.settings.filters; ++k) {
      double scale = 1;
      for (at::Tensor* weights : {&n.spatial, &n.temporal, &n.filter}) {
        if (!weights->defined()) continue;
        const auto size = weights->numel() / weights->size(0);
        const scalar_t* part = weights->const_data_ptr<scalar_t>() + k * size;
        const double norm = std::max(std::sqrt(std::inner_product(part, part + size, part, 0.0)), 1e-12);
        scale_part(*weights, k, 1 / norm);
        scale *= norm;
      }
      scale_part(n.bias, k, 1 / scale);
      const double gain = degree(n.settings.subunits) == 1 ? scale : scale * scale;
      scale_part(n.map, k, gain);
      if (n.suppression.defined()) scale_part(n.suppression, k, gain);
    }
  });
}

void project(Network& n) {
  const auto clamp = [](at::Tensor& tensor, std::int64_t first) {
    AT_DISPATCH_FLOATING_TYPES(tensor.scalar_type(), "project", [&] {
      scalar_t* values = tensor.data_ptr<scalar_t>();
      for (std::int64_t i = first; i < tensor.numel(); ++i) values[i] = std::max(values[i], scalar_t{0});
    });
  };
  if (n.settings.map == MapKind::nonnegative) clamp(n.map, 0);
  if (n.suppression.defined()) clamp(n.suppression, 0);
  if (n.settings.output == OutputKind::fitted) clamp(n.output, 1);  // all but the offset
}

}  // namespace plexiform
