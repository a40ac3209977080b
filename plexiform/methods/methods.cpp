#include "plexiform/methods/methods.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "plexiform/base/error.hpp"
#include "plexiform/base/nearest.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/classical/soft_clustering.hpp"
#include "plexiform/classical/stc.hpp"
#include "plexiform/classical/stnmf.hpp"
#include "plexiform/fit/trainings.hpp"
#include "plexiform/methods/readout.hpp"
#include "plexiform/methods/thresholds.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/network_map/candidates.hpp"
#include "plexiform/network_map/cell_movie.hpp"

namespace plexiform {
namespace {

using namespace thresholds::methods;

std::string text(const char* format, double value) {
  char out[32];
  std::snprintf(out, sizeof out, format, value);
  return out;
}

Network network_of(const MethodData& data, const Modules& modules, const Readout& readout) {
  return network_of_modules(modules, readout, data.movie, data.temporal, data.channels,
                            network_of(data.fit).settings.window);
}

/// Rectified or half-squared by the validation blocks; `chosen` is what the method says of itself.
MethodModel model_of_modules(const MethodData& data, const at::Tensor& filters, const std::string& chosen) {
  using enum SubunitNonlinearity;
  MethodModel model;
  model.modules = filters;
  double best = 0;
  for (const auto nonlinearity : {relu, half_squared}) {
    const Modules modules{filters, {}, nonlinearity, {}};
    const Readout readout = readout_of_modules(modules, data.movie, data.context);
    if (nonlinearity != relu && !(readout.validation > best)) continue;
    best = readout.validation;
    model.model = network_of(data, modules, readout);
    model.chosen = chosen + ", " + to_string(nonlinearity);
  }
  return model;
}

/// What all LNLN models share: lags and window of the fitted network.
Settings lnln_form(const MethodData& data) {
  Settings settings = preset_settings("ln");
  settings.model.lags = network_of(data.fit).settings.lags;
  settings.model.window = network_of(data.fit).settings.window;
  return settings;
}

Settings lnln_settings(const Settings& like, std::int64_t subunits, double strength, SubunitNonlinearity nonlinearity) {
  Settings s = like;
  s.model.filters = subunits;
  s.model.subunits = nonlinearity;
  s.train.smooth_filter = strength;
  s.train.l1_filter = strength / kWeakerBy;
  s.train.smooth_temporal = strength / kWeakerBy;
  return s;
}

std::vector<Training> lnln_trainings(const MethodData& data, const Settings& like, const Dataset& set,
                                     const FirstLook& look) {
  std::vector<Training> fits;
  for (const Settings& settings : lnln_tried(like)) {
    const auto seed = derived_seed(data.seed, purposes::methods::kLnln);
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

void require_known(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& method : all_methods()) known.push_back(method.name);
  if (std::ranges::find(known, name) != known.end()) return;
  const auto near = nearest(name, known);
  std::string list;
  for (const auto& one : known) list += (list.empty() ? "" : ", ") + one;
  throw Error(ErrorKind::usage, "unknown method '" + name + "'" + (near ? "; did you mean '" + *near + "'?" : ""),
              "known: " + list);
}

}  // namespace

std::vector<Settings> lnln_tried(const Settings& like) {
  std::vector<Settings> all;
  for (const auto nonlinearity : {SubunitNonlinearity::relu, SubunitNonlinearity::half_squared})
    for (std::int64_t n = kFewestSubunits; n <= kMostSubunits; ++n)
      for (const double strength : kLnlnStrengths) all.push_back(lnln_settings(like, n, strength, nonlinearity));
  return all;
}

MethodData method_data(const Recording& recording, const Split& split, const CellFit& fit, double block_seconds,
                       std::uint64_t seed, const Context& context) {
  MethodData data{recording, split, fit, {}, {}, recording.stimulus->shape().channels, seed, context};
  auto [temporal, movie] = cell_movie(fit, recording, split, block_seconds, context);
  data.temporal = std::move(temporal);
  data.movie = std::move(movie);
  return data;
}

MethodModel lnln_model(const MethodData& data) {
  const OneTorchThread one_thread;
  const Window& window = data.fit.window.window;
  const Settings like = lnln_form(data);
  const auto sets = make_datasets(data.recording, std::span(&data.fit.cell, 1), std::span(&window, 1), data.split, like,
                                  data.context);
  const FirstLook look = first_look(sets[0], data.fit.window.source == WindowSource::variance);
  const Training best = best_fit(lnln_trainings(data, like, sets[0], look), sets[0],
                                 derived_seed(data.seed, purposes::methods::kOrder), data.context);
  MethodModel model;
  model.model = best.state.best;
  model.modules = modules_of(best.state.best);
  model.chosen = counted(best.settings.model.filters, "subunit") + ", " + to_string(best.settings.model.subunits);
  return model;
}

MethodModel soft_clustering_model(const MethodData& data) {
  const OneTorchThread one_thread;
  SoftClusteringSettings settings;
  settings.seed = derived_seed(data.seed, purposes::methods::kSoftClustering);
  const auto found = soft_clustering(data.movie, settings, data.context);
  return model_of_modules(
      data, found.modules.spatial,
      counted(found.modules.spatial.size(0), "subunit") + ", sparsity " + text("%g", found.sparsity));
}

MethodModel stnmf_model(const MethodData& data) {
  const OneTorchThread one_thread;
  StnmfSettings settings;
  settings.seed = derived_seed(data.seed, purposes::methods::kStnmf);
  const auto found = stnmf(data.movie, settings, data.context);
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

MethodModel revealed_model(const RevealedFit& of) {
  const CellSubunits& revealed = of.subunits;
  if (!revealed.error.empty()) throw Error(ErrorKind::data, revealed.error);
  if (!of.minimal) throw Error(ErrorKind::data, revealed.remark);
  MethodModel model;
  model.model = of.minimal->model;
  model.revealed = revealed;
  model.chosen = counted(static_cast<std::int64_t>(revealed.subunits.size()), "subunit");
  if (!revealed.suppressive.empty())
    model.chosen += " and " + std::to_string(revealed.suppressive.size()) + " suppressive";
  model.chosen += ", " + subunits_of(model.model);
  if (revealed.structure) model.chosen += ", " + to_string(revealed.structure->verdict);
  return model;
}

MethodModel gaussians_model(const MethodData& data) {
  RevealSettings settings;
  settings.quick = true;
  settings.search.suppression = settings.search.both_polarities = settings.search.shapes = settings.search.covariates =
      false;
  settings.search.functions = 1;
  Revealed found = reveal_cell(data.recording, data.fit.cell, data.fit.window.centre, data.split, settings,
                               derived_seed(data.seed, purposes::methods::kGaussians), data.context);
  CellFit minimal = data.fit;
  minimal.model = *std::move(found.minimal);
  return revealed_model({std::move(found.subunits), std::move(minimal)});
}

MethodModel stc_model(const MethodData& data) {
  const OneTorchThread one_thread;
  StcSettings settings;
  settings.seed = derived_seed(data.seed, purposes::methods::kStc);
  const auto found = stc(data.movie, settings, data.context);
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
  model.model = network_of(data, modules, readout_of_modules(modules, data.movie, data.context));
  model.chosen = "average and " + std::to_string(axes) + (axes == 1 ? " axis" : " axes");
  return model;
}

std::span<const Method> all_methods() {
  static const std::vector<Method> all = {
      {"reveal", [](const MethodData&, const RevealedFit& revealed) { return revealed_model(revealed); }, 4.5},
      {"gaussians", [](const MethodData& data, const RevealedFit&) { return gaussians_model(data); }, 1},
      {"lnln", [](const MethodData& data, const RevealedFit&) { return lnln_model(data); }, 1},
      {"soft_clustering", [](const MethodData& data, const RevealedFit&) { return soft_clustering_model(data); }, 1.5},
      {"stc", [](const MethodData& data, const RevealedFit&) { return stc_model(data); }, 0.3},
      {"stnmf", [](const MethodData& data, const RevealedFit&) { return stnmf_model(data); }, 5}};
  return all;
}

std::vector<Method> methods_named(std::span<const std::string> names) {
  for (const auto& name : names) require_known(name);
  std::vector<Method> found;
  for (const auto& method : all_methods())
    if (names.empty() || std::ranges::find(names, method.name) != names.end()) found.push_back(method);
  return found;
}

}  // namespace plexiform
