#include "plexiform/study/readout.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "plexiform/base/error.hpp"
#include "plexiform/base/softplus.hpp"
#include "plexiform/classical/module_set.hpp"
#include "plexiform/model/window_network.hpp"
#include "plexiform/reveal/subunit_model.hpp"

namespace plexiform {
namespace {

constexpr int kMostSteps = 200;
constexpr double kTolerance = 1e-4;   ///< nats: the fit ends where the next step promises less
constexpr double kSoftnessRange = 6;  ///< of log s, on either side of its prior's middle
/// Order of the parameters: log s, offset, then the weights.
constexpr std::int64_t kShared = 2;

/// Answers and counts of some frames.
struct Frames {
  at::Tensor answers;  ///< double [frame, module], contiguous
  at::Tensor counts;   ///< double [frame], contiguous
  std::int64_t size() const { return counts.size(0); }
};

/// Log-likelihood and prior, and their change with the parameters.
struct Objective {
  double value = 0;
  std::vector<double> gradient;
  at::Tensor information;  ///< double [parameter, parameter]
};

class Fit {
 public:
  Fit(const Modules& modules, Frames frames)
      : modules_(modules), frames_(std::move(frames)), count_(modules.filters.size(0)) {
    usual_ = usual_log_softness(frames_.counts.mean().item<double>());
  }

  Readout run() {
    std::vector<double> at = start();
    Objective here = evaluate(at);
    double damping = 1e-3;
    Readout result;
    for (; result.steps < kMostSteps && damping < 1e12; ++result.steps) {
      const std::vector<double> next = stepped(at, here, damping);
      double promise = 0;
      for (std::size_t i = 0; i < at.size(); ++i) promise += here.gradient[i] * (next[i] - at[i]);
      const Objective there = evaluate(next);
      if (there.value > here.value) {
        at = next;
        here = there;
        damping = std::max(damping / 4, 1e-9);
      } else {
        damping *= 4;
      }
      if (promise < kTolerance) break;
    }
    result.log_softness = at[0];
    result.offset = at[1];
    result.weight.assign(at.begin() + kShared, at.end());
    return result;
  }

 private:
  /// The constant rate.
  std::vector<double> start() const {
    std::vector<double> at(static_cast<std::size_t>(kShared + count_), 0);
    at[0] = usual_;
    at[1] = frames_.counts.mean().item<double>();
    return at;
  }

  bool free(std::int64_t k) const {
    return !modules_.free_sign.empty() && modules_.free_sign[static_cast<std::size_t>(k)];
  }

  Objective evaluate(const std::vector<double>& at) const {
    const auto n = static_cast<std::size_t>(kShared + count_);
    const double softness = std::exp(at[0]);
    Objective o;
    o.gradient.assign(n, 0);
    at::Tensor slopes = at::empty({frames_.size(), static_cast<std::int64_t>(n)}, at::kDouble);
    const double* answer = frames_.answers.const_data_ptr<double>();
    const double* count = frames_.counts.const_data_ptr<double>();
    double* slope = slopes.data_ptr<double>();
    for (std::int64_t t = 0; t < frames_.size(); ++t, answer += count_, slope += n) {
      double drive = at[1];
      for (std::int64_t k = 0; k < count_; ++k) drive += at[static_cast<std::size_t>(kShared + k)] * answer[k];
      const double z = drive / softness;
      const Softplus s = softplus(z);
      const double rate = softness * s.value, residual = count[t] - rate, root = std::sqrt(rate);
      o.value += count[t] * (at[0] + s.log) - rate;
      // The logarithm of the rate over each parameter; times the residual it is the gradient.
      slope[0] = 1 - z * s.log_slope;
      slope[1] = s.log_slope / softness;
      for (std::int64_t k = 0; k < count_; ++k) slope[kShared + k] = slope[1] * answer[k];
      for (std::size_t i = 0; i < n; ++i) {
        o.gradient[i] += residual * slope[i];
        slope[i] *= root;
      }
    }
    o.information = at::mm(slopes.t(), slopes);
    const double off = at[0] - usual_;
    o.value -= off * off / 2;
    o.gradient[0] -= off;
    o.information[0][0] += 1;
    return o;
  }

