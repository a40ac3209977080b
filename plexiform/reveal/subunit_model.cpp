#include "plexiform/reveal/subunit_model.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/base/softplus.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

/// Blocks that are summed together: threads take groups, and groups are added in order.
constexpr std::int64_t kGroups = 32;
/// A threshold much sharper than the counts can tell is all the same: the prior keeps it from growing for ever.
constexpr double kSoftnessSpread = 1.5;

/// torch's own threads stay out of ours: each new thread would start a pool for its first product.
void use_one_thread() {
  if (at::get_num_threads() != 1) at::set_num_threads(1);
}

struct Activity {
  double value, slope;
};

Activity activity(SubunitNonlinearity f, double z) {
  switch (f) {
    case SubunitNonlinearity::relu:
      return z > 0 ? Activity{z, 1} : Activity{0, 0};
    case SubunitNonlinearity::half_squared:
      return z > 0 ? Activity{z * z, 2 * z} : Activity{0, 0};
    case SubunitNonlinearity::squared:
      return {z * z, 2 * z};
    case SubunitNonlinearity::linear:
      return {z, 1};
  }
  throw InternalError("unknown subunit nonlinearity");
}

/// Columns [pixel, part] of weights, then [pixel, part * kGaussianParameters] of their derivatives where wanted.
at::Tensor columns(const SubunitModel& model, const FilteredMovie& movie, bool derivatives) {
  const auto parts = static_cast<std::int64_t>(model.parts.size()), pixels = movie.pixels();
  const auto each = derivatives ? kPartParameters : 1;
  at::Tensor rows = at::empty({parts * each, pixels}, at::kDouble);
  double* data = rows.data_ptr<double>();
  for (std::int64_t i = 0; i < parts; ++i) {
    const std::span weights(data + i * pixels, static_cast<std::size_t>(pixels));
    const std::span slopes(data + (parts + i * kGaussianParameters) * pixels,
                           static_cast<std::size_t>(derivatives ? kGaussianParameters * pixels : 0));
    gaussian_weights(model.parts[static_cast<std::size_t>(i)].shape, movie.height, movie.width, weights, slopes);
  }
  return rows.to(at::kFloat).t().contiguous();
}

at::Tensor feature_columns(std::span<const Feature> features, const FilteredMovie& movie) {
  std::int64_t count = 0;
  for (const auto& f : features) count += static_cast<std::int64_t>(f.size());
  at::Tensor rows = at::empty({count, movie.pixels()}, at::kDouble);
  double* row = rows.data_ptr<double>();
  for (const auto& f : features)
    for (const auto& g : f) {
      gaussian_weights(g, movie.height, movie.width, {row, static_cast<std::size_t>(movie.pixels())});
      row += movie.pixels();
    }
  return rows.to(at::kFloat).t().contiguous();
}

/// What a group of blocks adds.
class GroupSum {
 public:
  GroupSum(const SubunitModel& model, const FilteredMovie& movie, const at::Tensor& columns, bool derivatives)
      : model_(model),
        movie_(movie),
        columns_(columns),
        derivatives_(derivatives),
        softness_(std::exp(model.log_softness)),
        power_(std::exp(model.log_power)),
        parameters_(parameter_count(model)) {
    if (derivatives) information = at::zeros({parameters_, parameters_}, at::kDouble);
  }

  at::Tensor information;
  at::Tensor cross;  ///< double [feature, parameter + 1]: feature times slopes, and times itself; of feature_scores
  at::Tensor score;  ///< double [feature]

  /// Adds what a block says about features: `sizes` Gaussians each, whose columns are `gaussians`.
  void add_features(const TimeBlock& block, double weight, const at::Tensor& gaussians,
                    std::span<const Feature> features) {
    std::vector<double> gradient(static_cast<std::size_t>(parameters_));
    add(block, 0, gradient.data());
    const at::Tensor drives = at::mm(movie_.values.narrow(0, block.begin, block.length()), gaussians);
    const auto count = static_cast<std::int64_t>(features.size());
    at::Tensor slopes = at::empty({block.length(), count});
    if (!score.defined()) {
      score = at::zeros({count}, at::kDouble);
      cross = at::zeros({count, parameters_ + 1}, at::kDouble);
    }
    double* scores = score.data_ptr<double>();
    const float* z = drives.data_ptr<float>();
    float* slope = slopes.data_ptr<float>();
    for (std::int64_t t = 0; t < block.length(); ++t) {
      const FrameSlope& frame = frames_[static_cast<std::size_t>(t)];
      for (std::int64_t q = 0; q < count; ++q) {
        double value = 0;
        for (std::size_t j = 0; j < features[static_cast<std::size_t>(q)].size(); ++j)
          value += activity(model_.nonlinearity, *z++).value;
        scores[q] += weight * frame.surprise * value;
        *slope++ = static_cast<float>(frame.root * value);
      }
    }
    cross.narrow(1, 0, parameters_).add_(at::mm(slopes.t(), slopes_).to(at::kDouble), weight);
    cross.select(1, parameters_).add_(slopes.square().sum(0).to(at::kDouble), weight);
  }

