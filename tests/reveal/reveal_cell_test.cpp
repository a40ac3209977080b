// The whole way from a recording to plain results, on model cells of layouts and seeds that no document reports.
#include "plexiform/reveal/reveal_cell.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>

#include "base/expect_error.hpp"
#include "plexiform/cell/circuit_rate.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/reveal/thresholds.hpp"
#include "plexiform/score/score.hpp"
#include "reveal/planted.hpp"

namespace plexiform {
namespace {

Recording model_cell(const std::string& preset, std::int64_t frames, std::uint64_t seed = 111) {
  CellRecipe recipe;
  recipe.preset = preset;
  recipe.seed = seed;
  recipe.frames = frames;
  return simulate(recipe);
}

Split all_of(const Recording& recording) {
  SplitSettings settings;
  settings.test.frames = 0;
  return make_split(recording, settings);
}

Revealed revealed(const Recording& recording, const RevealSettings& settings, const Context& context = {.threads = 2}) {
  const FrameShape grid = recording.stimulus->shape();
  const Place middle{static_cast<double>(grid.width) / 2, static_cast<double>(grid.height) / 2};
  return reveal_cell(recording, 0, middle, all_of(recording), settings, 1, context);
}

RevealSettings quick() {
  RevealSettings settings;
  settings.quick = true;
  return settings;
}

/// Correlation of the minimal network's rates with the true ones, on frames that were not revealed from.
double true_rate(const Revealed& found, const Recording& recording) {
  const std::int64_t begin = recording.bins() + 100, length = 3000;
  const std::vector<Chunk> chunks{{0, begin, length}};
  return correlation(predicted_rates(*found.minimal, *recording.stimulus, chunks),
                     circuit_rate(recording.truth[0], *recording.stimulus, begin, begin + length));
}

TEST(RevealCell, TooFewSpikesSayNothing) {
  const auto found = revealed(model_cell("mosaic5", 1500), {});
  ASSERT_TRUE(found.subunits.structure.has_value());
  EXPECT_EQ(found.subunits.structure->verdict, Verdict::too_little_data);
  EXPECT_TRUE(found.subunits.subunits.empty());
  EXPECT_FALSE(found.minimal.has_value());
  EXPECT_NE(found.subunits.remark.find("not enough data: too few spikes"), std::string::npos) << found.subunits.remark;
}

TEST(RevealCell, NoSpikeIsAnError) {
  Recording recording = model_cell("mosaic5", 1500);
  std::ranges::fill(recording.counts.values, 0);
  testing::expect_error(ErrorKind::data, {"no spike in training and validation"}, [&] { revealed(recording, {}); });
}

TEST(RevealCell, SubunitsWithVerdictConfidenceAndAModelThatPredicts) {
  const Recording recording = model_cell("onoff", 15'000);
  const auto found = revealed(recording, {});
  const CellSubunits& cell = found.subunits;
  ASSERT_TRUE(cell.structure && cell.residual && cell.number && cell.suppressive_number);
  EXPECT_EQ(cell.structure->verdict, Verdict::structured);
  EXPECT_LE(cell.structure->p_value, 0.01);
  EXPECT_EQ(cell.subunits.size(), 5U);
  EXPECT_TRUE(cell.suppressive.empty());
  EXPECT_LE(cell.number->low, 5);
  EXPECT_GE(cell.number->high, 5);
  int on = 0;
  double sum = 0;
  for (std::size_t i = 0; i < cell.subunits.size(); ++i) {
    const Subunit& s = cell.subunits[i];
    ASSERT_TRUE(s.certainty.has_value());
    EXPECT_LE(s.certainty->latency.low, s.latency);
    EXPECT_GE(s.certainty->latency.high, s.latency);
    EXPECT_LE(s.weight, cell.subunits[i > 0 ? i - 1 : 0].weight);
    sum += s.weight;
    const auto strongest = *std::ranges::max_element(s.temporal, {}, [](float v) { return std::abs(v); });
    on += strongest > 0 ? 1 : 0;
  }
  EXPECT_EQ(on, 2);
  EXPECT_NEAR(sum, 1, 1e-9);
  EXPECT_EQ(cell.minimal_number, 5U);
  ASSERT_TRUE(cell.validation_bits.has_value());
  EXPECT_GT(cell.validation_bits->subunits, 0.2);
  EXPECT_GT(true_rate(found, recording), 0.97);
  // Nothing that only a caller, or a comparison with the truth, can know.
  EXPECT_TRUE(cell.truth.empty() && cell.true_spatial.values.empty() && cell.name.empty());
  EXPECT_FALSE(cell.mean_match.has_value());
}

TEST(RevealCell, WithoutEvidenceOneFilterThatPredicts) {
  for (const std::string preset : {"linear", "linear_ushaped"}) {
    const Recording recording = model_cell(preset, 15'000);
    const auto found = revealed(recording, {});
    ASSERT_TRUE(found.subunits.structure.has_value());
    EXPECT_EQ(found.subunits.structure->verdict, Verdict::no_evidence) << preset;
    EXPECT_EQ(found.subunits.subunits.size(), 1U) << preset;
    EXPECT_EQ(found.subunits.nonlinearity, SubunitNonlinearity::linear);
    EXPECT_FALSE(found.subunits.subunits[0].certainty.has_value());
    EXPECT_GT(true_rate(found, recording), 0.97) << preset;
  }
}

TEST(RevealCell, AQuickOneGivesSubunitsWithoutVerdictAndConfidenceOnAnyNumberOfThreads) {
  const Recording recording = model_cell("mosaic5", 6000);
  const auto one = revealed(recording, quick(), {.threads = 1}), three = revealed(recording, quick(), {.threads = 3});
  const CellSubunits& cell = one.subunits;
  EXPECT_FALSE(cell.structure || cell.number || cell.residual);
  ASSERT_GE(cell.subunits.size(), 3U);
  for (const auto& s : cell.subunits) EXPECT_FALSE(s.certainty.has_value());
  ASSERT_EQ(cell.subunits.size(), three.subunits.subunits.size());
  for (std::size_t i = 0; i < cell.subunits.size(); ++i) {
    EXPECT_EQ(cell.subunits[i].spatial.values, three.subunits.subunits[i].spatial.values);
    EXPECT_EQ(cell.subunits[i].weight, three.subunits.subunits[i].weight);
  }
  EXPECT_EQ(cell.validation_bits->subunits, three.subunits.validation_bits->subunits);
  EXPECT_EQ(parameters_of(one.minimal->model), parameters_of(three.minimal->model));
}

TEST(RevealCell, TellsWhichStepItIsOfHowManyAndOfNoStepThatDoesNotCome) {
  const auto steps = [](std::int64_t frames, const RevealSettings& settings) {
    std::vector<Progress> told;
    revealed(model_cell("mosaic5", frames), settings,
             {.threads = 2, .progress = [&](const Progress& p) { told.push_back(p); }});
    return told;
  };
  const auto told = steps(4000, quick());
  ASSERT_EQ(told.size(), 2U);
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_TRUE(told[i].what.starts_with("reveal: ")) << told[i].what;
    EXPECT_EQ(told[i].done, static_cast<double>(i));
    EXPECT_EQ(told[i].total, 2);
    EXPECT_EQ(told[i].unit, "steps");
  }
  EXPECT_EQ(steps(1500, {}).size(), 2U) << "there are too few spikes for more";
}

TEST(RevealCell, StopsWhereAsked) {
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(revealed(model_cell("mosaic5", 1500), quick(), {1, source.get_token()}), Interrupted);
}

TEST(RevealCell, AStimulusThatDoesNotAllowTheTestIsRevealedWithoutAVerdict) {
  // Each image stays for two frames.
  const Recording cell = model_cell("mosaic5", 6000);
  NdArray<float> movie({6000, 16, 16});
  for (std::int64_t t = 0; t < 6000; ++t)
    cell.stimulus->read(t / 2, t / 2 + 1, whole(cell.stimulus->shape()), movie.row(t));
  Recording held = recording_from_arrays(std::move(movie), NdArray<std::int32_t>({1, 6000}), 30);
  const auto rates = circuit_rate(cell.truth[0], *held.stimulus, 20, 6000);
  for (std::size_t t = 0; t < rates.size(); ++t)
    held.counts.values[20 + t] = static_cast<std::int32_t>(CounterRandom(3, 12).poisson(t, rates[t]));
  const auto found = revealed(held, {}).subunits;
  EXPECT_FALSE(found.structure.has_value());
  EXPECT_NE(found.remark.find("not tested for structure"), std::string::npos) << found.remark;
  EXPECT_FALSE(found.subunits.empty());
}

TEST(RevealCell, AStimulusOfBarsInOneRowIsRevealed) {
  using namespace reveal;
  const Model model = reveal::model_of(
      bumps(1, 8), {part_of(round_gaussian(5, 0, 1.2), {0.7}), part_of(round_gaussian(9, 0, 1.2), {0.7})}, -0.3, 0.06);
  NdArray<float> movie({8000, 1, 1, 16});
  const CounterRandom random(7, 11);
  for (std::size_t i = 0; i < movie.values.size(); ++i)
    movie.values[i] = static_cast<float>(std::copysign(1.0, random.normal(i)));
  Recording bars = recording_from_arrays(std::move(movie), NdArray<std::int32_t>({1, 8000}), 30);
  draw_counts(bars, plain_rates(model, bars, 1), 7);
  const auto found = revealed(bars, {}).subunits;
  EXPECT_EQ(found.subunits.size(), 2U) << found.remark;
  for (const auto& s : found.subunits) EXPECT_TRUE(std::isfinite(s.certainty ? s.certainty->features.log_aspect : 0));
}

TEST(RevealCell, HalvesOfTooFewSpikesAreNotCompared) {
  RevealSettings settings = quick();
  settings.halves = true;
  const auto found = revealed(model_cell("mosaic5", 3500), settings).subunits;
  EXPECT_FALSE(found.halves.has_value());
  EXPECT_NE(found.remark.find("halves not compared: a half has"), std::string::npos) << found.remark;
}

TEST(RevealCell, WhatLeavesTheStimulusIsSaid) {
  using namespace reveal;
  const Model model = reveal::model_of(bumps(1, 8), {part_of(round_gaussian(0.2, 8, 1.6), {0.8})}, -0.1, 0.1);
  const auto found = revealed(planted_recording(model, {16, 5000, 1, true}, 3), quick()).subunits;
  EXPECT_NE(found.remark.find("% of the receptive field lies outside the window"), std::string::npos) << found.remark;
}

TEST(Minimal, LeavesOutWhatTheStimulusDoesNotTellAndFitsAgain) {
  const Recording recording = model_cell("refractory", 20'000);
  const auto found = revealed(recording, quick());
  bool history = false;
  for (const auto& use : found.subunits.covariates) history = history || use.what == "history";
  EXPECT_TRUE(history);
  EXPECT_LE(found.minimal->model.gains.size(), 1U);
  EXPECT_EQ(found.minimal->model.gains.size(), found.minimal->divisive ? 1U : 0U);
  EXPECT_GT(true_rate(found, recording), 0.95);
}

}  // namespace
}  // namespace plexiform
