#include "plexiform/reveal/find.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plexiform/reveal/basis.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform::reveal {
namespace {

using namespace thresholds;

/// A map smoothed by a Gaussian of one pixel.
std::vector<double> smoothed(const std::vector<double>& map, const Grid& grid) {
  const auto at = [&](std::int64_t y, std::int64_t x) { return map[static_cast<std::size_t>(y * grid.width + x)]; };
  std::vector<double> out(map.size());
  for (std::int64_t y = 0; y < grid.height; ++y)
    for (std::int64_t x = 0; x < grid.width; ++x) {
      double sum = 0, weights = 0;
      for (auto v = std::max<std::int64_t>(y - 3, 0); v <= std::min(y + 3, grid.height - 1); ++v)
        for (auto u = std::max<std::int64_t>(x - 3, 0); u <= std::min(x + 3, grid.width - 1); ++u) {
          const double w = std::exp(-0.5 * static_cast<double>((v - y) * (v - y) + (u - x) * (u - x)));
          sum += w * at(v, u), weights += w;
        }
      out[static_cast<std::size_t>(y * grid.width + x)] = sum / weights;
    }
  return out;
}

Model empty_model(const Movie& movie, const Basis& basis) {
  Model model;
  model.basis = basis;
  const double mean = std::max(movie.mean_count(), 1e-9);
  model.unit = mean;
  model.log_softness = std::log(mean) - 1;
  model.log_size = std::log(kUsualSize);
  return model;
}

/// One subunit as large as what is strong in the spike-triggered average.
Model model_of_average(const Movie& movie, const Basis& basis, const std::vector<double>& map) {
  const Grid grid{movie.height, movie.width};
  std::vector<double> strong(map.size());
  for (std::size_t p = 0; p < map.size(); ++p) strong[p] = std::abs(map[p]) - kAverageNoise;
  strong = smoothed(strong, grid);
  const double floor = kAverageFloor * *std::ranges::max_element(strong);
  double sum = 0, x = 0, y = 0, squares = 0;
  for (std::size_t p = 0; p < strong.size(); ++p) {
    strong[p] = std::max(strong[p] - floor, 0.0);
    sum += strong[p];
    x += strong[p] * static_cast<double>(p % static_cast<std::size_t>(grid.width));
    y += strong[p] * static_cast<double>(p / static_cast<std::size_t>(grid.width));
  }
  x /= sum, y /= sum;
  for (std::size_t p = 0; p < strong.size(); ++p) {
    const double dx = static_cast<double>(p % static_cast<std::size_t>(grid.width)) - x;
    const double dy = static_cast<double>(p / static_cast<std::size_t>(grid.width)) - y;
    squares += strong[p] * (dx * dx + dy * dy);
  }
  Model model = empty_model(movie, basis);
  model.log_size = std::log(std::clamp(std::sqrt(squares / sum / 2) * kAverageWider, kLeastStart, kMostStart));
  Part part;
  part.shape.centre = {x, y, model.log_size, model.log_size, 0};
  part.mix.assign(basis.count(), 0.0);
  const auto middle = static_cast<std::size_t>(std::lround(y) * grid.width + std::lround(x));
  part.mix[0] = std::copysign(model.unit, map[middle]);
  model.parts.push_back(std::move(part));
  return model;
}

/// Where the average is empty: the place, size and direction that the counts want most, in both polarities.
Model model_of_scores(Search& search, const Basis& basis) {
  search.best = fitted(search, empty_model(search.movie, basis), Care::fine);
  Model model = search.best.model;
  const PlaceGrid grid = [&] {
    return PlaceGrid{kUsualSize, places_between(0.5, static_cast<double>(search.movie.width) - 0.5, 1),
                     places_between(0.5, static_cast<double>(search.movie.height) - 0.5, 1)};
  }();
  const Screening screening = screen(
      search.best, search.seen(), {&grid, 1}, [](const Gaussian&) { return true; }, false, 1, search.context);
  const Screened& found = screening.best.front();
  Part part;
  part.shape.centre = found.gaussian;
  if (found.even && search.settings.both_polarities) part.response = Response::even;
  part.mix = found.mix;
  for (double& q : part.mix) q *= model.unit;
  model.parts.push_back(part);
  if (!part.even()) {
    for (double& q : part.mix) q = -q;
    model.parts.push_back(part);
  }
  return model;
}

Model start_model(Search& search, const Basis& basis, const std::vector<double>& map, double z) {
  return z >= kAverageSeen ? model_of_average(search.movie, basis, map) : model_of_scores(search, basis);
}

/// The same model with another power: each subunit as strong as before where it sees its own weight.
Model with_power(Model model, double power) {
  const double before = std::exp(model.log_power.value);
  for (auto& part : model.parts) {
    const double weight = std::max(part.weight(), 1e-12);
    const double other = model.unit * std::pow(weight / model.unit, before / power);
    for (double& q : part.mix) q *= other / weight;
  }
  model.log_power.value = std::log(power);
  return model;
}

void grow_all(Search& search, Care care) {
  for (std::size_t round = 0; round < search.settings.most_parts + 6; ++round)
    if (!grow(search, care)) break;
}

void refine(Search& search) {
  search.best = fitted(search, search.best.model, Care::fine);
  shrink(search);
  for (int round = 0; round < kFineRounds && grow(search, Care::fine); ++round) shrink(search);
}

/// Whether squares do better than relu on what relu has found so far.
bool squares_do_better(Search& search) {
  const Fitted relu = fitted(search, search.best.model, Care::fine);
  const Fitted squares = fitted(search, with_power(relu.model, 2), Care::fine, relu.objective - kHopeless);
  const HeldOutGain gain = held_out_gain(squares, relu);
  const bool better = gain.nats > std::max(kBarOfNumber * relu.dispersion, gain.error);
  search.tried.push_back({"squares", relu.model.parts.size(), 0, gain, better});
  return better;
}

/// From one subunit up. Growth with squares goes another way than with relu: from the start again, once the first few
/// subunits tell which of the two it is.
void grow_from_start(Search& search, const Model& start) {
  search.best = fitted(search, start, Care::rough);
  bool grows = true;
  while (grows && search.best.model.parts.size() < kPartsForPower) grows = grow(search, Care::rough);
  if (search.settings.powers && squares_do_better(search)) {
    search.refused.clear();
    search.best = fitted(search, with_power(start, 2), Care::rough);
    grows = true;
  }
  if (grows) grow_all(search, Care::rough);
}

bool has(const Search& search, CovariateKind kind) {
  return std::ranges::any_of(search.covariates.what, [&](const Covariate& c) { return c.kind == kind; });
}

/// What is not of the stimulus, and the divisive gain; a divisive gain that is there already is made anew.
void explain_the_rest(Search& search) {
  if (!search.settings.covariates) return;
  if (!has(search, CovariateKind::history)) add_covariates(search, history_covariates(search.movie), "history");
  if (!has(search, CovariateKind::drift)) add_covariates(search, drift_covariates(search.movie), "drift");
  if (has(search, CovariateKind::divisive)) return renew_divisive(search);
  Model bare = search.best.model;
  bare.gains.clear();
  add_covariates(search, divisive_covariate(search.movie, model_rates(bare, search.seen(), search.context)),
                 "divisive");
}

void refit_time(Search& search) {
  if (search.settings.functions < 2) return;
  for (int round = 0; round < kBasisRounds; ++round) {
    const std::size_t parts = search.best.model.parts.size(), functions = search.best.model.basis.count();
    if (!refit_basis(search)) return;
    search.refused.clear();
    while (grow(search, Care::fine)) continue;
    shrink(search);
    if (search.best.model.parts.size() == parts && search.best.model.basis.count() <= functions && round > 0) return;
  }
}

void refine_shapes(Search& search) {
  if (!search.settings.shapes) return;
  add_surround(search);
  for (int i = 0; i < kShapeRounds && join_inside(search); ++i) continue;
  for (int i = 0; i < kShapeRounds; ++i)
    if (!add_inner(search) && !join_inside(search)) break;
}

/// What the residuals still show is tried, and its opposite; where it pays, the search goes on from there.
void search_on(Search& search, std::uint64_t seed) {
  for (int round = 0; round < kResidualRounds; ++round) {
    const Residual left = residual_test(search.best, search.movie, search.covariates, seed, search.context);
    if (left.p > kResidualTry) return;
    const bool other = std::abs(left.opposite.score.z) >= kNewGate;
    if (!add_missing(search, left.strongest) && !(other && add_missing(search, left.opposite))) return;
    search.refused.clear();
    while (grow(search, Care::fine)) continue;
    refit_time(search);
    refine(search);
  }
}

}  // namespace

