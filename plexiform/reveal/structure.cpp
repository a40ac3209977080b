#include "plexiform/reveal/structure.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/score/student.hpp"

namespace plexiform {
namespace {

using namespace thresholds;

SelectSettings select_settings(double dispersion) {
  SelectSettings settings;
  settings.dispersion = dispersion;
  settings.to_the_end = false;  // a few nats do not matter here, and time does
  settings.fit.power_spread = kPowerSpread;
  return settings;
}

double dispersion_about(const FilteredMovie& movie, const SubunitModel& model, const Context& context) {
  const auto rates = model_rates(model, movie, context);
  const float* counts = movie.counts.data_ptr<float>();
  double squares = 0, sum = 0;
  for (std::size_t t = 0; t < rates.size(); ++t) {
    squares += (counts[t] - rates[t]) * (counts[t] - rates[t]);
    sum += rates[t];
  }
  return std::max(squares / sum, 1.0);
}

Gain statistic_of(const StructureFits& fits) {
  return held_out_gain(fits.grown.best, fits.linear);
}

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation_of(std::span<const double> values) {
  const double mean = mean_of(values);
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

/// The statistic of draws [first, last) of the null; `order`: frames by the linear model's rate.
std::vector<double> drawn_statistics(const FilteredMovie& movie, const StructureFits& fits,
                                     std::span<const std::int64_t> order, std::int64_t alike, std::uint64_t seed,
                                     int first, int last, const Context& context) {
  std::vector<double> statistics(static_cast<std::size_t>(last - first));
  const Context part = part_of(context, 1, std::min(threads_of(context), last - first));
  parallel_for(last - first, threads_of(context), [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) {
      const CounterRandom random(seed, static_cast<std::uint64_t>(first + i));
      const FilteredMovie drawn = exchanged(movie, order, alike, random);
      const auto nonlinearity = fits.grown.best.model.nonlinearity;
      statistics[static_cast<std::size_t>(i)] = statistic_of(fit_both(drawn, nonlinearity, fits.dispersion, part)).nats;
    }
  });
  return statistics;
}

void check_settings(const StructureSettings& settings) {
  if (settings.draws >= 2 && 1.0 / (1 + settings.draws) <= settings.alpha) return;
  throw Error(ErrorKind::usage,
              "the test of structure: " + std::to_string(settings.draws) + " draws cannot reach alpha " +
                  std::to_string(settings.alpha),
              "draw at least 1 / alpha - 1 times");
}

}  // namespace

std::vector<std::int64_t> by_rate(std::span<const double> rates) {
  std::vector<std::int64_t> order(rates.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
    return rates[static_cast<std::size_t>(a)] < rates[static_cast<std::size_t>(b)];
  });
  return order;
}

FilteredMovie exchanged(const FilteredMovie& movie, std::span<const std::int64_t> order, std::int64_t alike,
                        const CounterRandom& random) {
  FilteredMovie drawn = movie;
  drawn.counts = movie.counts.clone();
  float* counts = drawn.counts.data_ptr<float>();
  const auto frames = static_cast<std::int64_t>(order.size());
  const auto frame = [&](std::int64_t rank) { return order[static_cast<std::size_t>(rank)]; };
  for (std::int64_t begin = 0; begin < frames; begin += alike) {
    const auto end = std::min(begin + alike, frames);
    for (auto i = end - 1; i > begin; --i) {
      const auto j = begin + random.integer(static_cast<std::uint64_t>(i), i - begin + 1);
      std::swap(counts[frame(i)], counts[frame(j)]);
    }
  }
  return drawn;
}

FittedModel best_linear(SubunitModel model, const FilteredMovie& movie, const ModelFitSettings& settings,
                        const Context& context) {
  FittedModel one = fit_model(model_of_average(movie, {}, SubunitNonlinearity::linear), movie, {}, settings, context);
  // Weights that went with another power and another nonlinearity would be a start far off.
  model.nonlinearity = SubunitNonlinearity::linear;
  model.log_power = one.model.log_power;
  model.log_softness = one.model.log_softness;
  model.offset = one.model.offset;
  double sum = 0;
  for (const auto& part : model.parts) sum += part.weight;
  for (auto& part : model.parts) part.weight *= one.model.parts[0].weight / sum;
  FittedModel same = fit_model(model, movie, {}, settings, context);
  if (model.parts.size() == 1) return one.objective > same.objective ? one : same;
  return held_out_gain(one, same).nats > 0 ? one : same;
}

