#include "plexiform/classical/stc.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/model/torch_threads.hpp"

namespace plexiform {
namespace {

void check(const StcSettings& s) {
  const auto refuse = [](const std::string& what) {
    throw Error(ErrorKind::usage, "spike-triggered covariance: " + what);
  };
  if (!(s.level > 0 && s.level < 1)) refuse("the level must lie between 0 and 1");
  if (s.shifts < 1 || s.level * static_cast<double>(s.shifts + 1) < 2 - 1e-9)
    refuse("a level of " + std::to_string(s.level) + " needs more than " + std::to_string(s.shifts) +
           " shifts: at least 2 / level - 1");
  if (s.least_shift < 0 || s.most_axes < 1) refuse("least shift or most axes are out of range");
}

void check_amount(double spikes, std::int64_t frames, std::int64_t pixels, const StcSettings& s) {
  if (spikes < 2)
    throw Error(ErrorKind::data, "spike-triggered covariance: fewer than 2 training spikes",
                "give the cell more training data");
  if (pixels < 3)
    throw Error(ErrorKind::data, "spike-triggered covariance: a window of fewer than 3 pixels", "take a larger window");
  if (frames < 4 * s.least_shift || frames < 2)
    throw Error(ErrorKind::data,
                "spike-triggered covariance: " + std::to_string(frames) +
                    " training frames, fewer than four shifts of " + std::to_string(s.least_shift),
                "take a smaller least shift or more training data");
}

/// An ensemble of stimuli weighted by counts.
struct Ensemble {
  at::Tensor average;     ///< double [pixel], unit norm (zero where there is none)
  at::Tensor difference;  ///< second moment minus that of the stimulus, in its mean variance, [pixel, pixel]
};

/// Everything that stays the same over shifts.
struct Data {
  const FilteredMovie& movie;
  at::Tensor frames;     ///< int64, training frames in the movie
  at::Tensor positions;  ///< int64, those with spikes, as places in `frames`
  at::Tensor counts;     ///< of these, in the values' type
  at::Tensor moment;     ///< of the stimulus
  double spikes = 0, square = 1;
};

Data load(const FilteredMovie& movie, const StcSettings& s) {
  const SpikeFrames with_spikes = spike_frames(movie);  // for its checks
  Data d{movie, frame_indices(movie, false), {}, with_spikes.counts, {}, with_spikes.spikes, 1};
  check_amount(d.spikes, d.frames.numel(), movie.pixels(), s);
  d.positions = at::nonzero(movie.counts.index_select(0, d.frames)).flatten();
  d.moment = stimulus_moment(movie);
  d.square = d.moment.diagonal().mean().item<double>();
  if (!(d.square > 0))
    throw Error(ErrorKind::data, "spike-triggered covariance: the filtered movie is zero in all training frames",
                "check the window and the temporal filter");
  return d;
}

/// The ensemble of counts that were shifted by so many frames.
Ensemble shifted(const Data& d, std::int64_t shift) {
  const at::Tensor places = (d.positions + shift).remainder(d.frames.numel());
  const at::Tensor values = d.movie.values.index_select(0, d.frames.index_select(0, places));
  Ensemble e;
  const at::Tensor sum = d.counts.unsqueeze(0).mm(values).flatten().to(at::kDouble);
  e.average = sum / sum.norm().clamp_min(1e-300);
  e.difference = (second_moment(values, d.counts) / d.spikes - d.moment) / d.square;
  return e;
}

/// Orthonormal basis of what is orthogonal to the columns [pixel, k], [pixel, pixel - k].
at::Tensor complement(const at::Tensor& columns) {
  const at::Tensor q = std::get<0>(at::linalg_qr(columns, "complete"));
  return q.narrow(1, columns.size(1), q.size(1) - columns.size(1));
}

/// The average and the axes found so far, as columns [pixel, 1 + k].
at::Tensor taken(const at::Tensor& average, const std::vector<at::Tensor>& axes) {
  std::vector<at::Tensor> columns{average};
  columns.insert(columns.end(), axes.begin(), axes.end());
  return at::stack(columns, 1);
}

/// Extremes of the shifted counts, one value a shift.
struct Null {
  std::vector<double> low, high;
};

struct KeptShift {
  at::Tensor average;     ///< double
  at::Tensor difference;  ///< float32, to keep many
};

Null null_extremes(const std::vector<KeptShift>& shifts, const std::vector<at::Tensor>& axes) {
  Null null;
  for (const KeptShift& s : shifts) {
    const at::Tensor basis = complement(taken(s.average, axes));
    const at::Tensor values = at::linalg_eigvalsh(basis.t().mm(s.difference.to(at::kDouble)).mm(basis));
    null.low.push_back(values[0].item<double>());
    null.high.push_back(values[-1].item<double>());
  }
  return null;
}

/// (1 + values at least as large) / (1 + values); `sign` -1 for small ones.
double one_sided(const std::vector<double>& null, double value, double sign) {
  const auto beyond = std::count_if(null.begin(), null.end(), [&](double v) { return sign * v >= sign * value; });
  return (1 + static_cast<double>(beyond)) / (1 + static_cast<double>(null.size()));
}

/// Distance from the null's mean in its standard deviations.
double standing_out(const std::vector<double>& null, double value) {
  double mean = 0, square = 0;
  for (const double v : null) mean += v / static_cast<double>(null.size());
  for (const double v : null) square += (v - mean) * (v - mean) / static_cast<double>(null.size());
  return std::abs(value - mean) / std::sqrt(std::max(square, 1e-300));
}

/// The value that a share of the null lies beyond: the boundary of what one_sided() calls significant.
double boundary(std::vector<double> null, double share, bool high) {
  std::sort(null.begin(), null.end());
  const auto n = static_cast<std::int64_t>(null.size());
  const auto allowed = static_cast<std::int64_t>(share * static_cast<double>(n + 1) + 1e-9) - 1;
  const std::int64_t k = std::clamp<std::int64_t>(allowed, 0, n - 1);
  return null[static_cast<std::size_t>(high ? n - 1 - k : k)];
}

StcTest test_extremes(double low, double high, const Null& null, double level, bool& take_high) {
  const double p_low = one_sided(null.low, low, -1), p_high = one_sided(null.high, high, 1);
  take_high = p_high < p_low || (p_high == p_low && standing_out(null.high, high) >= standing_out(null.low, low));
  StcTest t;
  t.eigenvalue = take_high ? high : low;
  t.null_low = boundary(null.low, level / 2, false);
  t.null_high = boundary(null.high, level / 2, true);
  t.p = std::min(1.0, 2 * std::min(p_low, p_high));
  t.significant = t.p <= level + 1e-12;
  return t;
}

std::vector<KeptShift> make_shifts(const Data& d, const StcSettings& s, const Context& context) {
  const CounterRandom random(derived_seed(s.seed, purposes::classical::kStc), 0);
  const std::int64_t frames = d.frames.numel(), least = std::max<std::int64_t>(1, s.least_shift);
  std::vector<KeptShift> shifts;
  for (std::int64_t i = 0; i < s.shifts; ++i) {
    check_stop(context);
    const std::int64_t by = least + random.integer(static_cast<std::uint64_t>(i), frames - 2 * least + 1);
    const Ensemble e = shifted(d, by);
    shifts.push_back({e.average, e.difference.to(at::kFloat)});
  }
  return shifts;
}

}  // namespace

StcResult stc(const FilteredMovie& movie, const StcSettings& settings, const Context& context) {
  at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  check(settings);
  const Data data = load(movie, settings);
  const Ensemble seen = shifted(data, 0);
  const std::vector<KeptShift> shifts = make_shifts(data, settings, context);
  StcResult out;
  out.average = seen.average;
  out.spikes = data.spikes;
  std::vector<at::Tensor> axes;
  const std::int64_t most = std::min(settings.most_axes, movie.pixels() - 2);
  while (static_cast<std::int64_t>(axes.size()) < most) {
    const at::Tensor basis = complement(taken(seen.average, axes));
    const auto [values, vectors] = at::linalg_eigh(basis.t().mm(seen.difference).mm(basis));
    if (axes.empty()) out.eigenvalues = values;
    bool take_high = false;
    out.tests.push_back(test_extremes(values[0].item<double>(), values[-1].item<double>(), null_extremes(shifts, axes),
                                      settings.level, take_high));
    if (!out.tests.back().significant) break;
    axes.push_back(basis.mv(vectors.select(1, take_high ? vectors.size(1) - 1 : 0)));
  }
  out.axes = unit_modules(axes.empty() ? at::zeros({0, movie.pixels()}, at::kDouble) : at::stack(axes));
  return out;
}

}  // namespace plexiform