namespace {

struct Start {
  BasisFound basis;
  std::vector<double> map;  ///< [pixel], spike-triggered average in its errors
  double z = 0;             ///< its strongest
};
Start start_of(const Movie& movie, const SearchSettings& settings, std::uint64_t seed, const Context& context) {
  Start start{first_basis(movie, settings.functions, seed, context), {}, 0};
  start.map = average_map(movie, start.basis.basis, context);
  for (const double v : start.map) start.z = std::max(start.z, std::abs(v));
  return start;
}

/// One Gaussian where a filter's squared weights are, mixed as they are there.
Model model_of_filter(const Movie& movie, const Basis& basis, const OneFilter& filter, Response response) {
  const Grid grid{movie.height, movie.width};
  const std::size_t pixels = grid.pixels();
  std::vector<double> strong(pixels, 0.0);
  for (std::size_t i = 0; i < filter.weights.size(); ++i) strong[i % pixels] += filter.weights[i] * filter.weights[i];
  const double floor = kAverageFloor * *std::ranges::max_element(strong);
  for (double& v : strong) v = std::max(v - floor, 0.0);
  double sum = 0, x = 0, y = 0, squares = 0;
  const auto each = [&](const auto& visit) {
    for (std::size_t p = 0; p < pixels; ++p)
      visit(strong[p], static_cast<double>(p % static_cast<std::size_t>(grid.width)),
            static_cast<double>(p / static_cast<std::size_t>(grid.width)));
  };
  each([&](double w, double u, double v) { sum += w, x += w * u, y += w * v; });
  x /= sum, y /= sum;
  each([&](double w, double u, double v) { squares += w * ((u - x) * (u - x) + (v - y) * (v - y)); });
  Model model = empty_model(movie, basis);
  // Squared weights are narrower than weights by the root of two.
  model.log_size = std::log(std::clamp(std::sqrt(squares / sum), kLeastStart, kMostStart));
  Part part;
  part.response = response;
  part.shape.centre = {x, y, model.log_size, model.log_size, 0};
  std::vector<double> gaussian(pixels);
  unit_gaussian(part.shape.centre, grid, gaussian);
  for (std::size_t k = 0; k < basis.count(); ++k)
    part.mix.push_back(std::inner_product(gaussian.begin(), gaussian.end(),
                                          filter.weights.begin() + static_cast<std::ptrdiff_t>(k * pixels), 0.0));
  const double weight = std::max(part.weight(), 1e-300);
  for (double& q : part.mix) q *= model.unit / weight;
  model.parts.push_back(std::move(part));
  return model;
}

Found ended(Search& search, double average_z) {
  FitSettings last;
  last.tolerance = kLastTolerance;
  search.best = fit_model(search.best.model, search.seen(), last, search.context);
  return {std::move(search.best), std::move(search.covariates), std::move(search.tried), average_z};
}

}  // namespace

