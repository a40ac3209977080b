#include "plexiform/reveal/reveal_cell.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <optional>

#include "fit/small_recording.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/cell/circuit_rate.hpp"
#include "plexiform/reveal/cell_movie.hpp"
#include "plexiform/reveal/subunits.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform {
namespace {

/// A recording of a model cell and a network that begins at its spike-triggered average.
struct Small {
  SmallFit made;
  CellFit fit;
};

Small small(std::int64_t frames, const std::string& preset = "mosaic5") {
  Settings settings;
  Small s{small_fit(preset, frames, settings), {}};
  s.fit.window.window = whole(s.made.recording.stimulus->shape());
  s.fit.network = initial_network(s.made.data, s.made.look, settings.model, StartFrom::average, 1, 0);
  s.fit.ln = initial_network(s.made.data, s.made.look, preset_settings("ln").model, StartFrom::average, 1, 0);
  return s;
}

Revealed revealed(const Small& s, const RevealSettings& settings, const Context& context = {.threads = 2}) {
  return reveal_cell(s.fit, s.made.recording, s.made.split, settings, 1, context);
}

RevealSettings quick() {
  RevealSettings settings;
  settings.quick = true;
  return settings;
}

TEST(RevealCell, TooFewSpikesSayNothing) {
  const Small s = small(1500);
  const auto found = revealed(s, {});
  ASSERT_LT(found.subunits.spikes, least_spikes(256));
  ASSERT_TRUE(found.subunits.structure.has_value());
  EXPECT_EQ(found.subunits.structure->verdict, Verdict::too_little_data);
  EXPECT_TRUE(found.subunits.subunits.empty());
  EXPECT_FALSE(found.minimal.has_value());
  EXPECT_NE(found.subunits.remark.find("at least about 256"), std::string::npos) << found.subunits.remark;
}

TEST(RevealCell, AQuickOneGivesSubunitsWithoutVerdictAndConfidence) {
  const Small s = small(6000);
  const auto found = revealed(s, quick());
  const CellSubunits& cell = found.subunits;
  EXPECT_FALSE(cell.structure.has_value());
  EXPECT_FALSE(cell.number.has_value());
  ASSERT_GE(cell.subunits.size(), 2U);
  double sum = 0;
  for (std::size_t i = 0; i < cell.subunits.size(); ++i) {
    const Subunit& subunit = cell.subunits[i];
    EXPECT_FALSE(subunit.certainty.has_value());
    EXPECT_GT(subunit.size.major, 0);
    EXPECT_LE(subunit.weight, cell.subunits[i > 0 ? i - 1 : 0].weight);
    sum += subunit.weight;
  }
  EXPECT_NEAR(sum, 1, 1e-9);
  ASSERT_TRUE(found.minimal.has_value());
  EXPECT_FALSE(found.minimal->arrays.has_value()) << "those of the whole network";
  EXPECT_EQ(found.minimal->network.settings.filters, static_cast<std::int64_t>(cell.subunits.size()));
  EXPECT_EQ(cell.minimal_number, cell.subunits.size());
  ASSERT_TRUE(cell.validation_bits.has_value());
  EXPECT_GT(cell.validation_bits->subunits, 0);
  // Nothing that only a caller, or a comparison with the truth, can know.
  EXPECT_TRUE(cell.truth.empty());
  EXPECT_TRUE(cell.true_spatial.values.empty());
  EXPECT_FALSE(cell.mean_match.has_value());
  EXPECT_TRUE(cell.name.empty());
}

TEST(RevealCell, AnyNumberOfThreadsGivesTheSameAndTorchsThreadsStayAsTheyWere) {
  const Small s = small(4000);
  const int before = at::get_num_threads();
  at::set_num_threads(2);
  const auto one = revealed(s, quick(), {.threads = 1}), three = revealed(s, quick(), {.threads = 3});
  EXPECT_EQ(at::get_num_threads(), 2);
  at::set_num_threads(before);
  ASSERT_EQ(one.subunits.subunits.size(), three.subunits.subunits.size());
  for (std::size_t i = 0; i < one.subunits.subunits.size(); ++i) {
    EXPECT_EQ(one.subunits.subunits[i].spatial.values, three.subunits.subunits[i].spatial.values);
    EXPECT_EQ(one.subunits.subunits[i].weight, three.subunits.subunits[i].weight);
  }
  EXPECT_EQ(one.subunits.validation_bits->subunits, three.subunits.validation_bits->subunits);
}

/// The steps that a caller is told of.
std::vector<Progress> steps_of(const Small& s, const RevealSettings& settings) {
  std::vector<Progress> told;
  revealed(s, settings, {.threads = 2, .progress = [&](const Progress& p) { told.push_back(p); }});
  return told;
}

TEST(RevealCell, TellsWhichStepItIsOfHowMany) {
  const auto told = steps_of(small(4000), quick());
  ASSERT_EQ(told.size(), 3U);
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_TRUE(told[i].what.starts_with("reveal: ")) << told[i].what;
    EXPECT_EQ(told[i].done, static_cast<double>(i));
    EXPECT_EQ(told[i].total, 3);
    EXPECT_EQ(told[i].unit, "steps");
  }
}

