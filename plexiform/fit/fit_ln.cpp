#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/fit/initial.hpp"

namespace plexiform {
namespace {

/// Strengths tried: of the penalty on the Laplacian of the spatial filter (of unit norm), and a tenth of it on the
/// filter's absolute values, which silences the pixels outside of the receptive field.
constexpr double kStrengths[] = {0.003, 0.01, 0.03, 0.1};

Settings ln_settings(const Settings& like, double strength) {
  Settings s = preset_settings("ln");
  s.model.lags = like.model.lags;
  s.model.window = like.model.window;
  s.train.batch = like.train.batch;
  s.train.passes = 40;
  s.train.patience = 8;
  s.train.smooth_filter = strength;
  s.train.l1_filter = strength / 10;
  s.train.smooth_temporal = strength / 10;
  s.model.output = like.model.output;
  return s;
}

}  // namespace

std::vector<Training> ln_trainings(const Dataset& data, const FirstLook& look, const Settings& settings,
                                   std::uint64_t seed) {
  std::vector<Training> fits;
  for (const double strength : kStrengths) {
    const Settings tried = ln_settings(settings, strength);
    const Network start = initial_network(data, look, tried.model, tried.train.start_from, seed, 0);
    fits.push_back({"ln" + std::to_string(fits.size()), tried, seed, begin_training(start), nullptr});
  }
  return fits;
}

}  // namespace plexiform