  /// Log-likelihood of a block; adds `weight` times its information, and sets its gradient.
  double add(const TimeBlock& block, double weight, double* gradient) {
    const at::Tensor drives = at::mm(movie_.values.narrow(0, block.begin, block.length()), columns_);
    const float* counts = movie_.counts.data_ptr<float>() + block.begin;
    if (derivatives_) {
      slopes_ = at::empty({block.length(), parameters_});
      frames_.clear();
    }
    double sum = 0;
    for (std::int64_t t = 0; t < block.length(); ++t)
      sum += add_frame(drives.data_ptr<float>() + t * drives.size(1), counts[t],
                       derivatives_ ? slopes_.data_ptr<float>() + t * parameters_ : nullptr, gradient);
    if (derivatives_) information.add_(at::mm(slopes_.t(), slopes_).to(at::kDouble), weight);
    return sum;
  }

 private:
  double add_frame(const float* drives, double count, float* slopes, double* gradient) {
    double drive = model_.offset;
    for (std::size_t i = 0; i < model_.parts.size(); ++i)
      drive += model_.parts[i].weight * activity(model_.nonlinearity, drives[i]).value;
    const double eta = drive / softness_;
    const Softplus s = softplus(eta);
    const double log_rate = model_.log_softness + power_ * s.log, rate = std::exp(log_rate);
    if (slopes != nullptr) {
      const double slope = power_ * s.log_slope / softness_;
      add_slopes(drives, count, rate, {1 - slope * drive, slope, power_ * s.log, 0}, slopes, gradient);
      frames_.push_back({(count - rate) * slope, std::sqrt(rate) * slope});
    }
    return (count > 0 ? count * log_rate : 0) - rate;
  }

  /// d log rate / d parameter, of which count - rate times is the gradient and sqrt(rate) times a row of `slopes`.
  /// `shared`: of softness, offset, power, and of log_size, which is in the prior only.
  void add_slopes(const float* drives, double count, double rate, const std::array<double, kSharedParameters>& shared,
                  float* slopes, double* gradient) {
    const double surprise = count - rate, root = std::sqrt(rate), slope = shared[1];
    std::int64_t at = 0;
    const auto put = [&](double log_slope) {
      gradient[at] += surprise * log_slope;
      slopes[at++] = static_cast<float>(root * log_slope);
    };
    for (const double s : shared) put(s);
    const float* shape = drives + model_.parts.size();
    for (std::size_t i = 0; i < model_.parts.size(); ++i) {
      const Activity a = activity(model_.nonlinearity, drives[i]);
      put(slope * a.value);
      const double pass = slope * model_.parts[i].weight * a.slope;
      for (std::int64_t j = 0; j < kGaussianParameters; ++j) put(pass * *shape++);
    }
  }

  const SubunitModel& model_;
  const FilteredMovie& movie_;
  const at::Tensor& columns_;
  bool derivatives_;
  double softness_, power_;
  std::int64_t parameters_;
  at::Tensor slopes_;  ///< [frame, parameter], of the last block
  /// d log-likelihood / d drive, and the root of its variance.
  struct FrameSlope {
    double surprise, root;
  };
  std::vector<FrameSlope> frames_;  ///< of the last block
};

/// Calls visit(sum, block) for each block that has a weight; threads take groups of blocks.
template <class Visit>
std::vector<GroupSum> sum_groups(const SubunitModel& model, const FilteredMovie& movie, const at::Tensor& columns,
                                 std::span<const double> weights, bool derivatives, int threads, const Visit& visit) {
  const auto blocks = static_cast<std::int64_t>(movie.blocks.size()), groups = std::min(kGroups, blocks);
  std::vector<GroupSum> sums;
  for (std::int64_t g = 0; g < groups; ++g) sums.emplace_back(model, movie, columns, derivatives);
  parallel_for(groups, threads, [&](std::int64_t begin, std::int64_t end) {
    at::NoGradGuard no_gradient;
    use_one_thread();
    for (auto g = begin; g < end; ++g)
      for (auto b = g * blocks / groups; b < (g + 1) * blocks / groups; ++b)
        if (weights.empty() || weights[static_cast<std::size_t>(b)] != 0)
          visit(sums[static_cast<std::size_t>(g)], static_cast<std::size_t>(b));
  });
  return sums;
}

