#include "plexiform/classical/soft_clustering.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <string>
#include <utility>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/model/torch_threads.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kChunk = 8192;  ///< validation frames at a time
constexpr double kLeastShare = 1e-9;   ///< spikes of a subunit below which it is taken to have that many
constexpr double kRidge = 1e-8;        ///< share of the mean variance added to the second moment

void check(const SoftClusteringSettings& s) {
  const auto refuse = [](const std::string& what) { throw Error(ErrorKind::usage, "soft clustering: " + what); };
  if (s.subunits.empty() || s.sparsities.empty()) refuse("no number of subunits or no sparsity to try");
  for (const auto n : s.subunits)
    if (n < 1) refuse("subunits: " + std::to_string(n) + ", at least 1 is needed");
  for (const double v : s.sparsities)
    if (!(v >= 0) || !std::isfinite(v)) refuse("a sparsity is negative or not finite");
  if (s.starts < 1 || s.iterations < 1 || s.patience < 1)
    refuse("starts, iterations and patience: at least 1 of each is needed");
  if (!(s.neighbours_floor > 0)) refuse("the neighbours' floor must be above 0");
}

/// What the iterations need; the stimulus in units of its root mean square.
struct Problem {
  at::Tensor values;  ///< [frame with spikes, pixel]
  at::Tensor counts;  ///< [frame with spikes], double
  at::Tensor moment;  ///< [pixel, pixel], double
  at::Tensor factor;  ///< its Cholesky factor
  double spikes = 0, frames = 0, unit = 1;
  std::int64_t height = 0, width = 0;
};

Problem make_problem(const FilteredMovie& movie, std::int64_t most_subunits) {
  SpikeFrames frames = spike_frames(movie);
  Problem p;
  p.frames = static_cast<double>(frame_indices(movie, false).numel());
  if (p.frames < static_cast<double>(movie.pixels()))
    throw Error(ErrorKind::data,
                "soft clustering: " + std::to_string(static_cast<std::int64_t>(p.frames)) +
                    " training frames, fewer than the window's " + std::to_string(movie.pixels()) + " pixels",
                "take a smaller window or more training data");
  if (frames.spikes < static_cast<double>(most_subunits))
    throw Error(ErrorKind::data,
                "soft clustering: " + std::to_string(static_cast<std::int64_t>(frames.spikes)) +
                    " training spikes, fewer than the " + std::to_string(most_subunits) + " subunits",
                "ask for fewer subunits, or give the cell more training data");
  p.moment = stimulus_moment(movie);
  const double square = p.moment.diagonal().mean().item<double>();
  if (!(square > 0))
    throw Error(ErrorKind::data, "soft clustering: the filtered movie is zero in all training frames",
                "check the window and the temporal filter");
  p.unit = std::sqrt(square);
  p.moment = p.moment / square;
  p.factor = at::linalg_cholesky(p.moment + kRidge * at::eye(movie.pixels(), at::kDouble));
  p.values = frames.values / p.unit;
  p.counts = frames.counts.to(at::kDouble);
  p.spikes = frames.spikes;
  p.height = movie.height;
  p.width = movie.width;
  return p;
}

struct Subunits {
  at::Tensor filters;     ///< double [subunit, pixel], per root mean square
  at::Tensor log_weight;  ///< double [subunit]
};

Subunits random_subunits(std::int64_t n, std::int64_t pixels, std::uint64_t seed, std::int64_t start) {
  const CounterRandom random(derived_seed(seed, purposes::classical::kSoftClustering),
                             static_cast<std::uint64_t>(start));
  Subunits s{at::empty({n, pixels}, at::kDouble), at::empty({n}, at::kDouble)};
  std::uint64_t index = 0;
  for (const at::Tensor& t : {s.filters, s.log_weight})
    for (std::int64_t i = 0; i < t.numel(); ++i) t.data_ptr<double>()[i] = random.uniform(index++) - 0.5;
  return s;
}

