#include "plexiform/reveal/select_subunits.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "plexiform/reveal/candidates.hpp"

namespace plexiform {
namespace {

constexpr double kOverlap = 0.3;    ///< of unit-norm Gaussians, above which joining is tried
constexpr double kFar = 0.02;       ///< below which a place is too far from all subunits for another one
constexpr double kGrid = 1.2;       ///< spacing of the places where one more is looked for, in subunit sizes
constexpr double kCertain = 5;      ///< standard errors from 0 beyond which it is not asked whether something is 0
constexpr double kWanted = 3;       ///< z of the score test from which a larger model is tried
constexpr std::size_t kTrials = 3;  ///< larger models tried at a time
constexpr std::size_t kDrops = 2;   ///< of the least certain subunits, left out at a time
constexpr double kRough = 40;       ///< tolerance of fits on the way, in that of the last ones
constexpr double kHopeless = 20;    ///< nats below the best model at which the fit of another one may end

Gaussian joined(const SubunitModel::Part& a, const SubunitModel::Part& b) {
  const double share = a.weight / (a.weight + b.weight), rest = 1 - share;
  const Place place{share * a.shape.x + rest * b.shape.x, share * a.shape.y + rest * b.shape.y};
  const auto ca = covariance(a.shape), cb = covariance(b.shape);
  const double dx = a.shape.x - b.shape.x, dy = a.shape.y - b.shape.y, between = share * rest;
  return gaussian_of(place, share * ca[0] + rest * cb[0] + between * dx * dx,
                     share * ca[1] + rest * cb[1] + between * dx * dy,
                     share * ca[2] + rest * cb[2] + between * dy * dy);
}

SubunitModel with_joined(const SubunitModel& model, std::size_t i, std::size_t j) {
  SubunitModel next = without_part(model, j);
  next.parts[i] = {joined(model.parts[i], model.parts[j]), model.parts[i].weight + model.parts[j].weight};
  return next;
}

/// Two halves along an axis at `angle`, each of the mean size.
SubunitModel with_split(const SubunitModel& model, std::size_t i, double angle) {
  SubunitModel next = model;
  const Gaussian& g = model.parts[i].shape;
  const double size = std::exp(model.log_size), reach = 0.8 * axes(g).major;
  SubunitModel::Part half{
      gaussian_of({g.x + reach * std::cos(angle), g.y + reach * std::sin(angle)}, size * size, 0, size * size),
      model.parts[i].weight * 0.6};
  next.parts[i] = half;
  half.shape.x = g.x - reach * std::cos(angle);
  half.shape.y = g.y - reach * std::sin(angle);
  next.parts.push_back(half);
  return next;
}

class Selector {
 public:
  Selector(const FilteredMovie& movie, std::span<const double> weights, const SelectSettings& settings, int threads)
      : movie_(movie), weights_(weights), settings_(settings), threads_(threads) {}

  Selection run(const SubunitModel& start) {
    roughly_ = true;
    result_.best = fitted(start);
    search();
    if (!settings_.to_the_end) return std::move(result_);
    roughly_ = false;
    result_.best = fitted(result_.best.model);
    search();
    return std::move(result_);
  }

 private:
  void search() {
    constexpr int kRounds = 24;
    if (!roughly_) shrink();
    for (int round = 0; round < kRounds && grow(); ++round)
      if (!roughly_) shrink();
  }

  FittedModel fitted(const SubunitModel& model) const {
    ModelFitSettings settings = settings_.fit;
    settings.tolerance *= roughly_ ? kRough : 1;
    if (!result_.best.model.parts.empty()) settings.hopeless_below = result_.best.objective - kHopeless;
    return fit_model(softened(model, movie_), movie_, weights_, settings, threads_);
  }

  /// What is not fitted to its end must gain so much more that it does not matter.
  bool pays(const Gain& gain) const {
    const double least =
        settings_.least_gain * settings_.dispersion + (roughly_ ? kRough * settings_.fit.tolerance : 0);
    return gain.nats > std::max(least, settings_.errors * gain.error);
  }

  bool try_smaller(const SubunitModel& model, const std::string& change) {
    const FittedModel smaller = fitted(model);
    const Gain gain = held_out_gain(result_.best, smaller, weights_);
    const bool taken = !pays(gain);
    result_.tried.push_back({change, model.parts.size(), gain, taken});
    if (taken) result_.best = smaller;
    return taken;
  }

  bool try_larger(const SubunitModel& model, const std::string& change) {
    const FittedModel larger = fitted(model);
    const Gain gain = held_out_gain(larger, result_.best, weights_);
    const bool taken = pays(gain);
    result_.tried.push_back({change, model.parts.size(), gain, taken});
    if (taken) result_.best = larger;
    return taken;
  }

  /// Standard errors are asked for once a model.
  void measure() {
    const at::Tensor diagonal = inverse_curvature(result_.best).diagonal().contiguous();
    variances_.assign(diagonal.data_ptr<double>(), diagonal.data_ptr<double>() + diagonal.numel());
  }
  double variance(std::size_t part, std::int64_t parameter) const {
    return std::max(variances_[static_cast<std::size_t>(kSharedParameters + parameter) + part * kPartParameters], 0.0);
  }

