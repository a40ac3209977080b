#include "plexiform/reveal/starts.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "plexiform/likelihood/priors.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/reveal/candidates.hpp"
#include "plexiform/reveal/gaussian.hpp"

namespace plexiform {

SubunitModel model_of_network(const Network& network) {
  SubunitModel model;
  model.nonlinearity = network.settings.subunits;
  const bool softplus = network.settings.output == OutputKind::softplus;
  const auto output = network.output.to(at::kDouble);
  // The network's a log(1 + exp(b (drive + c))) has softness a and gain a b.
  const double gain = softplus ? std::exp((output[0] + output[1]).item<double>()) : 1;
  model.log_softness = softplus ? output[0].item<double>() : 0;
  model.offset = softplus ? gain * output[2].item<double>() : -1;
  double sizes = 0;
  for (const auto& c : candidates(network)) {
    const at::Tensor spatial = c.spatial.contiguous();
    const std::span values(spatial.data_ptr<double>(), static_cast<std::size_t>(spatial.numel()));
    const Gaussian g = moments(values, spatial.size(0), spatial.size(1));
    model.parts.push_back({g, gain * c.weight});
    sizes += (g.log_a + g.log_b) / 2;
  }
  model.log_size = model.parts.empty() ? 0 : sizes / static_cast<double>(model.parts.size());
  return model;
}

SubunitModel model_of_average(const FilteredMovie& movie, std::span<const double> weights,
                              SubunitNonlinearity nonlinearity) {
  at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  at::Tensor average = at::zeros({movie.pixels()});
  const double mean_square = movie.values.square().mean(at::kDouble).item<double>();
  double spikes = 0, frames = 0;
  for (std::size_t b = 0; b < movie.blocks.size(); ++b) {
    const double weight = weights.empty() ? 1 : weights[b];
    const auto& block = movie.blocks[b];
    const at::Tensor counts = movie.counts.narrow(0, block.begin, block.length());
    at::Tensor values = movie.values.narrow(0, block.begin, block.length());
    // What squares has an empty average; there the spikes' average of the squares tells where the subunits are.
    if (nonlinearity == SubunitNonlinearity::squared) values = values.square() - mean_square;
    average.add_(at::mv(values.t(), counts), weight);
    spikes += weight * counts.sum().item<double>();
    frames += weight * static_cast<double>(block.length());
  }
  const at::Tensor values = average.to(at::kDouble).contiguous();
  const Gaussian shape =
      moments({values.data_ptr<double>(), static_cast<std::size_t>(values.numel())}, movie.height, movie.width);
  SubunitModel model;
  model.nonlinearity = nonlinearity;
  const double mean = std::max(spikes, 1.0) / frames;
  model.log_softness = usual_log_softness(mean) + 1;
  model.log_size = (shape.log_a + shape.log_b) / 2;
  model.parts.push_back({shape, mean});
  return model;
}

}  // namespace plexiform
