#include "plexiform/fit/trainings.hpp"

#include <algorithm>
#include <array>

#include "plexiform/base/random.hpp"
#include "plexiform/fit/thresholds.hpp"
#include "plexiform/model/torch_threads.hpp"

namespace plexiform {
namespace {

using namespace thresholds::fit;

std::string form_of(const ModelSettings& model) {
  std::string text = to_string(model.subunits) + ", " + std::to_string(model.filters) +
                     (model.separable ? " separable" : " space-time") + (model.filters == 1 ? " filter" : " filters");
  const std::string side = std::to_string(model.filter_size);
  return text + (model.full_window ? " as large as the window" : " of " + side + " x " + side + " pixels");
}

/// The form that the settings name, then the others if they ask for them. `input`: what a filter must fit into.
std::vector<ModelSettings> forms_of(const Settings& settings, const FrameShape& input) {
  std::vector<ModelSettings> forms{settings.model};
  if (!settings.train.try_forms) return forms;
  if (settings.model.filter_size + kLargerBy <= std::min(input.height, input.width)) {
    forms.push_back(settings.model);
    forms.back().filter_size += kLargerBy;
  }
  if (settings.model.filters <= kMostFilters / kMoreFilters) {
    forms.push_back(settings.model);
    forms.back().filters *= kMoreFilters;
  }
  if (settings.model.separable) {
    forms.push_back(settings.model);
    forms.back().separable = false;
  }
  return forms;
}

Settings ln_settings(const Settings& like, double strength) {
  Settings s = preset_settings("ln");
  s.model.lags = like.model.lags;
  s.model.window = like.model.window;
  s.train.batch = like.train.batch;
  s.train.passes = kLnPasses;
  s.train.patience = kLnPatience;
  s.train.smooth_filter = strength;
  s.train.l1_filter = strength / kWeakerBy;
  s.train.smooth_temporal = strength / kWeakerBy;
  s.model.output = like.model.output;
  return s;
}

}  // namespace

std::vector<Training> ln_trainings(const Dataset& data, const FirstLook& look, const Settings& settings,
                                   std::uint64_t seed) {
  std::vector<Training> fits;
  for (const double strength : kLnStrengths) {
    const Settings tried = ln_settings(settings, strength);
    const Network start = initial_network(data, look, tried.model, tried.train.start_from, seed, 0);
    fits.push_back({"ln" + std::to_string(fits.size()), tried, seed, begin_training(start), nullptr});
  }
  return fits;
}

std::vector<Training> network_trainings(const Dataset& data, const FirstLook& look, const Settings& settings,
                                        std::uint64_t seed) {
  std::vector<Training> fits;
  for (const ModelSettings& form : forms_of(settings, data.input))
    for (std::int64_t start = 0; start < settings.train.starts; ++start) {
      ModelSettings model = form;
      std::int64_t variant = start;
      if (settings.train.try_subunits) {
        using enum SubunitNonlinearity;
        const auto tried = look.empty ? std::array{squared, half_squared} : std::array{relu, half_squared};
        model.subunits = tried[static_cast<std::size_t>(start % 2)];
        variant = start / 2;
      }
      Training fit;
      fit.name = "start" + std::to_string(fits.size());
      fit.settings = settings;
      fit.settings.model = model;
      fit.seed = derived_seed(seed, static_cast<std::uint64_t>(fits.size()));
      fit.state = begin_training(initial_network(data, look, model, settings.train.start_from, seed, variant));
      fits.push_back(std::move(fit));
    }
  return fits;
}

CellTrainings cell_trainings(const Dataset& data, const FirstLook& look, const Settings& settings, std::uint64_t seed) {
  CellTrainings all;
  all.fits = network_trainings(data, look, settings, seed);
  all.starts = all.fits.size();
  for (auto& fit : ln_trainings(data, look, settings, seed)) all.fits.push_back(std::move(fit));
  return all;
}

Training best_fit(std::vector<Training> fits, const Dataset& data, std::uint64_t order_seed, const Context& context) {
  const OneTorchThread one_thread;
  TrainHooks passes;
  passes.stop = context.stop;
  train(fits, data, order_seed, threads_of(context), passes);
  return std::move(fits[best_of(fits, data)]);
}

std::vector<TriedNetwork> tried_networks(std::span<const Training> networks, std::size_t kept) {
  std::vector<TriedNetwork> tried;
  for (std::size_t i = 0; i < networks.size(); ++i)
    tried.push_back({form_of(networks[i].state.best.settings), networks[i].state.best_loss, i == kept});
  return tried;
}

}  // namespace plexiform
