#include "plexiform/methods/readout.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/classical/module_set.hpp"
#include "plexiform/likelihood/softplus_model.hpp"
#include "plexiform/methods/thresholds.hpp"
#include "plexiform/model/window_network.hpp"

namespace plexiform {
namespace {

using namespace thresholds::methods;

constexpr MaximiseSettings kSearch{kReadoutTolerance, kReadoutSteps};

/// Answers and counts of some frames.
struct Frames {
  NdArray<double> answers;     ///< [frame, module]
  std::vector<double> counts;  ///< [frame]
  SoftplusData data() const { return {answers, counts}; }
};

Frames frames_of(const at::Tensor& answers, const FilteredMovie& movie, bool validation) {
  const at::Tensor index = frame_indices(movie, validation);
  const at::Tensor seen = answers.index_select(0, index).contiguous(),
                   counts = movie.counts.to(at::kDouble).index_select(0, index).contiguous();
  Frames frames{NdArray<double>({seen.size(0), seen.size(1)}),
                std::vector<double>(static_cast<std::size_t>(counts.size(0)))};
  std::ranges::copy_n(seen.const_data_ptr<double>(), seen.numel(), frames.answers.values.begin());
  std::ranges::copy_n(counts.const_data_ptr<double>(), counts.numel(), frames.counts.begin());
  return frames;
}

SoftplusSettings settings_of(const Modules& modules, double mean_count) {
  SoftplusSettings settings;
  settings.log_softness = usual_log_softness(mean_count);
  settings.softness_prior = NormalPrior{settings.log_softness, kSoftnessSpread};
  settings.softness_range = kSoftnessRange;
  settings.free_sign = modules.free_sign;
  return settings;
}

}  // namespace

at::Tensor module_answers(const Modules& modules, const FilteredMovie& movie) {
  at::Tensor seen = movie.values.mm(modules.filters.to(movie.values.scalar_type()).t()).to(at::kDouble);
  if (!modules.bias.empty()) seen = seen + at::tensor(modules.bias);
  return subunit_activity(modules.nonlinearity, seen);
}

Readout readout_of_modules(const Modules& modules, const FilteredMovie& movie, const Context& context) {
  const at::Tensor answers = module_answers(modules, movie);
  const Frames training = frames_of(answers, movie, false);
  const double spikes = std::accumulate(training.counts.begin(), training.counts.end(), 0.0);
  if (!(spikes > 0))
    throw Error(ErrorKind::data, "no spike in the training blocks", "omit this cell").mended_by("cells");
  const SoftplusFit fit = fit_softplus(
      training.data(), settings_of(modules, spikes / static_cast<double>(training.counts.size())), kSearch, context);
  const double mean = mean_log_likelihood(fit.model, training.data());
  if (!std::isfinite(mean))
    throw Error(ErrorKind::numeric, "the likelihood of modules with fitted weights is not finite");
  return {fit.model.weight,
          fit.model.offset,
          fit.model.log_softness,
          mean,
          mean_log_likelihood(fit.model, frames_of(answers, movie, true).data()),
          fit.steps};
}

Network network_of_modules(const Modules& modules, const Readout& readout, const FilteredMovie& movie,
                           std::span<const double> temporal, std::int64_t channels, std::int64_t window) {
  WindowFilters filters;
  filters.spatial = modules.filters;
  filters.temporal.assign(temporal.begin(), temporal.end());
  filters.weight = readout.weight;
  filters.bias = modules.bias;
  filters.nonlinearity = modules.nonlinearity;
  const bool any_free = std::any_of(modules.free_sign.begin(), modules.free_sign.end(), [](bool free) { return free; });
  filters.map = any_free ? MapKind::free : MapKind::nonnegative;
  filters.log_softness = readout.log_softness;
  filters.offset = readout.offset;
  return window_network(filters, {channels, movie.height, movie.width}, window);
}

}  // namespace plexiform
