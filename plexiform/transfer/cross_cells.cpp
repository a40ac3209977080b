#include "plexiform/transfer/cross_cells.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/fit/objective.hpp"
#include "plexiform/recording/chunks.hpp"
#include "plexiform/score/bits.hpp"
#include "plexiform/score/score_rates.hpp"
#include "plexiform/score/student.hpp"
#include "plexiform/transfer/refit_output.hpp"
#include "plexiform/transfer/spread_share.hpp"

namespace plexiform {
namespace {

/// Log-likelihoods of blocks, nats, without log n!.
std::vector<double> nats_of_blocks(std::span<const double> rate, std::span<const double> counts,
                                   std::span<const Range> blocks) {
  std::vector<double> nats;
  for (const Range& block : blocks) {
    const auto begin = static_cast<std::size_t>(block.begin), size = static_cast<std::size_t>(block.size());
    nats.push_back(bits_sums(rate.subspan(begin, size), counts.subspan(begin, size)).nats());
  }
  return nats;
}

std::vector<double> counts_in(const Recording& recording, std::int64_t cell, std::span<const Range> bins) {
  std::vector<double> all;
  const auto row = recording.counts.row(cell);
  for (const Range& range : bins) all.insert(all.end(), row.begin() + range.begin, row.begin() + range.end);
  return all;
}

double& entry(NdArray<double>& of, std::size_t model, std::size_t cell) {
  return of.row(static_cast<std::int64_t>(model))[cell];
}
double entry(const NdArray<double>& of, std::size_t model, std::size_t cell) {
  return of.row(static_cast<std::int64_t>(model))[cell];
}

}  // namespace

CellFrames read_cell_frames(std::span<const CellFit> fits, const Recording& recording, const Split& split, double refit,
                            const Context& context) {
  if (split.test().empty())
    throw Error(ErrorKind::data, "there is no test block to test models of other cells on",
                "fit with a test block, on which nothing is fitted");
  std::vector<Window> windows;
  for (const auto& fit : fits) windows.push_back(fit.window.window);
  const auto refit_bins = spread_share(split.train(), refit, kScoreBlockFrames);
  if (refit > 0 && refit_bins.empty())
    throw Error(ErrorKind::data, "a share of " + std::to_string(refit) + " of the training blocks holds no frame",
                "use a larger share, or 0 to leave outputs as they are")
        .mended_by("refit", "0");
  CellFrames frames;
  frames.test_chunks = make_chunks(recording, split.test(), kLaneFrames);
  frames.refit_chunks = make_chunks(recording, refit_bins, kLaneFrames);
  const bool networks =
      std::ranges::any_of(fits, [](const CellFit& fit) { return std::holds_alternative<Network>(fit.model); });
  const auto tiles = [&](const std::vector<Chunk>& chunks) {
    return make_tiles(*recording.stimulus, windows, lags_of(fits.front().model), chunks, 0, context.memory_bytes / 2,
                      context.stop);
  };
  if (networks) {
    frames.test = tiles(frames.test_chunks);
    frames.refit = tiles(frames.refit_chunks);
  }
  frames.refit_frames = total(refit_bins);
  for (const auto& fit : fits) {
    frames.test_counts.push_back(counts_in(recording, fit.cell, split.test()));
    frames.refit_counts.push_back(counts_in(recording, fit.cell, refit_bins));
    double spikes = 0;
    for (const double c : frames.test_counts.back()) spikes += c;
    frames.spikes.push_back(spikes);
  }
  frames.blocks = blocks_of(total(split.test()), kScoreBlockFrames);
  return frames;
}

Drives drives_at(const Network& network, const CellFrames& frames, std::size_t window, Stepper& stepper) {
  Drives all{{drives(stepper, network, frames.test[window]), {}}, {}};
  if (frames.refit_frames > 0) all.refit.drive = drives(stepper, network, frames.refit[window]);
  return all;
}

Drives drives_at(const SubunitModel& model, const Stimulus& stimulus, const CellFrames& frames, const Window& window,
                 const Context& context) {
  return {subunit_drive(model, stimulus, window, frames.test_chunks, context),
          subunit_drive(model, stimulus, window, frames.refit_chunks, context)};
}

OwnRates own_rates(const CellModel& model, const Drives& drives, const CellFrames& frames, std::size_t cell) {
  OwnRates own{changed_rates(model, drives.test, {}), {}};
  if (frames.spikes[cell] > 0) own.nats = nats_of_blocks(own.rate, frames.test_counts[cell], frames.blocks);
  return own;
}

CrossPair own_pair(const OwnRates& own, const CellFrames& frames, std::size_t cell) {
  CrossPair pair;
  if (frames.spikes[cell] == 0) return pair;  // nothing to be predicted
  const auto& counts = frames.test_counts[cell];
  try {
    require_rates(own.rate, counts);
    pair.cc = correlation(own.rate, counts);
    pair.bits = bits_per_spike(own.rate, counts);
  } catch (const Error& error) {  // a rate that is not finite, or no likelihood: no score
    if (!is_of_values(error.kind())) throw;
  }
  return pair;
}

CrossPair cross_pair(const CellModel& model, const Drives& drives, const OwnRates& own, const CellFrames& frames,
                     std::size_t cell, std::uint64_t seed) {
  CrossPair pair;
  if (frames.spikes[cell] == 0) return pair;
  const auto& counts = frames.test_counts[cell];
  try {
    OutputChange change;
    if (frames.refit_frames > 0) change = refit_output(model, drives.refit, frames.refit_counts[cell]);
    const auto rate = changed_rates(model, drives.test, change);
    require_rates(rate, counts);
    pair.cc = correlation(rate, counts);
    pair.bits = bits_per_spike(rate, counts);
    pair.own_ahead = bits_per_spike(own.rate, counts) - pair.bits;
    const Interval interval = bits_difference_interval(own.rate, rate, counts, frames.blocks, seed);
    pair.low = interval.low;
    pair.high = interval.high;
    pair.p = chance_of(paired_difference(own.nats, nats_of_blocks(rate, counts, frames.blocks)), frames.blocks.size());
  } catch (const Error& error) {  // as above
    if (!is_of_values(error.kind())) throw;
  }
  return pair;
}

double chance_of(const PairedDifference& ahead, std::size_t blocks) {
  const auto freedom = static_cast<int>(blocks) - 1;
  if (freedom < 1 || !(ahead.error > 0)) return CrossPair::kNan;
  const double t = ahead.sum / ahead.error, tail = student_tail(std::abs(t), freedom);
  return t > 0 ? tail : 1 - tail;
}

CrossMatrix unknown_matrix(std::int64_t n) {
  const NdArray<double> nothing({n, n}, CrossPair::kNan);
  return {nothing, nothing, nothing, nothing, nothing, nothing};
}

void set_pair(CrossMatrix& matrix, std::size_t model, std::size_t cell, const CrossPair& pair) {
  entry(matrix.cc, model, cell) = pair.cc;
  entry(matrix.bits, model, cell) = pair.bits;
  entry(matrix.own_ahead, model, cell) = pair.own_ahead;
  entry(matrix.low, model, cell) = pair.low;
  entry(matrix.high, model, cell) = pair.high;
  entry(matrix.p, model, cell) = pair.p;
}

void correct_for_others(CrossMatrix& matrix) {
  const auto n = static_cast<std::size_t>(matrix.p.shape[0]);
  for (std::size_t cell = 0; cell < n; ++cell) {
    std::vector<double> p(n);
    for (std::size_t i = 0; i < n; ++i) p[i] = entry(matrix.p, i, cell);
    p = holm_adjusted(p);
    for (std::size_t i = 0; i < n; ++i) entry(matrix.p, i, cell) = p[i];
  }
}

BestOther best_other(const CrossMatrix& moved, std::size_t cell) {
  const auto n = static_cast<std::size_t>(moved.bits.shape[0]);
  BestOther best;
  best.own_exceeds = true;
  double highest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < n; ++i) {
    if (i == cell) continue;
    const double bits = entry(moved.bits, i, cell), p = entry(moved.p, i, cell);
    if (std::isnan(bits)) continue;
    best.own_exceeds = best.own_exceeds && p <= kOwnAlpha;
    if (bits > highest) highest = bits, best.model = static_cast<std::int64_t>(i);
  }
  best.own_exceeds = best.own_exceeds && best.model >= 0;
  return best;
}

NdArray<double> likeness(const NdArray<double>& cc) {
  const auto n = static_cast<std::size_t>(cc.shape[0]);
  NdArray<double> all(cc.shape, CrossPair::kNan);
  const auto share = [&](std::size_t model, std::size_t cell) {
    const double own = entry(cc, cell, cell);
    return own > kLeastOwn ? entry(cc, model, cell) / own : CrossPair::kNan;
  };
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) entry(all, i, j) = (share(i, j) + share(j, i)) / 2;
  return all;
}

}  // namespace plexiform