  void shrink() {
    do measure();
    while (result_.best.model.parts.size() > 1 && (join_one() || drop_one()));
  }

  /// Pairs that overlap and whose distance is not certain.
  bool join_one() {
    const auto& parts = result_.best.model.parts;
    std::vector<std::tuple<double, std::size_t, std::size_t>> pairs;
    for (std::size_t i = 0; i < parts.size(); ++i)
      for (std::size_t j = i + 1; j < parts.size(); ++j) {
        const Gaussian &a = parts[i].shape, &b = parts[j].shape;
        const double error = std::sqrt(variance(i, 1) + variance(j, 1) + variance(i, 2) + variance(j, 2));
        if (overlap(a, b) > kOverlap && std::hypot(a.x - b.x, a.y - b.y) < kCertain * error)
          pairs.emplace_back(overlap(a, b), i, j);
      }
    std::sort(pairs.rbegin(), pairs.rend());
    for (const auto& [o, i, j] : pairs)
      if (try_smaller(with_joined(result_.best.model, i, j),
                      "subunits " + std::to_string(i) + " and " + std::to_string(j) + " as one"))
        return true;
    return false;
  }

  bool drop_one() {
    const auto& parts = result_.best.model.parts;
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (const double z = parts[i].weight / std::sqrt(variance(i, 0) + 1e-300); z < kCertain) order.emplace_back(z, i);
    std::sort(order.begin(), order.end());
    if (order.size() > kDrops) order.resize(kDrops);
    for (const auto& [z, i] : order)
      if (try_smaller(without_part(result_.best.model, i), "without subunit " + std::to_string(i))) return true;
    return false;
  }

  struct Growth {
    SubunitModel model;
    Feature feature;
    std::string change;
  };

  std::vector<Growth> growths() const {
    std::vector<Growth> all;
    const SubunitModel& model = result_.best.model;
    for (std::size_t i = 0; i < model.parts.size(); ++i)
      for (int turn = 0; turn < 4; ++turn) {
        const double angle = axes(model.parts[i].shape).angle + turn * std::numbers::pi / 4;
        Growth g{with_split(model, i, angle), {}, "subunit " + std::to_string(i) + " as two"};
        g.feature = {g.model.parts[i].shape, g.model.parts.back().shape};
        all.push_back(std::move(g));
      }
    // Beside the subunits a new one has their size; upon them it is a finer detail that no split along a line makes.
    const auto stride = std::max<std::int64_t>(1, std::lround(kGrid * std::exp(model.log_size)));
    for (std::int64_t y = 0; y < movie_.height; y += stride)
      for (std::int64_t x = 0; x < movie_.width; x += stride) {
        Gaussian shape{static_cast<double>(x), static_cast<double>(y), model.log_size, model.log_size, 0};
        double most = 0;
        for (const auto& part : model.parts) most = std::max(most, overlap(part.shape, shape));
        if (most < kFar) continue;
        if (most > kOverlap) shape.log_a = shape.log_b = model.log_size - std::numbers::ln2;
        Growth g{model, {shape}, "one more at (" + std::to_string(x) + ", " + std::to_string(y) + ") of the window"};
        g.model.parts.push_back({shape, total_weight() / 10 / static_cast<double>(model.parts.size())});
        all.push_back(std::move(g));
      }
    return all;
  }

  double total_weight() const {
    double sum = 0;
    for (const auto& part : result_.best.model.parts) sum += part.weight;
    return sum;
  }

  /// Tries what the score test asks for, the most wanted first, until something pays.
  bool grow() {
    if (result_.best.model.parts.size() >= settings_.most) return false;
    auto all = growths();
    std::vector<Feature> features;
    for (const auto& g : all) features.push_back(g.feature);
    const auto z = feature_scores(result_.best.model, movie_, weights_, result_.best.curvature, features, threads_);
    std::vector<std::size_t> order;
    for (std::size_t q = 0; q < z.size(); ++q)
      if (z[q] > kWanted * std::sqrt(settings_.dispersion)) order.push_back(q);
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return z[a] > z[b]; });
    if (order.size() > kTrials) order.resize(kTrials);
    for (const auto q : order)
      if (try_larger(all[q].model, all[q].change + " (z " + std::to_string(z[q]) + ")")) return true;
    return false;
  }

  const FilteredMovie& movie_;
  std::span<const double> weights_;
  const SelectSettings& settings_;
  int threads_;
  bool roughly_ = true;  ///< far from the end, fits need not be exact
  Selection result_;
  std::vector<double> variances_;  ///< of the best model's parameters
};

}  // namespace

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

Selection select_subunits(const SubunitModel& start, const FilteredMovie& movie, std::span<const double> weights,
                          const SelectSettings& settings, int threads) {
  return Selector(movie, weights, settings, threads).run(start);
}

}  // namespace plexiform
