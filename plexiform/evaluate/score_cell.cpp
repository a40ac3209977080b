#include "plexiform/evaluate/score_cell.hpp"

#include <algorithm>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/cell/circuit_rate.hpp"
#include "plexiform/cell/counts.hpp"
#include "plexiform/fit/dataset.hpp"
#include "plexiform/fit/objective.hpp"
#include "plexiform/model/torch_threads.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kLongestChunk = 5000;

/// Chunks of kFreshFrames frames after the last one that the recording's counts belong to.
std::vector<Chunk> fresh_chunks(const Recording& recording) {
  std::int64_t end = 0;
  for (const auto& s : recording.segments) end = std::max(end, s.first_frame + s.length);
  std::vector<Chunk> chunks;
  for (std::int64_t done = 0; done < kFreshFrames; done += kLongestChunk)
    chunks.push_back({done, end + done, std::min(kLongestChunk, kFreshFrames - done)});
  return chunks;
}

std::vector<double> true_rates(const Recording& recording, std::int64_t cell, const std::vector<Chunk>& chunks,
                               const Context& context) {
  std::vector<double> all;
  for (const auto& c : chunks) {
    const auto part = circuit_rate(recording.truth[static_cast<std::size_t>(cell)], *recording.stimulus, c.first_frame,
                                   c.first_frame + c.length, context);
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

/// Scores that need the truth: on fresh frames where there are any, else on the frames at hand.
void score_truth(CellScore& score, const CellFit& fit, const Recording& recording, const ScoredFrames& target,
                 const Context& context) {
  if (recording.truth.empty()) return;
  const auto chunks = continues_beyond(recording) ? fresh_chunks(recording) : target.chunks;
  const auto truth = true_rates(recording, fit.cell, chunks, context);
  score.network.true_rate_cc = correlation(predicted_rates(fit, recording, chunks, context), truth);
  score.ln.true_rate_cc = correlation(predicted_rates(fit.ln, recording, fit.window.window, chunks, context), truth);
}

}  // namespace

ScoredFrames frames_of(const Recording& recording, std::int64_t cell, std::span<const Range> ranges) {
  ScoredFrames t;
  t.chunks = make_chunks(recording, ranges, kLongestChunk);
  const auto row = recording.counts.row(cell);
  for (const auto& chunk : t.chunks)
    for (std::int64_t i = 0; i < chunk.length; ++i) {
      t.bins.counts.push_back(row[static_cast<std::size_t>(chunk.first_bin + i)]);
      t.bins.frame.push_back(chunk.first_frame + i);
    }
  return t;
}

bool continues_beyond(const Recording& recording) {
  const bool repeats = recording.recipe && std::holds_alternative<ChirpRecipe>(*recording.recipe);
  return recording.stimulus->frames() == kEndless && !repeats && !recording.truth.empty();
}

ScoredFrames fresh_frames(const Recording& recording, std::int64_t cell, const Context& context) {
  ScoredFrames t;
  t.chunks = fresh_chunks(recording);
  const auto rate = true_rates(recording, cell, t.chunks, context);
  const Circuit& circuit = recording.truth[static_cast<std::size_t>(cell)];
  const CounterRandom random(static_cast<std::uint64_t>(cell), streams::fresh::kCounts);
  SpikeHistory history(circuit);
  for (std::size_t i = 0; i < rate.size(); ++i) {
    const std::int64_t count = draw_count(circuit, random, i, rate[i] * history.factor());
    history.add(count);
    t.bins.counts.push_back(static_cast<double>(count));
    t.bins.frame.push_back(t.chunks[0].first_frame + static_cast<std::int64_t>(i));
  }
  return t;
}

ScoredFrames unseen_frames(const Recording& recording, std::int64_t cell, const Split& split, const Context& context) {
  if (!split.test().empty()) return frames_of(recording, cell, split.test());
  if (continues_beyond(recording)) return fresh_frames(recording, cell, context);
  throw Error(ErrorKind::data,
              "without a test block nothing is left to score on: the recording has no truth to draw fresh frames from",
              "give a test block, or score on another recording of the same cells")
      .mended_by("test");
}

std::string kind_of_unseen_frames(const Split& split) {
  return split.test().empty() ? "fresh frames" : "test block";
}

std::vector<double> predicted_rates(const Network& network, const Recording& recording, const Window& window,
                                    std::span<const Chunk> chunks, const Context& context) {
  const OneTorchThread one_thread;
  const auto tiles = make_tiles(*recording.stimulus, std::span(&window, 1), network.settings.lags,
                                cut_chunks(chunks, kLaneFrames), 0, context.memory_bytes, context.stop);
  Stepper stepper(threads_of(context), 0);
  return rates(stepper, network, tiles[0]);
}

std::vector<double> predicted_rates(const CellFit& fit, const Recording& recording, std::span<const Chunk> chunks,
                                    const Context& context) {
  if (const auto* subunits = std::get_if<SubunitModel>(&fit.model))
    return predicted_rates(*subunits, *recording.stimulus, chunks, context);
  return predicted_rates(network_of(fit), recording, fit.window.window, chunks, context);
}

CellScore score_cell(const CellFit& fit, const Recording& recording, const ScoredFrames& target, std::uint64_t seed,
                     const Context& context) {
  require_grid(fit, recording);
  const OneTorchThread one_thread;
  const auto scaled = [&](std::vector<double> rates) {
    for (double& rate : rates) rate *= target.bin_frames;
    return rates;
  };
  CellScore score = score_rates(scaled(predicted_rates(fit, recording, target.chunks, context)),
                                scaled(predicted_rates(fit.ln, recording, fit.window.window, target.chunks, context)),
                                target.bins, seed);
  score.cell = fit.cell;
  score.ended = fit.ended;
  score.subunits = subunits_of(fit.model);
  score_truth(score, fit, recording, target, context);
  return score;
}

}  // namespace plexiform
