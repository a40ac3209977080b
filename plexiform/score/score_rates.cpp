#include "plexiform/score/score_rates.hpp"

#include <array>
#include <map>
#include <span>

#include "plexiform/base/error.hpp"
#include "plexiform/score/bits.hpp"

namespace plexiform {
namespace {

/// Mean over the bins of each displayed frame, where any frame was shown more than once.
std::optional<double> trial_mean_correlation(const std::vector<double>& rate, const ScoredBins& target) {
  std::map<std::int64_t, std::array<double, 3>> by_frame;  // count, rate, showings
  for (std::size_t i = 0; i < rate.size(); ++i) {
    auto& sums = by_frame[target.frame[i]];
    sums[0] += target.counts[i];
    sums[1] += rate[i];
    sums[2] += 1;
  }
  if (by_frame.size() == rate.size()) return std::nullopt;
  std::vector<double> counts, rates_of;
  for (const auto& [frame, sums] : by_frame) {
    if (sums[2] < 2) continue;
    counts.push_back(sums[0] / sums[2]);
    rates_of.push_back(sums[1] / sums[2]);
  }
  return correlation(rates_of, counts);
}

/// [trial, frame], counts of frames that were shown in all of several trials; none otherwise.
std::optional<NdArray<double>> trials_of(const ScoredBins& frames) {
  std::map<std::int64_t, std::vector<double>> by_frame;
  for (std::size_t i = 0; i < frames.counts.size(); ++i) by_frame[frames.frame[i]].push_back(frames.counts[i]);
  const auto trials = by_frame.begin()->second.size();
  if (trials < 2) return std::nullopt;
  NdArray<double> table({static_cast<std::int64_t>(trials), static_cast<std::int64_t>(by_frame.size())});
  std::size_t column = 0;
  for (const auto& [frame, values] : by_frame) {
    if (values.size() != trials) return std::nullopt;
    for (std::size_t r = 0; r < trials; ++r) table.values[r * by_frame.size() + column] = values[r];
    ++column;
  }
  return table;
}

/// One rate a displayed frame, in their order; all showings of a frame have the same.
std::vector<double> rate_of_frames(const std::vector<double>& rate, const ScoredBins& frames) {
  std::map<std::int64_t, double> by_frame;
  for (std::size_t i = 0; i < rate.size(); ++i) by_frame[frames.frame[i]] = rate[i];
  std::vector<double> rates;
  for (const auto& [frame, value] : by_frame) rates.push_back(value);
  return rates;
}

/// What only repeated frames can tell.
void score_repeats(CellScore& score, const ScoredBins& frames, std::uint64_t seed) {
  const auto trials = trials_of(frames);
  if (!trials) return;
  score.reliability = reliability(*trials, seed);
  score.oracle = jackknife_oracle(*trials);
  const auto set = [&](ModelScore& model, const std::vector<double>& rate) {
    const auto of_frames = rate_of_frames(rate, frames);
    model.feve = explained_variance(of_frames, *trials);
    model.cc_normalised = *model.cc_trial_mean / score.reliability->ceiling;
  };
  set(score.network, score.rate);
  set(score.ln, score.ln_rate);
}

ModelScore score_model(const std::vector<double>& rate, const ScoredBins& target, std::uint64_t seed) {
  const auto blocks = blocks_of(static_cast<std::int64_t>(rate.size()), target.block_bins);
  ModelScore s;
  s.cc = correlation(rate, target.counts);
  s.cc_interval = correlation_interval(rate, target.counts, blocks, seed);
  s.bits_per_spike = bits_per_spike(rate, target.counts);
  s.bits_interval = bits_interval(rate, target.counts, blocks, seed);
  s.cc_trial_mean = trial_mean_correlation(rate, target);
  return s;
}

std::vector<BlockScore> block_scores(const CellScore& score, std::int64_t block_bins) {
  std::vector<BlockScore> blocks;
  for (const Range& block : blocks_of(score.n_frames, block_bins)) {
    const auto part = [&](const std::vector<double>& values) {
      return std::span(values).subspan(static_cast<std::size_t>(block.begin), static_cast<std::size_t>(block.size()));
    };
    const BitsSums network = bits_sums(part(score.rate), part(score.counts)),
                   ln = bits_sums(part(score.ln_rate), part(score.counts));
    blocks.push_back({block.size(), network.spikes, network.nats(), ln.nats()});
  }
  return blocks;
}

}  // namespace

CellScore score_rates(std::vector<double> rate, std::vector<double> ln_rate, const ScoredBins& bins,
                      std::uint64_t seed) {
  if (rate.size() != bins.counts.size() || ln_rate.size() != rate.size() || bins.frame.size() != rate.size())
    throw InternalError("score_rates: rates, counts and frames of different lengths");
  CellScore score;
  score.counts = bins.counts;
  score.frame = bins.frame;
  score.n_frames = static_cast<std::int64_t>(bins.counts.size());
  for (const double n : bins.counts) score.n_spikes += n;
  score.rate = std::move(rate);
  score.ln_rate = std::move(ln_rate);
  score.network = score_model(score.rate, bins, seed);
  score.ln = score_model(score.ln_rate, bins, seed);
  score.bits_gain = bits_difference_interval(score.rate, score.ln_rate, bins.counts,
                                             blocks_of(score.n_frames, bins.block_bins), seed);
  score.blocks = block_scores(score, bins.block_bins);
  score_repeats(score, bins, seed);
  return score;
}

}  // namespace plexiform
