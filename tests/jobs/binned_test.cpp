// Bins that are not frames, on the whole way: a model cell is written, checked, fitted and scored.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "base/temporary_folder.hpp"
#include "cell/model_cell.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/cell/circuit_rate.hpp"
#include "plexiform/cell/counts.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/jobs/fit_recording.hpp"
#include "plexiform/jobs/score_run.hpp"
#include "plexiform/recording/check.hpp"
#include "plexiform/run/run.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kFrames = 6000;

/// The cell looks back as many bins as it looked back frames, and spikes in halves of a frame.
Recording two_to_a_frame() {
  Recording recording = testing::model_cell(kFrames);
  show(recording, recording.stimulus, {2, 1});
  recording.counts = NdArray<std::int32_t>({1, 2 * kFrames});
  recording.segments = {{0, 2 * kFrames, 0, 0, -1}};
  const Circuit& circuit = recording.truth[0];
  const std::int64_t begin = circuit.lags() - 1;
  const auto rate = circuit_rate(circuit, *recording.stimulus, begin, 2 * kFrames);
  const CounterRandom random(3, 4);
  for (std::size_t i = 0; i < rate.size(); ++i)
    recording.counts.values[static_cast<std::size_t>(begin) + i] =
        static_cast<std::int32_t>(draw_count(circuit, random, i, rate[i]));
  return recording;
}

Recording two_frames_each() {
  Recording recording = testing::model_cell(kFrames);
  const auto frames = recording.counts.values;
  show(recording, recording.stimulus, {1, 2});
  recording.counts = NdArray<std::int32_t>({1, kFrames / 2});
  recording.segments = {{0, kFrames / 2, 0, 0, -1}};
  for (std::size_t i = 0; i < recording.counts.values.size(); ++i)
    recording.counts.values[i] = frames[2 * i] + frames[2 * i + 1];
  recording.truth.clear();
  return recording;
}

/// Scores on the test block.
CellScore scored(const Recording& recording, std::int64_t lags) {
  const testing::TemporaryFolder folder;
  write_recording(folder / "rec.h5", recording);
  const Recording read = read_recording(folder / "rec.h5");
  EXPECT_EQ(read.bin, recording.bin);
  EXPECT_EQ(read.counts.values, recording.counts.values);
  FitRequest request;
  request.recording = folder / "rec.h5";
  request.run = folder / "run";
  request.settings.model.lags = lags;
  request.settings.train.passes = 4;
  fit_recording(request, {.threads = 1});
  const RunInfo info = read_run(folder / "run");
  EXPECT_EQ(info.geometry->frame_rate, bins_per_second(recording));
  const RunScore score = score_run(folder / "run", info, read, {.threads = 1});
  EXPECT_EQ(score.cells[0].error, "");
  EXPECT_NEAR(static_cast<double>(score.cells[0].n_frames), static_cast<double>(recording.bins()) / 6,
              2.0 * static_cast<double>(lags));
  return score.cells[0];
}

/// A network that was fitted in a few passes predicts nearly as well as the true rates, [bin], of the scored bins: it
/// may be behind by four standard errors of a correlation r over n bins, (1 - r^2) / sqrt(n). Bins that lay elsewhere
/// in time would leave nothing to be predicted, a correlation of 0 with a standard error of 1 / sqrt(n), which is as
/// far below.
void expect_nearly_as_the_truth(const CellScore& score, const std::vector<double>& true_rates) {
  std::vector<double> truth;
  for (const std::int64_t bin : score.frame) truth.push_back(true_rates[static_cast<std::size_t>(bin)]);
  const double best = correlation(truth, score.counts), bins = std::sqrt(static_cast<double>(score.n_frames));
  const double least = best - 4 * (1 - best * best) / bins;
  EXPECT_GT(score.network.cc, least) << "the true rates reach " << best;
  EXPECT_GT(least, 4 / bins);
}

/// Spikes a bin, [bin]; the first have no whole history.
std::vector<double> true_rates(const Circuit& circuit, const Stimulus& seen, std::int64_t bins) {
  const std::int64_t begin = circuit.lags() - 1;
  std::vector<double> all(static_cast<std::size_t>(begin), 0.0);
  const auto rest = circuit_rate(circuit, seen, begin, bins);
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

/// Spikes per second, where people read them.
double stated_rate(const Recording& recording) {
  return check_recording(recording, 10, {}).cells[0].rate;
}

double true_rate(const Recording& recording) {
  const double spikes = std::accumulate(recording.counts.values.begin(), recording.counts.values.end(), 0.0);
  const double frames = static_cast<double>(recording.bins()) * static_cast<double>(recording.bin.frames_per_bin) /
                        static_cast<double>(recording.bin.bins_per_frame);
  return spikes / (frames / recording.frame_rate);
}

TEST(Binned, TwoBinsToAFrameAreFittedAndScored) {
  const Recording recording = two_to_a_frame();
  expect_nearly_as_the_truth(scored(recording, 20), true_rates(recording.truth[0], *recording.stimulus, 2 * kFrames));
  EXPECT_NEAR(stated_rate(recording), true_rate(recording), 1e-9);
}

TEST(Binned, ABinOfTwoFramesIsFittedAndScored) {
  const Recording recording = two_frames_each(), frames = testing::model_cell(kFrames);
  const auto of_frames = true_rates(frames.truth[0], *frames.stimulus, kFrames);
  std::vector<double> of_bins;
  for (std::size_t i = 0; i < of_frames.size(); i += 2) of_bins.push_back(of_frames[i] + of_frames[i + 1]);
  expect_nearly_as_the_truth(scored(recording, 10), of_bins);
  EXPECT_NEAR(stated_rate(recording), true_rate(recording), 1e-9);
}

}  // namespace
}  // namespace plexiform
