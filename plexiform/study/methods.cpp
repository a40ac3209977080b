#include "plexiform/study/methods.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/classical/soft_clustering.hpp"
#include "plexiform/classical/stc.hpp"
#include "plexiform/classical/stnmf.hpp"
#include "plexiform/recording/wording.hpp"
#include "plexiform/reveal/candidates.hpp"
#include "plexiform/reveal/cell_movie.hpp"
#include "plexiform/study/readout.hpp"

namespace plexiform {
namespace {

constexpr std::uint64_t kLnlnPurpose = 1, kOrderPurpose = 2, kClusteringPurpose = 3, kStcPurpose = 4, kStnmfPurpose = 5;

std::string text(const char* format, double value) {
  char out[32];
  std::snprintf(out, sizeof out, format, value);
  return out;
}

Network network_of(const MethodData& data, const Modules& modules, const Readout& readout) {
  return network_of_modules(modules, readout, data.movie, data.temporal, data.channels,
                            data.fit.network.settings.window);
}

/// Rectified or half-squared by the validation blocks; `chosen` is what the method says of itself.
MethodModel model_of_modules(const MethodData& data, const at::Tensor& filters, const std::string& chosen) {
  using enum SubunitNonlinearity;
  MethodModel model;
  model.modules = filters;
  double best = 0;
  for (const auto nonlinearity : {relu, half_squared}) {
    const Modules modules{filters, {}, nonlinearity, {}};
    const Readout readout = readout_of_modules(modules, data.movie);
    if (nonlinearity != relu && !(readout.validation > best)) continue;
    best = readout.validation;
    model.network = network_of(data, modules, readout);
    model.chosen = chosen + ", " + to_string(nonlinearity);
  }
  return model;
}

Settings lnln_settings(const Settings& like, std::int64_t subunits, double strength, SubunitNonlinearity nonlinearity) {
  Settings s = like;
  s.model.filters = subunits;
  s.model.subunits = nonlinearity;
  s.train.smooth_filter = strength;
  s.train.l1_filter = strength / 10;
  s.train.smooth_temporal = strength / 10;
  return s;
}

std::vector<Training> lnln_trainings(const MethodData& data, const Dataset& set, const FirstLook& look) {
  constexpr std::array kStrengths = {0.01, 0.1};
  Settings like = preset_settings("ln");
  like.model.lags = data.fit.network.settings.lags;
  like.model.window = data.fit.network.settings.window;
  std::vector<Training> fits;
  for (const auto nonlinearity : {SubunitNonlinearity::relu, SubunitNonlinearity::half_squared})
    for (std::int64_t n = 2; n <= 6; ++n)
      for (const double strength : kStrengths) {
        const Settings settings = lnln_settings(like, n, strength, nonlinearity);
        const auto seed = derived_seed(data.seed, kLnlnPurpose);
        auto fit = std::move(network_trainings(set, look, settings, seed)[0]);
        fit.name = "lnln" + std::to_string(fits.size());
        fits.push_back(std::move(fit));
      }
  return fits;
}

/// Filters of a network as modules of the window, [filter, pixel].
at::Tensor modules_of(const Network& network) {
  std::vector<at::Tensor> all;
  for (std::int64_t k = 0; k < network.settings.filters; ++k)
    if (network.map[k].sum().item<double>() > 0) all.push_back(filter_parts(network, k).spatial.flatten());
  return at::stack(all);
}

}  // namespace

MethodData method_data(const Recording& recording, const Split& split, const CellFit& fit, double block_seconds,
                       std::uint64_t seed, int threads, const std::stop_token& stop) {
  MethodData data{recording, split, fit, {}, {}, recording.stimulus->shape().channels, seed, threads, stop};
  auto [temporal, movie] = cell_movie(fit, recording, split, block_seconds, threads);
  data.temporal = std::move(temporal);
  data.movie = std::move(movie);
  return data;
}

MethodModel lnln_model(const MethodData& data) {
  const Window& window = data.fit.window.window;
  Settings settings = preset_settings("ln");
  settings.model.lags = data.fit.network.settings.lags;
  settings.model.window = data.fit.network.settings.window;
  const auto sets = make_datasets(data.recording, std::span(&data.fit.cell, 1), std::span(&window, 1), data.split,
                                  settings, data.stop);
  const FirstLook look = first_look(sets[0], data.fit.window.source == WindowSource::variance);
  auto fits = lnln_trainings(data, sets[0], look);
  TrainHooks hooks;
  hooks.stop = data.stop;
  train(fits, sets[0], derived_seed(data.seed, kOrderPurpose), data.threads, hooks);
  const Training& best = fits[best_of(fits, sets[0])];
  MethodModel model;
  model.network = clone(best.state.best);
  model.modules = modules_of(model.network);
  model.chosen = counted(best.settings.model.filters, "subunit") + ", " + to_string(best.settings.model.subunits);
  return model;
}

MethodModel soft_clustering_model(const MethodData& data) {
  SoftClusteringSettings settings;
  settings.seed = derived_seed(data.seed, kClusteringPurpose);
  const auto found = soft_clustering(data.movie, settings, data.stop);
  return model_of_modules(
      data, found.modules.spatial,
      counted(found.modules.spatial.size(0), "subunit") + ", sparsity " + text("%g", found.sparsity));
}

MethodModel stnmf_model(const MethodData& data) {
  StnmfSettings settings;
  settings.seed = derived_seed(data.seed, kStnmfPurpose);
  const auto found = stnmf(data.movie, settings, data.stop);
  std::vector<at::Tensor> driving;
  for (std::int64_t k = 0; k < found.localised; ++k)
    if (found.weight[static_cast<std::size_t>(k)] > 0) driving.push_back(found.polarity * found.modules.spatial[k]);
  if (driving.empty())
    throw Error(ErrorKind::data, "none of " + std::to_string(settings.modules) + " STNMF modules is localised",
                "the cell has too few spikes for it, or no subunits");
  return model_of_modules(data, at::stack(driving),
                          std::to_string(driving.size()) + " of " + std::to_string(settings.modules) +
                              " modules, sparsity " + text("%g", found.sparsity));
}

MethodModel revealed_model(const MethodData& data, const CellSubunits& revealed) {
  if (!revealed.error.empty()) throw Error(ErrorKind::data, revealed.error);
  if (revealed.subunits.empty()) throw Error(ErrorKind::data, revealed.remark);
  const Window& w = data.fit.window.window;
  std::vector<at::Tensor> filters;
  for (const auto& subunit : revealed.subunits) {
    const auto& spatial = subunit.spatial;
    const at::Tensor whole = at::tensor(spatial.values).view({spatial.shape[0], spatial.shape[1]});
    filters.push_back(whole.narrow(0, w.y, w.height).narrow(1, w.x, w.width).flatten().to(at::kDouble));
  }
  MethodModel model;
  model.modules = at::stack(filters);
  model.network = clone(revealed.minimal->network);
  model.chosen =
      counted(static_cast<std::int64_t>(filters.size()), "subunit") + ", " + to_string(revealed.nonlinearity);
  if (revealed.structure) model.chosen += ", " + to_string(revealed.structure->verdict);
  return model;
}

MethodModel stc_model(const MethodData& data) {
  StcSettings settings;
  settings.seed = derived_seed(data.seed, kStcPurpose);
  const auto found = stc(data.movie, settings, data.stop);
  // (x + 1)^2 and (x - 1)^2 with weights of either sign are x and x^2 (and a constant) with any weights.
  const at::Tensor average = found.average.unsqueeze(0);
  const auto axes = found.axes.spatial.numel() == 0 ? 0 : found.axes.spatial.size(0);
  Modules modules;
  modules.filters = axes == 0 ? at::cat({average, average}) : at::cat({average, average, found.axes.spatial});
  modules.bias.assign(static_cast<std::size_t>(2 + axes), 0);
  modules.bias[0] = 1;
  modules.bias[1] = -1;
  modules.nonlinearity = SubunitNonlinearity::squared;
  modules.free_sign.assign(static_cast<std::size_t>(2 + axes), true);
  MethodModel model;
  model.network = network_of(data, modules, readout_of_modules(modules, data.movie));
  model.chosen = "average and " + std::to_string(axes) + (axes == 1 ? " axis" : " axes");
  return model;
}

Recovery recovery_of(const std::vector<TruthMatch>& matches, const Circuit& truth) {
  Recovery recovery;
  recovery.mean_match = mean_match(matches, truth);
  recovery.found = std::count_if(matches.begin(), matches.end(), [](const TruthMatch& match) {
    return match.index >= 0 && match.correlation >= kFoundAbove;
  });
  return recovery;
}

Recovery recovery_of_modules(const at::Tensor& modules, const Window& window, const Circuit& truth) {
  const auto height = truth.spatial.shape[1], width = truth.spatial.shape[2];
  const at::Tensor values = modules.to(at::kDouble).contiguous();
  const auto at = values.accessor<double, 2>();
  std::vector<Subunit> subunits;
  for (std::int64_t k = 0; k < values.size(0); ++k) {
    Subunit& s = subunits.emplace_back();
    s.spatial = NdArray<float>({height, width});
    for (std::int64_t y = 0; y < window.height; ++y)
      for (std::int64_t x = 0; x < window.width; ++x)
        s.spatial.values[static_cast<std::size_t>((window.y + y) * width + window.x + x)] =
            static_cast<float>(at[k][y * window.width + x]);
  }
  return recovery_of(match_truth(subunits, truth), truth);
}

}  // namespace plexiform