/// |filter| summed over each pixel and its four neighbours, [subunit, pixel].
at::Tensor neighbours_sum(const at::Tensor& filters, std::int64_t height, std::int64_t width) {
  const at::Tensor a = filters.abs().reshape({-1, height, width});
  at::Tensor sum = a.clone();
  sum.narrow(1, 1, height - 1) += a.narrow(1, 0, height - 1);
  sum.narrow(1, 0, height - 1) += a.narrow(1, 1, height - 1);
  sum.narrow(2, 1, width - 1) += a.narrow(2, 0, width - 1);
  sum.narrow(2, 0, width - 1) += a.narrow(2, 1, width - 1);
  return sum.reshape_as(filters);
}

/// filter' S filter / 2, [subunit].
at::Tensor half_variance(const Subunits& s, const Problem& p) {
  return (s.filters.mm(p.moment) * s.filters).sum(1) / 2;
}

/// log weight_n + filter_n . x_t, double [frame, subunit].
at::Tensor drives(const Subunits& s, const at::Tensor& values) {
  return values.mm(s.filters.t().to(values.scalar_type())).to(at::kDouble) + s.log_weight;
}

double likelihood_of(const Subunits& s, const at::Tensor& drive, const Problem& p) {
  const double seen = p.counts.dot(drive.logsumexp(1)).item<double>();
  const double expected = p.frames * (s.log_weight + half_variance(s, p)).exp().sum().item<double>();
  return (seen - expected) / p.spikes;
}

/// Spikes of each subunit by soft assignment, [subunit], and the next subunits.
Subunits step(const Subunits& s, const at::Tensor& drive, const Problem& p, double sparsity, double floor) {
  const at::Tensor assigned = drive.softmax(1) * p.counts.unsqueeze(1);  // [frame, subunit]
  const at::Tensor spikes = assigned.sum(0).clamp_min(kLeastShare);      // [subunit]
  const at::Tensor sums = assigned.t().to(p.values.scalar_type()).mm(p.values).to(at::kDouble);
  Subunits next;
  next.filters = at::cholesky_solve((sums / spikes.unsqueeze(1)).t(), p.factor).t();
  if (sparsity > 0) {
    const at::Tensor threshold = sparsity / (neighbours_sum(s.filters, p.height, p.width) + floor);
    next.filters = next.filters.sign() * (next.filters.abs() - threshold).clamp_min(0);
  }
  next.log_weight = (spikes / p.frames).log() - half_variance(next, p);
  return next;
}

struct Fit {
  Subunits subunits;
  std::vector<double> likelihood;
};

Fit fit_from(Subunits start, const Problem& p, double sparsity, const SoftClusteringSettings& s) {
  Fit fit{std::move(start), {}};
  for (std::int64_t i = 0; i <= s.iterations; ++i) {
    const at::Tensor drive = drives(fit.subunits, p.values);
    fit.likelihood.push_back(likelihood_of(fit.subunits, drive, p));
    const auto& l = fit.likelihood;
    if (i == s.iterations || (i > 0 && std::abs(l.back() - l[l.size() - 2]) < s.tolerance)) break;
    fit.subunits = step(fit.subunits, drive, p, sparsity, s.neighbours_floor);
  }
  return fit;
}

Fit best_fit(const Problem& p, std::int64_t subunits, double sparsity, const SoftClusteringSettings& s) {
  std::optional<Fit> best;
  for (std::int64_t i = 0; i < s.starts; ++i) {
    Fit fit = fit_from(random_subunits(subunits, p.moment.size(0), s.seed, i), p, sparsity, s);
    if (!best || fit.likelihood.back() > best->likelihood.back()) best = std::move(fit);
  }
  return *std::move(best);
}

