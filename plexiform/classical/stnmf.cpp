#include "plexiform/classical/stnmf.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/classical/consensus.hpp"
#include "plexiform/classical/factorise.hpp"
#include "plexiform/model/torch_threads.hpp"

namespace plexiform {
namespace {

void check(const StnmfSettings& s) {
  const auto refuse = [](const std::string& what) { throw Error(ErrorKind::usage, "STNMF: " + what); };
  if (s.modules < 2) refuse("modules: " + std::to_string(s.modules) + ", at least 2 are needed");
  if (s.sparsities.empty()) refuse("no sparsity to try");
  for (const double v : s.sparsities)
    if (!(v >= 0) || !std::isfinite(v)) refuse("a sparsity is negative or not finite");
  if (s.iterations < 1 || s.consensus_iterations < 1) refuse("no iterations");
  if (s.sparsities.size() > 1 && (s.consensus_starts < 2 || s.consensus_spikes < 2))
    refuse("a choice among sparsities needs 2 consensus starts and 2 consensus spikes or more");
}

void check_amount(const SpikeFrames& frames, std::int64_t modules) {
  if (frames.spikes >= static_cast<double>(modules) && frames.values.size(0) >= modules) return;
  throw Error(ErrorKind::data,
              "STNMF: " + std::to_string(static_cast<std::int64_t>(frames.spikes)) + " training spikes in " +
                  std::to_string(frames.values.size(0)) + " frames, fewer than the " + std::to_string(modules) +
                  " modules",
              "ask for fewer modules, or give the cell more training data");
}

FactoriseSettings factorise_settings(const StnmfSettings& s, double sparsity, std::int64_t iterations) {
  FactoriseSettings out;
  out.sparsity = sparsity;
  out.iterations = iterations;
  out.tolerance = s.tolerance;
  return out;
}

/// For each sample the localised module with the largest absolute encoding of all modules; -1 where the strongest is
/// not localised.
std::vector<std::int32_t> affiliation(const Factorisation& f, const std::vector<double>& autocorrelation,
                                      const at::Tensor& samples, double localised_above) {
  const at::Tensor strongest = samples.mm(f.readout.t()).abs().argmax(1).contiguous();
  std::vector<std::int32_t> out(static_cast<std::size_t>(strongest.numel()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto j = strongest.data_ptr<std::int64_t>()[i];
    out[i] = autocorrelation[static_cast<std::size_t>(j)] >= localised_above ? static_cast<std::int32_t>(j) : -1;
  }
  return out;
}

/// What is factorised: the moment and the sampled spikes, in standard deviations of a pixel.
struct Ensemble {
  at::Tensor moment;   ///< double [pixel, pixel]
  at::Tensor samples;  ///< double [sample, pixel]
  std::int64_t height = 0, width = 0;
};

SparsityConsensus consensus_of(const Ensemble& e, const StnmfSettings& s, double sparsity, const Context& context) {
  SparsityConsensus out;
  out.sparsity = sparsity;
  Affiliations affiliations;
  for (std::int64_t i = 0; i < s.consensus_starts; ++i) {
    check_stop(context);
    const at::Tensor start = random_start(s.modules, e.moment.size(0), s.seed, static_cast<std::uint64_t>(i));
    const Factorisation f = factorise(e.moment, start, factorise_settings(s, sparsity, s.consensus_iterations));
    const std::vector<double> autocorrelation = autocorrelations(f.modules, e.height, e.width);
    for (const double v : autocorrelation) out.localised += v >= s.localised_above;
    affiliations.push_back(affiliation(f, autocorrelation, e.samples, s.localised_above));
  }
  out.localised /= static_cast<double>(s.consensus_starts);
  out.stability = cophenetic_correlation(affiliations);
  return out;
}

/// Localised modules first, each part by absolute weight.
std::vector<std::int64_t> order_of(const std::vector<double>& weight, const std::vector<double>& autocorrelation,
                                   double localised_above) {
  std::vector<std::int64_t> order(weight.size());
  std::iota(order.begin(), order.end(), 0);
  const auto at_index = [](const std::vector<double>& v, std::int64_t i) { return v[static_cast<std::size_t>(i)]; };
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    const bool local_a = at_index(autocorrelation, a) >= localised_above;
    const bool local_b = at_index(autocorrelation, b) >= localised_above;
    if (local_a != local_b) return local_a;
    return std::abs(at_index(weight, a)) > std::abs(at_index(weight, b));
  });
  return order;
}

/// `average`: mean of the ensemble in standard deviations, [pixel].
void describe(const Factorisation& f, const at::Tensor& average, const Ensemble& e, double localised_above,
              StnmfResult& out) {
  out.polarity = average.sum().item<double>() < 0 ? -1 : 1;
  const at::Tensor weights = (out.polarity * f.readout.mv(average) * f.modules.norm(2, {1})).contiguous();
  const std::vector<double> weight(weights.data_ptr<double>(), weights.data_ptr<double>() + weights.numel());
  const std::vector<double> autocorrelation = autocorrelations(f.modules, e.height, e.width);
  const std::vector<std::int64_t> order = order_of(weight, autocorrelation, localised_above);
  out.modules = unit_modules(f.modules.index_select(0, at::tensor(order, at::kLong)));
  for (const std::int64_t j : order) {
    out.weight.push_back(weight[static_cast<std::size_t>(j)]);
    out.morans_i.push_back(autocorrelation[static_cast<std::size_t>(j)]);
    out.localised += out.morans_i.back() >= localised_above;
  }
}

}  // namespace

