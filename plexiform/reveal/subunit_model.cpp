#include "plexiform/reveal/subunit_model.hpp"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/base/softplus.hpp"
#include "plexiform/likelihood/priors.hpp"
#include "plexiform/model/torch_threads.hpp"
namespace plexiform {
namespace {

/// Blocks that are summed together: threads take groups, and groups are added in order.
constexpr std::int64_t kGroups = 32;

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
  const auto each = derivatives ? ModelLayout::kOfPart : 1;
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
  /// `shared`: of log_softness, offset, log_power, and of log_size, which is in the prior only.
  void add_slopes(const float* drives, double count, double rate,
                  const std::array<double, ModelLayout::kShared>& shared, float* slopes, double* gradient) {
    const double surprise = count - rate, root = std::sqrt(rate), slope = shared[ModelLayout::offset];
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
                                 std::span<const double> weights, bool derivatives, const Context& context,
                                 const Visit& visit) {
  const auto blocks = static_cast<std::int64_t>(movie.blocks.size()), groups = std::min(kGroups, blocks);
  std::vector<GroupSum> sums;
  for (std::int64_t g = 0; g < groups; ++g) sums.emplace_back(model, movie, columns, derivatives);
  parallel_for(groups, threads_of(context), [&](std::int64_t begin, std::int64_t end) {
    at::NoGradGuard no_gradient;
    const OneTorchThread one_thread;
    for (auto g = begin; g < end; ++g)
      for (auto b = g * blocks / groups; b < (g + 1) * blocks / groups; ++b)
        if (weights.empty() || weights[static_cast<std::size_t>(b)] != 0) {
          check_stop(context);
          visit(sums[static_cast<std::size_t>(g)], static_cast<std::size_t>(b));
        }
  });
  return sums;
}

}  // namespace

double mean_count(const FilteredMovie& movie) {
  return std::max(movie.counts.mean(at::kDouble).item<double>(), 1e-9);
}

at::Tensor solved(const at::Tensor& curvature, const at::Tensor& right, double damping) {
  const at::Tensor diagonal = curvature.diagonal().clamp_min(1e-9);
  const at::Tensor system = curvature + at::diag(diagonal * (damping + 1e-9) + 1e-9);
  return at::linalg_solve(system, right);
}

SubunitModel without_part(SubunitModel model, std::size_t part) {
  model.parts.erase(model.parts.begin() + static_cast<std::ptrdiff_t>(part));
  return model;
}

SubunitModel softened(SubunitModel model, const FilteredMovie& movie) {
  model.log_softness = std::max(model.log_softness, usual_log_softness(mean_count(movie)));
  return model;
}

std::int64_t parameter_count(const SubunitModel& model) {
  return ModelLayout::count(model.parts.size());
}

Evaluation evaluate(const SubunitModel& model, const FilteredMovie& movie, std::span<const double> weights,
                    bool derivatives, const Context& context) {
  at::NoGradGuard no_gradient;
  const at::Tensor filters = columns(model, movie, derivatives);
  Evaluation result;
  result.block.assign(movie.blocks.size(), 0);
  const auto parameters = parameter_count(model);
  if (derivatives)
    result.block_gradient = at::zeros({static_cast<std::int64_t>(movie.blocks.size()), parameters}, at::kDouble);
  double* gradients = derivatives ? result.block_gradient.data_ptr<double>() : nullptr;
  const auto sums = sum_groups(model, movie, filters, weights, derivatives, context, [&](GroupSum& sum, std::size_t b) {
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
                                   std::span<const Feature> features, const Context& context) {
  at::NoGradGuard no_gradient;
  const at::Tensor own = columns(model, movie, true), gaussians = feature_columns(features, movie);
  std::vector<GroupSum> sums = sum_groups(model, movie, own, weights, true, context, [&](GroupSum& sum, std::size_t b) {
    sum.add_features(movie.blocks[b], weights.empty() ? 1 : weights[b], gaussians, features);
  });
  at::Tensor score = at::zeros({static_cast<std::int64_t>(features.size())}, at::kDouble), cross;
  for (const auto& sum : sums) {
    if (!sum.score.defined()) continue;
    score.add_(sum.score);
    cross = cross.defined() ? cross + sum.cross : sum.cross;
  }
  const auto parameters = parameter_count(model);
  const at::Tensor with = cross.narrow(1, 0, parameters), own_part = solved(curvature, with.t().contiguous());
  const at::Tensor left = cross.select(1, parameters) - (with * own_part.t()).sum(1);
  std::vector<double> z(features.size());
  for (std::size_t q = 0; q < z.size(); ++q) {
    const auto i = static_cast<std::int64_t>(q);
    const double all = cross[i][parameters].item<double>();
    z[q] = score[i].item<double>() / std::sqrt(std::max(left[i].item<double>(), 1e-3 * all + 1e-300));
  }
  return z;
}

std::vector<double> model_rates(const SubunitModel& model, const FilteredMovie& movie, const Context& context) {
  at::NoGradGuard no_gradient;
  const at::Tensor filters = columns(model, movie, false);
  const double softness = std::exp(model.log_softness), power = std::exp(model.log_power);
  std::vector<double> rates(static_cast<std::size_t>(movie.frames()));
  parallel_for(
      static_cast<std::int64_t>(movie.blocks.size()), threads_of(context), [&](std::int64_t begin, std::int64_t end) {
        at::NoGradGuard none;
        const OneTorchThread one_thread;
        for (auto b = begin; b < end; ++b) {
          check_stop(context);
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

}  // namespace plexiform