TEST(RevealCell, TellsOfNoStepThatDoesNotCome) {
  const auto told = steps_of(small(1500), {});
  ASSERT_EQ(told.size(), 1U) << "there are too few spikes for more";
  EXPECT_EQ(told[0].total, 6) << "of which nothing was known yet";
}

TEST(RevealCell, StopsWhereAsked) {
  const Small s = small(1500);
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(revealed(s, quick(), {1, source.get_token()}), Interrupted);
}

/// A linear cell through a part of the grid. `spikes`: so many in place of its own, two at a time.
Small through(const Window& window, std::int64_t frames, std::optional<double> spikes = {}) {
  Settings settings;
  Small s{small_fit("linear", frames, settings), {}};
  Recording& recording = s.made.recording;
  if (spikes) {
    const auto rate = circuit_rate(recording.truth[0], *recording.stimulus, settings.model.lags - 1, frames);
    const double sum = std::accumulate(rate.begin(), rate.end(), 0.0);
    const CounterRandom random(1, 2);
    for (std::size_t i = 0; i < rate.size(); ++i)
      recording.counts.values[static_cast<std::size_t>(settings.model.lags - 1) + i] =
          static_cast<std::int32_t>(2 * random.poisson(i, rate[i] / sum * *spikes / 2));
  }
  const std::int64_t cell = 0;
  s.made.data = std::move(
      make_datasets(s.made.recording, std::span(&cell, 1), std::span(&window, 1), s.made.split, settings, {})[0]);
  s.made.look = first_look(s.made.data, false);
  s.fit.window.window = window;
  s.fit.network = initial_network(s.made.data, s.made.look, settings.model, StartFrom::average, 1, 0);
  s.fit.ln = initial_network(s.made.data, s.made.look, preset_settings("ln").model, StartFrom::average, 1, 0);
  return s;
}

TEST(RevealCell, TheTestOfStructureSeesSoManySpikesAndAllOfACellThatHasFewer) {
  // Spikes that come several at a time have a dispersion of their own, which tells which of them were seen.
  for (const bool more : {false, true}) {
    const Small s = through({5, 5, 5, 5}, 1200, (more ? 1.15 : 0.95) * thresholds::kTestSpikes);
    const FilteredMovie movie =
        cell_movie(s.fit, s.made.recording, s.made.split, RevealSettings{}.train.block_seconds, {.threads = 2}).movie;
    ASSERT_EQ(movie.counts.sum().item<double>() > thresholds::kTestSpikes, more) << movie.counts.sum().item<double>();
    const auto dispersion = [](const FilteredMovie& of) {
      return fit_both_as_dispersed(of, SubunitNonlinearity::relu, {.threads = 2}).dispersion;
    };
    const double found = revealed(s, quick()).subunits.dispersion;
    EXPECT_EQ(found, dispersion(thinned(movie, thresholds::kTestSpikes)));
    EXPECT_EQ(found == dispersion(movie), !more) << found;
  }
}

/// The model in the window that a cell's subunits on the grid are of; the window begins at the grid's first pixel.
SubunitModel model_of(const CellSubunits& cell) {
  SubunitModel model;
  for (const Subunit& s : cell.subunits) {
    const double cos = std::cos(s.size.angle), sin = std::sin(s.size.angle), along = s.size.major * s.size.major,
                 across = s.size.minor * s.size.minor;
    const Gaussian shape = gaussian_of(s.place, along * cos * cos + across * sin * sin, (along - across) * cos * sin,
                                       along * sin * sin + across * cos * cos);
    model.parts.push_back({shape, s.weight});
  }
  return model;
}

TEST(RevealCell, WhatLiesOutsideTheWindowIsSaidFromItsShareOn) {
  int said = 0;
  for (const std::int64_t width : {10, 11}) {  // the field's middle is at 8 of 16 columns
    const auto found = revealed(through({0, 0, 16, width}, 3000), quick()).subunits;
    const double outside = share_outside(model_of(found), 16, width);
    const std::string text = std::to_string(std::lround(100 * outside)) + " % of the receptive field lies outside";
    EXPECT_EQ(found.remark.find(text) != std::string::npos, outside >= thresholds::kOutside)
        << outside << ": " << found.remark;
    EXPECT_NEAR(outside, thresholds::kOutside, 0.08) << "above and below, and not far from it";
    said += outside >= thresholds::kOutside;
  }
  EXPECT_EQ(said, 1);
}

TEST(RevealCell, AFitThatWasInterruptedSaysSo) {
  Small s = small(4000);
  s.fit.ended = false;
  EXPECT_NE(revealed(s, quick()).subunits.remark.find("interrupted"), std::string::npos);
  s.fit.ended = true;
  EXPECT_EQ(revealed(s, quick()).subunits.remark.find("interrupted"), std::string::npos);
}

}  // namespace
}  // namespace plexiform