/// Log prior of softness and shapes; its gradient and minus its second derivatives (Gauss-Newton's, never
/// negative) are added to `gradient` and `curvature`.
double log_prior(const SubunitModel& model, double mean_count, const ModelFitSettings& settings, at::Tensor* gradient,
                 at::Tensor* curvature) {
  const double precision = 1 / (settings.shape_spread * settings.shape_spread), size = std::exp(model.log_size);
  const double off_soft = model.log_softness - usual_log_softness(mean_count),
               soft_precision = 1 / (kSoftnessSpread * kSoftnessSpread);
  constexpr double kLocked = 1e12;
  const double power_precision =
      settings.power_spread > 0 ? 1 / (settings.power_spread * settings.power_spread) : kLocked;
  double sum = -soft_precision * off_soft * off_soft / 2;
  if (settings.power_spread > 0) sum -= power_precision * model.log_power * model.log_power / 2;
  if (gradient != nullptr) {
    gradient->accessor<double, 1>()[0] -= soft_precision * off_soft;
    curvature->accessor<double, 2>()[0][0] += soft_precision;
    curvature->accessor<double, 2>()[2][2] += power_precision;
    double& power_slope = gradient->accessor<double, 1>()[2];
    power_slope = settings.power_spread > 0 ? power_slope - power_precision * model.log_power : 0;
  }
  std::int64_t at = kSharedParameters;
  for (const auto& part : model.parts) {
    const Gaussian& g = part.shape;
    const double off_a = g.log_a - model.log_size, off_b = g.log_b - model.log_size, slant = g.shear / size;
    sum -= precision * (off_a * off_a + off_b * off_b + slant * slant) / 2;
    if (gradient != nullptr) {
      auto slope = gradient->accessor<double, 1>();
      auto bend = curvature->accessor<double, 2>();
      const auto a = at + 3, b = at + 4, shear = at + 5;
      slope[a] -= precision * off_a, slope[b] -= precision * off_b;
      slope[3] += precision * (off_a + off_b + slant * slant);
      slope[shear] -= precision * slant / size;
      bend[a][a] += precision, bend[b][b] += precision, bend[3][3] += precision * (2 + slant * slant);
      bend[a][3] -= precision, bend[3][a] -= precision, bend[b][3] -= precision, bend[3][b] -= precision;
      bend[shear][shear] += precision / (size * size);
      bend[shear][3] -= precision * slant / size, bend[3][shear] -= precision * slant / size;
    }
    at += kPartParameters;
  }
  return sum;
}

double mean_count(const FilteredMovie& movie) {
  return std::max(movie.counts.mean(at::kDouble).item<double>(), 1e-9);
}

/// A model `step` away. Weights shrink to a tenth at most, sizes and places change by less than a pixel or so, and
/// nothing leaves the window: a step beyond is cut, and damping finds a shorter one if it was bad.
SubunitModel moved(const SubunitModel& model, const at::Tensor& step, const FilteredMovie& movie) {
  constexpr double kLeastLog = -1.2, kMostChange = 0.5, kLeastSoftness = -9, kMostPower = 1.4;
  const double most_log = std::log(static_cast<double>(std::max(movie.height, movie.width)) / 2);
  const auto d = step.accessor<double, 1>();
  const auto limited = [&](double change) { return std::clamp(change, -kMostChange, kMostChange); };
  SubunitModel next = model;
  next.log_softness = std::max(next.log_softness + std::clamp(d[0], -1.0, 1.0), kLeastSoftness);
  next.offset += d[1];
  next.log_power = std::clamp(next.log_power + limited(d[2]), -kMostPower, kMostPower);
  next.log_size = std::clamp(next.log_size + limited(d[3]), kLeastLog, most_log);
  std::int64_t at = kSharedParameters;
  for (auto& part : next.parts) {
    Gaussian& g = part.shape;
    part.weight = std::max(part.weight + d[at], part.weight / 10);
    g.x = std::clamp(g.x + std::clamp(d[at + 1], -1.0, 1.0), -0.5, static_cast<double>(movie.width) - 0.5);
    g.y = std::clamp(g.y + std::clamp(d[at + 2], -1.0, 1.0), -0.5, static_cast<double>(movie.height) - 0.5);
    g.log_a = std::clamp(g.log_a + limited(d[at + 3]), kLeastLog, most_log);
    g.log_b = std::clamp(g.log_b + limited(d[at + 4]), kLeastLog, most_log);
    g.shear += d[at + 5];
    at += kPartParameters;
  }
  return next;
}

