#include "plexiform/model/window_network.hpp"

namespace plexiform {

Network window_network(const WindowFilters& filters, const FrameShape& input, std::int64_t window) {
  ModelSettings settings;
  settings.lags = static_cast<std::int64_t>(filters.temporal.size());
  settings.window = window;
  settings.filters = filters.spatial.size(0);
  settings.full_window = true;
  settings.padding = Padding::valid;
  settings.subunits = filters.nonlinearity;
  settings.map = filters.map;
  Network network = make_network(settings, input);
  const at::Tensor time = at::tensor(filters.temporal).to(at::kFloat);
  for (std::int64_t k = 0; k < settings.filters; ++k) {
    const auto i = static_cast<std::size_t>(k);
    const at::Tensor spatial = filters.spatial[k].view({input.height, input.width}).to(at::kFloat);
    network.spatial[k].copy_(spatial / static_cast<double>(input.channels));
    network.temporal[k].copy_(time);
    if (!filters.bias.empty()) network.bias[k] = static_cast<float>(filters.bias[i]);
    network.map[k].fill_(static_cast<float>(filters.weight[i]));
  }
  // s log(1 + exp((drive + offset) / s)) as a log(1 + exp(b (drive + c))).
  network.output.copy_(at::tensor({filters.log_softness, -filters.log_softness, filters.offset}).to(at::kFloat));
  return network;
}

}  // namespace plexiform
