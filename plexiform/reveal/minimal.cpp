#include "plexiform/reveal/minimal.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

/// Held-out log-likelihood over that of the constant rate, bits per spike.
double held_out_bits(const FittedModel& fit, const FilteredMovie& movie) {
  const double spikes = movie.counts.sum(at::kDouble).item<double>(), frames = static_cast<double>(movie.frames());
  const double constant = spikes * (std::log(spikes / frames) - 1);
  double sum = 0;
  for (const double b : fit.held_out) sum += b;
  return (sum - constant) / spikes / std::numbers::ln2;
}

/// The part that is least certain to be there.
std::size_t least_missed(const FittedModel& fit) {
  const at::Tensor ridge = fit.curvature.diagonal().clamp_min(1e-9) * 1e-9;
  const at::Tensor variance = at::linalg_inv(fit.curvature + at::diag(ridge)).diagonal().contiguous();
  std::size_t least = 0;
  double lowest = 1e300;
  for (std::size_t i = 0; i < fit.model.parts.size(); ++i) {
    const auto at = kSharedParameters + static_cast<std::int64_t>(i) * kPartParameters;
    const double z = fit.model.parts[i].weight / std::sqrt(std::max(variance[at].item<double>(), 1e-300));
    if (z < lowest) lowest = z, least = i;
  }
  return least;
}

}  // namespace

Pruned prune(const FittedModel& full, const FilteredMovie& movie, const ModelFitSettings& settings, int threads) {
  Pruned result;
  result.minimal = full;
  result.curve.push_back({full.model.parts.size(), held_out_bits(full, movie), {}});
  FittedModel current = full;
  ModelFitSettings rough = settings;
  rough.tolerance = 0.5;  // of a curve whose steps are tens of nats
  bool same = true;
  while (current.model.parts.size() > 1) {
    SubunitModel smaller = current.model;
    smaller.parts.erase(smaller.parts.begin() + static_cast<std::ptrdiff_t>(least_missed(current)));
    smaller.log_softness =
        std::max(smaller.log_softness, usual_log_softness(movie.counts.mean(at::kDouble).item<double>()));
    current = fit_model(smaller, movie, {}, rough, threads);
    const Gain behind = held_out_gain(full, current);
    result.curve.push_back({current.model.parts.size(), held_out_bits(current, movie), behind});
    same = same && behind.nats <= behind.error;
    if (same) result.minimal = current;
  }
  return result;
}

Network network_of_model(const SubunitModel& model, std::span<const double> temporal, const FrameShape& input,
                         std::int64_t window) {
  if (std::abs(model.log_power) > 1e-6) throw InternalError("a network has no power of its output");
  ModelSettings settings;
  settings.lags = static_cast<std::int64_t>(temporal.size());
  settings.window = window;
  settings.filters = static_cast<std::int64_t>(model.parts.size());
  settings.full_window = true;
  settings.padding = Padding::valid;
  settings.subunits = model.nonlinearity;
  Network network = make_network(settings, input);
  std::vector<double> weights(static_cast<std::size_t>(input.pixels()));
  for (std::int64_t k = 0; k < settings.filters; ++k) {
    const auto& part = model.parts[static_cast<std::size_t>(k)];
    gaussian_weights(part.shape, input.height, input.width, weights);
    const at::Tensor spatial = at::tensor(weights).view({input.height, input.width}).to(at::kFloat);
    network.spatial[k].copy_(spatial / static_cast<double>(input.channels));
    network.temporal[k].copy_(at::tensor(std::vector<double>(temporal.begin(), temporal.end())).to(at::kFloat));
    network.map[k].fill_(static_cast<float>(part.weight));
  }
  // s log(1 + exp((drive + offset) / s)) as a log(1 + exp(b (drive + c))).
  network.output.copy_(at::tensor({model.log_softness, -model.log_softness, model.offset}).to(at::kFloat));
  return network;
}

void save_minimal_run(const std::filesystem::path& run, const RunInfo& info, std::span<const CellFit> cells) {
  namespace fs = std::filesystem;
  const fs::path folder = run / "minimal", fresh = run / ".minimal.part", old = run / ".minimal.old";
  fs::remove_all(fresh);
  fs::remove_all(old);
  RunInfo minimal = info;
  minimal.cells.clear();
  for (const auto& cell : cells) minimal.cells.push_back(cell.cell);
  if (!cells.empty()) minimal.settings.model = cells.front().network.settings;
  minimal.settings.model.window = info.settings.model.window;
  create_run(fresh, minimal);
  for (const auto& cell : cells) {
    fs::create_directories(cell_folder(fresh, cell.cell));
    save_networks(cell_folder(fresh, cell.cell), cell);
    mark_done(cell_folder(fresh, cell.cell));
  }
  mark_done(fresh);
  if (fs::exists(folder)) fs::rename(folder, old);
  fs::rename(fresh, folder);
  fs::remove_all(old);
}

}  // namespace plexiform