at::Tensor weighted_gradient(const Evaluation& at_point, std::span<const double> weights) {
  if (weights.empty()) return at_point.block_gradient.sum(0);
  const at::Tensor w =
      at::from_blob(const_cast<double*>(weights.data()), {static_cast<std::int64_t>(weights.size())}, at::kDouble);
  return at::mv(at_point.block_gradient.t(), w);
}

/// Shift-free solution of curvature x = right; the diagonal's smallest entries are lifted so that it always exists.
at::Tensor solve(const at::Tensor& curvature, const at::Tensor& right, double damping) {
  const at::Tensor diagonal = curvature.diagonal().clamp_min(1e-9);
  const at::Tensor system = curvature + at::diag(diagonal * (damping + 1e-9) + 1e-9);
  return at::linalg_solve(system, right);
}

std::vector<double> held_out_blocks(const FittedModel& fit, std::span<const double> weights) {
  const at::Tensor influence = solve(fit.curvature, fit.at.block_gradient.t().contiguous(), 0);  // [parameter, block]
  const at::Tensor loss = (influence.t() * fit.at.block_gradient).sum(1).contiguous();
  std::vector<double> held_out(fit.at.block.size());
  for (std::size_t b = 0; b < held_out.size(); ++b)
    held_out[b] = fit.at.block[b] - (weights.empty() ? 1 : weights[b]) * loss.data_ptr<double>()[b];
  return held_out;
}

}  // namespace

at::Tensor inverse_curvature(const FittedModel& fit) {
  const at::Tensor ridge = fit.curvature.diagonal().clamp_min(1e-9) * 1e-9;
  return at::linalg_inv(fit.curvature + at::diag(ridge)).contiguous();
}

SubunitModel without_part(SubunitModel model, std::size_t part) {
  model.parts.erase(model.parts.begin() + static_cast<std::ptrdiff_t>(part));
  return model;
}

SubunitModel softened(SubunitModel model, const FilteredMovie& movie) {
  model.log_softness = std::max(model.log_softness, usual_log_softness(mean_count(movie)));
  return model;
}

double usual_log_softness(double mean_count) {
  return std::log(mean_count) - 2;
}

std::int64_t parameter_count(const SubunitModel& model) {
  return kSharedParameters + kPartParameters * static_cast<std::int64_t>(model.parts.size());
}

Evaluation evaluate(const SubunitModel& model, const FilteredMovie& movie, std::span<const double> weights,
                    bool derivatives, int threads) {
  at::NoGradGuard no_gradient;
  const at::Tensor filters = columns(model, movie, derivatives);
  Evaluation result;
  result.block.assign(movie.blocks.size(), 0);
  const auto parameters = parameter_count(model);
  if (derivatives)
    result.block_gradient = at::zeros({static_cast<std::int64_t>(movie.blocks.size()), parameters}, at::kDouble);
  double* gradients = derivatives ? result.block_gradient.data_ptr<double>() : nullptr;
  const auto sums = sum_groups(model, movie, filters, weights, derivatives, threads, [&](GroupSum& sum, std::size_t b) {
    double* gradient = derivatives ? gradients + static_cast<std::int64_t>(b) * parameters : nullptr;
    result.block[b] = sum.add(movie.blocks[b], weights.empty() ? 1 : weights[b], gradient);
  });
  for (std::size_t b = 0; b < result.block.size(); ++b)
    result.total += (weights.empty() ? 1 : weights[b]) * result.block[b];
  if (derivatives) {
    result.information = at::zeros({parameters, parameters}, at::kDouble);
    for (const auto& sum : sums) result.information.add_(sum.information);
  }
  return result;
}