Found find_subunits(const Movie& movie, const SearchSettings& settings, std::uint64_t seed, const Context& context) {
  Search search{movie, settings, context, {}, {}, {}, {}};
  const Start start = start_of(movie, settings, seed, context);
  grow_from_start(search, start_model(search, start.basis.basis, start.map, start.z));
  if (settings.shapes) add_surround(search);
  explain_the_rest(search);
  if (settings.powers) free_power(search);
  grow_all(search, Care::rough);
  refine(search);
  refit_time(search);
  renew_divisive(search);
  refine_shapes(search);
  while (join_polarities(search)) continue;
  if (settings.powers) free_power(search), free_expansion(search);
  refine(search);
  explain_the_rest(search);
  search_on(search, seed);
  return ended(search, start.z);
}

Found find_one_filter(const Movie& movie, const Basis& basis, const OneFilter& filter, const SearchSettings& settings,
                      const Context& context) {
  Search search{movie, settings, context, {}, {}, {}, {}};
  search.best = fitted(search, model_of_filter(movie, basis, filter, Response::linear), Care::fine);
  Fitted even = fitted(search, model_of_filter(movie, basis, filter, Response::even), Care::fine);
  if (even.objective > search.best.objective) search.best = std::move(even);
  add_surround(search);
  for (int i = 0; i < kShapeRounds && add_inner(search); ++i) continue;
  explain_the_rest(search);
  if (settings.functions > 1) refit_basis(search);
  if (search.best.model.parts.front().even()) free_power(search);
  free_expansion(search);
  renew_divisive(search);
  return ended(search, 0);
}

}  // namespace plexiform::reveal
