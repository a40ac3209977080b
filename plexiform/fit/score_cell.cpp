#include "plexiform/fit/score_cell.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/cell/circuit_rate.hpp"
#include "plexiform/cell/counts.hpp"
#include "plexiform/fit/objective.hpp"
#include "plexiform/score/bits.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kLongestChunk = 5000;
/// Of the tiles that rates are predicted on.
constexpr std::int64_t kLongestLane = 128;
constexpr std::uint64_t kFreshStream = 77;

/// Chunks of kFreshFrames frames after the last one that the recording's counts belong to.
std::vector<Chunk> fresh_chunks(const Recording& recording) {
  std::int64_t end = 0;
  for (const auto& s : recording.segments) end = std::max(end, s.first_frame + s.length);
  std::vector<Chunk> chunks;
  for (std::int64_t done = 0; done < kFreshFrames; done += kLongestChunk)
    chunks.push_back({done, end + done, std::min(kLongestChunk, kFreshFrames - done)});
  return chunks;
}

std::vector<double> true_rates(const Recording& recording, std::int64_t cell, const std::vector<Chunk>& chunks) {
  std::vector<double> all;
  for (const auto& c : chunks) {
    const auto part = circuit_rate(recording.truth[static_cast<std::size_t>(cell)], *recording.stimulus, c.first_frame,
                                   c.first_frame + c.length);
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

/// Mean over the bins of each displayed frame, where any frame was shown more than once.
std::optional<double> trial_mean_correlation(const std::vector<double>& rate, const ScoredFrames& target) {
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
std::optional<NdArray<double>> trials_of(const ScoredFrames& frames) {
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
std::vector<double> rate_of_frames(const std::vector<double>& rate, const ScoredFrames& frames) {
  std::map<std::int64_t, double> by_frame;
  for (std::size_t i = 0; i < rate.size(); ++i) by_frame[frames.frame[i]] = rate[i];
  std::vector<double> rates;
  for (const auto& [frame, value] : by_frame) rates.push_back(value);
  return rates;
}

/// What only repeated frames can tell.
void score_repeats(CellScore& score, const ScoredFrames& frames, std::uint64_t seed) {
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

ModelScore score_model(const std::vector<double>& rate, const ScoredFrames& target, std::uint64_t seed) {
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

/// Scores that need the truth: on fresh frames where there are any, else on the frames at hand.
void score_truth(CellScore& score, const CellFit& fit, const Recording& recording, const ScoredFrames& target) {
  if (recording.truth.empty()) return;
  const auto chunks = goes_on(recording) ? fresh_chunks(recording) : target.chunks;
  const auto truth = true_rates(recording, fit.cell, chunks);
  score.network.true_rate_cc = correlation(predicted_rates(fit.network, recording, fit.window.window, chunks), truth);
  score.ln.true_rate_cc = correlation(predicted_rates(fit.ln, recording, fit.window.window, chunks), truth);
}

}  // namespace

ScoredFrames frames_of(const Recording& recording, std::int64_t cell, std::span<const Range> ranges) {
  ScoredFrames t;
  t.chunks = make_chunks(recording, ranges, kLongestChunk);
  const auto row = recording.counts.row(cell);
  for (const auto& chunk : t.chunks)
    for (std::int64_t i = 0; i < chunk.length; ++i) {
      t.counts.push_back(row[static_cast<std::size_t>(chunk.first_bin + i)]);
      t.frame.push_back(chunk.first_frame + i);
    }
  return t;
}

bool goes_on(const Recording& recording) {
  const bool repeats = recording.recipe && std::holds_alternative<ChirpRecipe>(*recording.recipe);
  return recording.stimulus->frames() == kEndless && !repeats && !recording.truth.empty();
}

ScoredFrames fresh_frames(const Recording& recording, std::int64_t cell) {
  ScoredFrames t;
  t.chunks = fresh_chunks(recording);
  const auto rate = true_rates(recording, cell, t.chunks);
  const Circuit& circuit = recording.truth[static_cast<std::size_t>(cell)];
  const CounterRandom random(static_cast<std::uint64_t>(cell), kFreshStream);
  for (std::size_t i = 0; i < rate.size(); ++i) {
    t.counts.push_back(static_cast<double>(draw_count(circuit, random, i, rate[i])));
    t.frame.push_back(t.chunks[0].first_frame + static_cast<std::int64_t>(i));
  }
  return t;
}

std::vector<double> predicted_rates(const Network& network, const Recording& recording, const Window& window,
                                    std::span<const Chunk> chunks, int threads) {
  const auto tiles = make_tiles(*recording.stimulus, std::span(&window, 1), network.settings.lags,
                                cut_chunks(chunks, kLongestLane), 0);
  Stepper stepper(threads, 0);
  return rates(stepper, network, tiles[0]);
}

void require_grid(const CellFit& fit, const Recording& recording) {
  const auto grid = recording.stimulus->shape();
  const auto& w = fit.window.window;
  if (w.y + w.height > grid.height || w.x + w.width > grid.width || fit.network.input.channels != grid.channels)
    throw Error(ErrorKind::data,
                "the run's window (rows " + std::to_string(w.y) + " to " + std::to_string(w.y + w.height - 1) +
                    ", columns " + std::to_string(w.x) + " to " + std::to_string(w.x + w.width - 1) +
                    ") leaves the stimulus of " + std::to_string(grid.height) + " x " + std::to_string(grid.width) +
                    " pixels",
                "score on a recording with the grid of the run's own");
  if (fit.cell >= recording.cells())
    throw Error(ErrorKind::data, "the run has cell " + std::to_string(fit.cell) + ", the recording has cells 0 to " +
                                     std::to_string(recording.cells() - 1));
}

CellScore score_cell(const CellFit& fit, const Recording& recording, const ScoredFrames& target, std::uint64_t seed) {
  require_grid(fit, recording);
  CellScore score;
  score.cell = fit.cell;
  score.ended = fit.ended;
  score.subunits = to_string(fit.network.settings.subunits);
  score.counts = target.counts;
  score.frame = target.frame;
  score.n_frames = static_cast<std::int64_t>(target.counts.size());
  for (const double n : target.counts) score.n_spikes += n;
  score.rate = predicted_rates(fit.network, recording, fit.window.window, target.chunks);
  score.ln_rate = predicted_rates(fit.ln, recording, fit.window.window, target.chunks);
  for (auto* rates : {&score.rate, &score.ln_rate})
    for (double& rate : *rates) rate *= target.bin_frames;
  score.network = score_model(score.rate, target, seed);
  score.ln = score_model(score.ln_rate, target, seed);
  score.bits_gain = bits_difference_interval(score.rate, score.ln_rate, target.counts,
                                             blocks_of(score.n_frames, target.block_bins), seed);
  score.blocks = block_scores(score, target.block_bins);
  score_repeats(score, target, seed);
  score_truth(score, fit, recording, target);
  return score;
}

}  // namespace plexiform