StructureFits fit_both(const FilteredMovie& movie, SubunitNonlinearity nonlinearity, double dispersion,
                       const Context& context) {
  const SelectSettings settings = select_settings(dispersion);
  StructureFits fits;
  fits.grown = select_subunits(model_of_average(movie, {}, nonlinearity), movie, {}, settings, context);
  fits.linear = best_linear(fits.grown.best.model, movie, settings.fit, context);
  fits.dispersion = dispersion_about(movie, fits.linear.model, context);
  return fits;
}

StructureFits fit_both_as_dispersed(const FilteredMovie& movie, SubunitNonlinearity nonlinearity,
                                    const Context& context) {
  StructureFits fits = fit_both(movie, nonlinearity, 1, context);
  const double dispersion = fits.dispersion > kPoissonLike ? fits.dispersion : 1;
  // Again, now that the dispersion is known: the null's draws are fitted with it too.
  if (dispersion > 1) fits = fit_both(movie, nonlinearity, dispersion, context);
  fits.dispersion = dispersion;
  return fits;
}

double normal_p(double statistic, std::span<const double> null, double dispersion) {
  const auto n = static_cast<double>(null.size());
  const double spread = std::max(deviation_of(null), dispersion) * std::sqrt(1 + 1 / n);
  return std::max(student_tail((statistic - mean_of(null)) / spread, static_cast<int>(null.size()) - 1), kLeastP);
}

bool is_clear(double statistic, std::span<const double> null, double dispersion, const StructureSettings& settings) {
  return statistic - *std::max_element(null.begin(), null.end()) > settings.clear_nats * dispersion &&
         normal_p(statistic, null, dispersion) < settings.clear_p;
}

StructureTest test_structure(const FilteredMovie& movie, const StructureFits& fits, const StructureSettings& settings,
                             std::uint64_t seed, const Context& context) {
  at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  check_settings(settings);
  const Gain gain = statistic_of(fits);
  const auto order = by_rate(model_rates(fits.linear.model, movie, context));
  StructureTest test;
  test.statistic = gain.nats;
  std::int64_t above = 0;
  bool clear = false;
  const auto possible = [&] { return (1.0 + static_cast<double>(above)) / (1 + settings.draws) <= settings.alpha; };
  while (static_cast<int>(test.null.size()) < settings.draws && possible() && !clear) {
    check_stop(context);
    const auto begin = static_cast<int>(test.null.size()), end = std::min(begin + kWave, settings.draws);
    const auto drawn = drawn_statistics(movie, fits, order, settings.alike, seed, begin, end, context);
    test.null.insert(test.null.end(), drawn.begin(), drawn.end());
    above = std::count_if(test.null.begin(), test.null.end(), [&](double n) { return n >= test.statistic; });
    clear = above == 0 && is_clear(test.statistic, test.null, fits.dispersion, settings);
  }
  const double drawn = static_cast<double>(test.null.size());
  test.p_value =
      clear ? normal_p(test.statistic, test.null, fits.dispersion) : (1 + static_cast<double>(above)) / (1 + drawn);
  test.verdict = test.p_value <= settings.alpha && gain.nats > 0 ? Verdict::structured : Verdict::no_evidence;
  const double nats_per_bit = std::numbers::ln2 * std::max(movie.counts.sum().item<double>(), 1.0);
  test.effect_bits = gain.nats / nats_per_bit;
  test.effect_error = gain.error / nats_per_bit;
  const double visible = *std::max_element(test.null.begin(), test.null.end()) + settings.clear_nats * fits.dispersion;
  test.visible_bits = std::max(visible, 0.0) / nats_per_bit;
  return test;
}

}  // namespace plexiform