  /// A damped step of the parameters that are not held at their bound, back inside the bounds.
  std::vector<double> stepped(const std::vector<double>& at, const Objective& here, double damping) const {
    std::vector<std::int64_t> moving;
    for (std::size_t i = 0; i < at.size(); ++i) {
      const auto k = static_cast<std::int64_t>(i) - kShared;
      if (k < 0 || free(k) || at[i] > 0 || here.gradient[i] > 0) moving.push_back(static_cast<std::int64_t>(i));
    }
    const at::Tensor which = at::tensor(moving);
    at::Tensor matrix = here.information.index_select(0, which).index_select(1, which);
    const at::Tensor diagonal = matrix.diagonal();
    matrix = matrix + at::diag(damping * diagonal + 1e-12 * diagonal.max().clamp_min(1e-300));
    const at::Tensor gradient = at::tensor(here.gradient).index_select(0, which);
    const at::Tensor step = at::linalg_solve(matrix, gradient);
    std::vector<double> next = at;
    for (std::size_t j = 0; j < moving.size(); ++j) {
      const auto i = static_cast<std::size_t>(moving[j]);
      next[i] += step[static_cast<std::int64_t>(j)].item<double>();
      const auto k = moving[j] - kShared;
      if (k >= 0 && !free(k)) next[i] = std::max(next[i], 0.0);
    }
    next[0] =
        std::clamp(next[0], std::max(usual_ - kSoftnessRange, at[0] - 1), std::min(usual_ + kSoftnessRange, at[0] + 1));
    return next;
  }

  const Modules& modules_;
  Frames frames_;
  std::int64_t count_;
  double usual_ = 0;
};

double mean_likelihood(const Readout& readout, const Frames& frames) {
  if (frames.size() == 0) return std::numeric_limits<double>::quiet_NaN();
  const double softness = std::exp(readout.log_softness);
  const at::Tensor drives = at::mv(frames.answers, at::tensor(readout.weight)) + readout.offset;
  const double *drive = drives.const_data_ptr<double>(), *count = frames.counts.const_data_ptr<double>();
  double sum = 0;
  for (std::int64_t t = 0; t < frames.size(); ++t) {
    const Softplus s = softplus(drive[t] / softness);
    sum += count[t] * (readout.log_softness + s.log) - softness * s.value;
  }
  return sum / static_cast<double>(frames.size());
}

}  // namespace

at::Tensor module_answers(const Modules& modules, const FilteredMovie& movie) {
  at::Tensor seen = movie.values.mm(modules.filters.to(movie.values.scalar_type()).t()).to(at::kDouble);
  if (!modules.bias.empty()) seen = seen + at::tensor(modules.bias);
  return subunit_activity(modules.nonlinearity, seen);
}

Readout readout_of_modules(const Modules& modules, const FilteredMovie& movie) {
  const at::Tensor answers = module_answers(modules, movie), counts = movie.counts.to(at::kDouble);
  const auto frames = [&](bool validation) {
    const at::Tensor index = frame_indices(movie, validation);
    return Frames{answers.index_select(0, index).contiguous(), counts.index_select(0, index).contiguous()};
  };
  const Frames training = frames(false);
  if (training.size() == 0 || training.counts.sum().item<double>() <= 0)
    throw Error(ErrorKind::data, "no spike in the training blocks", "leave this cell out: --cells");
  Readout result = Fit(modules, training).run();
  result.training = mean_likelihood(result, training);
  result.validation = mean_likelihood(result, frames(true));
  if (!std::isfinite(result.training))
    throw Error(ErrorKind::numeric, "the likelihood of modules with fitted weights is not finite");
  return result;
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