std::vector<double> feature_scores(const SubunitModel& model, const FilteredMovie& movie,
                                   std::span<const double> weights, const at::Tensor& curvature,
                                   std::span<const Feature> features, int threads) {
  at::NoGradGuard no_gradient;
  const at::Tensor own = columns(model, movie, true), gaussians = feature_columns(features, movie);
  std::vector<GroupSum> sums = sum_groups(model, movie, own, weights, true, threads, [&](GroupSum& sum, std::size_t b) {
    sum.add_features(movie.blocks[b], weights.empty() ? 1 : weights[b], gaussians, features);
  });
  at::Tensor score = at::zeros({static_cast<std::int64_t>(features.size())}, at::kDouble), cross;
  for (const auto& sum : sums) {
    if (!sum.score.defined()) continue;
    score.add_(sum.score);
    cross = cross.defined() ? cross + sum.cross : sum.cross;
  }
  const auto parameters = parameter_count(model);
  const at::Tensor with = cross.narrow(1, 0, parameters), own_part = solve(curvature, with.t().contiguous(), 0);
  const at::Tensor left = cross.select(1, parameters) - (with * own_part.t()).sum(1);
  std::vector<double> z(features.size());
  for (std::size_t q = 0; q < z.size(); ++q) {
    const auto i = static_cast<std::int64_t>(q);
    const double all = cross[i][parameters].item<double>();
    z[q] = score[i].item<double>() / std::sqrt(std::max(left[i].item<double>(), 1e-3 * all + 1e-300));
  }
  return z;
}

std::vector<double> model_rates(const SubunitModel& model, const FilteredMovie& movie, int threads) {
  at::NoGradGuard no_gradient;
  const at::Tensor filters = columns(model, movie, false);
  const double softness = std::exp(model.log_softness), power = std::exp(model.log_power);
  std::vector<double> rates(static_cast<std::size_t>(movie.frames()));
  parallel_for(static_cast<std::int64_t>(movie.blocks.size()), threads, [&](std::int64_t begin, std::int64_t end) {
    at::NoGradGuard none;
    use_one_thread();
    for (auto b = begin; b < end; ++b) {
      const auto& block = movie.blocks[static_cast<std::size_t>(b)];
      const at::Tensor drives = at::mm(movie.values.narrow(0, block.begin, block.length()), filters);
      const float* z = drives.data_ptr<float>();
      for (auto t = block.begin; t < block.end; ++t) {
        double drive = model.offset;
        for (const auto& part : model.parts) drive += part.weight * activity(model.nonlinearity, *z++).value;
        rates[static_cast<std::size_t>(t)] = std::exp(model.log_softness + power * softplus(drive / softness).log);
      }
    }
  });
  return rates;
}

FittedModel fit_model(SubunitModel start, const FilteredMovie& movie, std::span<const double> weights,
                      const ModelFitSettings& settings, int threads) {
  at::NoGradGuard no_gradient;
  const double mean = mean_count(movie);
  at::Tensor gradient;
  // Nearly all steps are taken, so each is evaluated with its derivatives at once.
  const auto look_at = [&](SubunitModel model) {
    FittedModel point{std::move(model), {}, {}, 0, {}};
    point.at = evaluate(point.model, movie, weights, true, threads);
    at::Tensor slope = weighted_gradient(point.at, weights);
    point.curvature = point.at.information.clone();
    point.objective = point.at.total + log_prior(point.model, mean, settings, &slope, &point.curvature);
    return std::pair{std::move(point), slope};
  };
  FittedModel fit;
  std::tie(fit, gradient) = look_at(std::move(start));
  if (!std::isfinite(fit.objective))
    throw Error(ErrorKind::numeric,
                "the likelihood of a model with " + std::to_string(fit.model.parts.size()) + " subunits is not finite");
  double damping = 0.01;
  constexpr int kTries = 8;
  constexpr double kAsPromised = 0.25;
  bool small_before = false;
  for (int step = 0, tries = 0; step < settings.steps && tries < kTries;) {
    const at::Tensor move = solve(fit.curvature, gradient, damping);
    const double promise = move.dot(gradient).item<double>() / 2;
    if (promise < settings.tolerance || fit.objective + 6 * promise < settings.hopeless_below) break;
    auto [next, slope] = look_at(moved(fit.model, move, movie));
    const bool better = next.objective > fit.objective;
    damping = better ? std::max(damping / 5, 1e-4) : damping * 5;
    tries = better ? 0 : tries + 1;
    if (!better) continue;
    const double gain = next.objective - fit.objective;
    fit = std::move(next);
    gradient = slope;
    ++step;
    // A step that brings little and had promised much went too far; the next one may well not.
    const bool small = gain < settings.tolerance;
    if (small && (gain > kAsPromised * promise || small_before)) break;
    small_before = small;
  }
  fit.held_out = held_out_blocks(fit, weights);
  return fit;
}

Gain held_out_gain(const FittedModel& of, const FittedModel& over, std::span<const double> weights) {
  const PairedDifference difference = paired_difference(of.held_out, over.held_out, weights);
  return {difference.sum, difference.error};
}

}  // namespace plexiform