double choose_sparsity(const std::vector<SparsityConsensus>& consensus) {
  double most = 0;
  for (const SparsityConsensus& c : consensus) most = std::max(most, c.localised);
  const SparsityConsensus* best = nullptr;
  const SparsityConsensus* smallest = &consensus.front();
  for (const SparsityConsensus& c : consensus) {
    if (c.sparsity < smallest->sparsity) smallest = &c;
    if (!std::isfinite(c.stability) || c.localised < thresholds::classical::kLeastLocalised * most) continue;
    if (best == nullptr || c.stability > best->stability) best = &c;
  }
  return (best != nullptr ? best : smallest)->sparsity;
}

StnmfResult stnmf(const FilteredMovie& movie, const StnmfSettings& settings, const Context& context) {
  at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  check(settings);
  const SpikeFrames frames = spike_frames(movie);
  check_amount(frames, settings.modules);
  const double square = stimulus_moment(movie).diagonal().mean().item<double>();
  if (!(square > 0))
    throw Error(ErrorKind::data, "STNMF: the filtered movie is zero in all training frames",
                "check the window and the temporal filter");
  Ensemble e{second_moment(frames.values, frames.counts) / square, {}, movie.height, movie.width};

  StnmfResult out;
  out.spikes = frames.spikes;
  out.sparsity = settings.sparsities.front();
  if (settings.sparsities.size() > 1) {
    const std::int64_t samples = std::min(settings.consensus_spikes, frames.values.size(0));
    const at::Tensor chosen = at::arange(samples, at::kLong) * frames.values.size(0) / samples;
    e.samples = frames.values.index_select(0, at::floor(chosen).to(at::kLong)).to(at::kDouble);
    for (const double sparsity : settings.sparsities)
      out.consensus.push_back(consensus_of(e, settings, sparsity, context));
    out.sparsity = choose_sparsity(out.consensus);
  }
  const at::Tensor start = svd_start(e.moment, settings.modules, out.sparsity);
  const Factorisation f = factorise(e.moment, start, factorise_settings(settings, out.sparsity, settings.iterations));
  out.objective = f.objective;
  const at::Tensor average = frames.counts.to(at::kDouble).unsqueeze(0).mm(frames.values.to(at::kDouble)).flatten();
  describe(f, average / (frames.spikes * std::sqrt(square)), e, settings.localised_above, out);
  return out;
}

}  // namespace plexiform