/// Bits per spike over a constant rate on the validation frames; NaN without validation spikes.
double validation_bits(const FilteredMovie& movie, const Problem& p, const Subunits& s) {
  double spikes = 0, frames = 0, seen = 0, expected = 0;
  for (const TimeBlock& b : movie.blocks) {
    if (!b.validation) continue;
    for (std::int64_t begin = b.begin; begin < b.end; begin += kChunk) {
      const std::int64_t length = std::min(kChunk, b.end - begin);
      const at::Tensor log_rate = drives(s, movie.values.narrow(0, begin, length) / p.unit).logsumexp(1);
      const at::Tensor counts = movie.counts.narrow(0, begin, length).to(at::kDouble);
      seen += counts.dot(log_rate).item<double>();
      expected += log_rate.exp().sum().item<double>();
      spikes += counts.sum().item<double>();
      frames += static_cast<double>(length);
    }
  }
  if (!(spikes > 0)) return std::numeric_limits<double>::quiet_NaN();
  return (seen - spikes * std::log(spikes / frames) - (expected - spikes)) / (spikes * std::numbers::ln2);
}

SoftClusteringResult describe(const Fit& fit, const Problem& p) {
  const at::Tensor log_share = fit.subunits.log_weight + half_variance(fit.subunits, p);
  const at::Tensor order = at::argsort(log_share, 0, true);
  const auto list = [&](const at::Tensor& values) {
    const at::Tensor v = values.index_select(0, order).contiguous();
    return std::vector<double>(v.data_ptr<double>(), v.data_ptr<double>() + v.numel());
  };
  SoftClusteringResult out;
  out.filters = fit.subunits.filters.index_select(0, order) / p.unit;
  out.modules = unit_modules(out.filters);
  out.weight = list(fit.subunits.log_weight.exp());
  out.share = list(log_share.softmax(0));
  out.likelihood = fit.likelihood;
  return out;
}

/// The search over numbers and sparsities so far.
struct Search {
  std::optional<Fit> best;
  SoftClusteringTrial chosen;
  std::vector<SoftClusteringTrial> trials;
};

/// Fits a number of subunits with a sparsity; true where it is the best so far.
bool attempt(Search& search, const FilteredMovie& movie, const Problem& problem, const SoftClusteringSettings& settings,
             std::int64_t subunits, double sparsity) {
  Fit fit = best_fit(problem, subunits, sparsity, settings);
  const double bits = validation_bits(movie, problem, fit.subunits);
  search.trials.push_back({subunits, sparsity, fit.likelihood.back(), bits});
  if (std::isnan(bits) && settings.subunits.size() * settings.sparsities.size() > 1)
    throw Error(ErrorKind::data, "soft clustering: no validation spikes to choose subunits and sparsity by",
                "give the split a validation part with spikes, or one number of subunits and one sparsity");
  if (search.best && !(bits > search.chosen.validation)) return false;
  search.best = std::move(fit);
  search.chosen = search.trials.back();
  return true;
}

/// Tries numbers and sparsities and keeps the best.
Search searched(const FilteredMovie& movie, const Problem& problem, const SoftClusteringSettings& settings,
                const Context& context) {
  Search search;
  std::int64_t without_better = 0;
  for (const std::int64_t n : settings.subunits) {
    bool better = false;
    for (const double sparsity : settings.sparsities) {
      check_stop(context);
      better = attempt(search, movie, problem, settings, n, sparsity) || better;
    }
    without_better = better ? 0 : without_better + 1;
    if (without_better == settings.patience) break;
  }
  return search;
}

}  // namespace

SoftClusteringResult soft_clustering(const FilteredMovie& movie, const SoftClusteringSettings& settings,
                                     const Context& context) {
  at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  check(settings);
  const std::int64_t most = *std::max_element(settings.subunits.begin(), settings.subunits.end());
  const Problem problem = make_problem(movie, most);
  Search search = searched(movie, problem, settings, context);
  SoftClusteringResult out = describe(*search.best, problem);
  out.sparsity = search.chosen.sparsity;
  out.validation = search.chosen.validation;
  out.trials = std::move(search.trials);
  return out;
}

}  // namespace plexiform
