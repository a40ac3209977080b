// Each threshold of fits does what it is for.
#include "plexiform/fit/thresholds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "fit/small_recording.hpp"
#include "plexiform/model/filter_parts.hpp"
#include "recording/support.hpp"

namespace plexiform {
namespace {

using namespace thresholds::fit;

/// What a fit sees of a recording of white noise of 12 x 12 pixels.
Dataset data_of(const Recording& recording) {
  SplitSettings how;
  how.test.frames = 0;
  how.lags = 5;
  Settings settings;
  settings.model.lags = 5;
  const Window window = whole(recording.stimulus->shape());
  const std::int64_t cell = 0;
  return std::move(make_datasets(recording, std::span(&cell, 1), std::span(&window, 1), make_split(recording, how),
                                 settings, {})[0]);
}

TEST(AverageSmoothing, AFieldOfManyPixelsHasTheSignAndNotOnePixelThatIsStronger) {
  // One bright pixel drives the cell more than each pixel of a dark field does, but less than the field.
  Recording recording = testing::noise_recording(12, 12, 1, 4000, 3);
  std::vector<float> frame(144);
  for (std::int64_t bin = 5; bin < recording.bins(); ++bin) {
    recording.stimulus->read(bin - 2, bin - 1, {0, 0, 12, 12}, frame);
    double drive = 1.3 * static_cast<double>(frame[2 * 12 + 2]);
    for (std::size_t y = 7; y < 10; ++y)
      for (std::size_t x = 7; x < 10; ++x) drive -= static_cast<double>(frame[y * 12 + x]);
    recording.counts.row(0)[static_cast<std::size_t>(bin)] = drive > 3 ? 2 : 0;
  }
  const FirstLook look = first_look(data_of(recording), false);
  EXPECT_GT(look.spatial[0][8][8].item<double>(), 0) << "the sign of the field is in the temporal filter";
  EXPECT_LT(look.spatial[0][2][2].item<double>(), 0);
  EXPECT_GT(look.spatial[0][2][2].abs().item<double>(), look.spatial[0][8][8].abs().item<double>());
  EXPECT_LT(look.temporal[2].item<double>(), 0);
}

TEST(CovarianceBox, ShowsTheTimeCourseOfACellThatSquares) {
  Settings settings;
  const SmallFit f = small_fit("mosaic5", 6000, settings, SubunitNonlinearity::squared);
  const auto truth = f.recording.truth[0].temporal.row(0);
  const at::Tensor found = first_look(f.data, true).temporal;
  double along = 0;
  for (std::size_t l = 0; l < truth.size(); ++l)
    along += static_cast<double>(truth[l]) * found[static_cast<std::int64_t>(l)].item<double>();
  EXPECT_GT(std::abs(along), 0.9);
}

/// The spatial filter of a start.
at::Tensor filter_of_start(const SmallFit& f, const ModelSettings& model, std::int64_t start) {
  const Network n = initial_network(f.data, f.look, model, StartFrom::average, 1, start);
  return filter_parts(n, 0).spatial.to(at::kDouble);
}

/// A Gaussian of unit norm.
at::Tensor gaussian(std::int64_t side, double sd) {
  const at::Tensor axis =
      (-(at::arange(side, at::kDouble) - static_cast<double>(side - 1) / 2).square() / (2 * sd * sd)).exp();
  const at::Tensor plane = at::outer(axis, axis);
  return plane / plane.norm();
}

TEST(FilterWidth, DiffersBetweenStartsAndOnlyTheFirstHasNoNoise) {
  ModelSettings model;
  model.filter_size = 9;
  const SmallFit f = small_fit("mosaic5", 2000, {});
  const double widths[] = {kFilterWidth, kFilterWidth + kWidthStep, kFilterWidth - kWidthStep};
  for (std::int64_t start = 0; start < 3; ++start) {
    const at::Tensor filter = filter_of_start(f, model, start);
    double best = -1;
    std::size_t likest = 9;
    for (std::size_t w = 0; w < 3; ++w)
      if (const double match = (filter * gaussian(9, widths[w])).sum().item<double>(); match > best)
        best = match, likest = w;
    EXPECT_EQ(likest, static_cast<std::size_t>(start));
    const double miss = (filter / filter.norm() - gaussian(9, widths[likest])).norm().item<double>();
    if (start == 0) {
      EXPECT_LT(miss, 1e-5);
      continue;
    }
    // Noise of 81 weights, which the scaling to unit norm makes a little smaller.
    EXPECT_NEAR(miss, kStartNoise * 9, 0.3 * kStartNoise * 9);
    EXPECT_GT(best, 0.8) << "the noise does not hide the Gaussian";
  }
}

TEST(EnvelopeFloor, NoPositionBeginsAtNothingAndNoneOfThemIsNearThePeak) {
  // A cell of one pixel: nearly all of the map is floor.
  Recording recording = testing::noise_recording(12, 12, 1, 4000, 4);
  testing::answer_pixel(recording, 0, 3, 3, 2, 0.3);
  const Dataset data = data_of(recording);
  ModelSettings model;
  model.lags = 5;
  const Network n = initial_network(data, first_look(data, false), model, StartFrom::average, 1, 0);
  const double peak = n.map.max().item<double>(), least = n.map.min().item<double>();
  EXPECT_NEAR(least / peak, kEnvelopeFloor / (1 + kEnvelopeFloor), 1e-4);
  EXPECT_LT(n.map.median().item<double>() / peak, 0.1);
}

TEST(RandomStart, HasTheOutputOfThePapersSoftware) {
  const SmallFit f = small_fit("mosaic5", 2000, {});
  const Network n = initial_network(f.data, f.look, f.settings.model, StartFrom::random, 1, 0);
  EXPECT_NEAR(std::exp(n.output[0].item<double>()), kRandomScale, 1e-6);
  EXPECT_NEAR(std::exp(n.output[1].item<double>()), kRandomGain, 1e-5);
}

TEST(LnStrengths, EachIsTriedWithItsWeakerPenalties) {
  const SmallFit f = small_fit("mosaic5", 2000, {});
  const auto fits = ln_trainings(f.data, f.look, f.settings, 1);
  ASSERT_EQ(fits.size(), kLnStrengths.size());
  for (std::size_t i = 0; i < fits.size(); ++i) {
    const TrainSettings& train = fits[i].settings.train;
    EXPECT_EQ(train.smooth_filter, kLnStrengths[i]);
    EXPECT_DOUBLE_EQ(train.l1_filter * kWeakerBy, kLnStrengths[i]);
    EXPECT_DOUBLE_EQ(train.smooth_temporal * kWeakerBy, kLnStrengths[i]);
    EXPECT_EQ(train.passes, kLnPasses);
    EXPECT_EQ(train.patience, kLnPatience);
    EXPECT_EQ(fits[i].settings.model.filters, 1);
  }
  EXPECT_TRUE(std::ranges::is_sorted(kLnStrengths)) << "the first of equals is kept, the least smooth";
}

TEST(LeastPasses, ALongRecordingHasThemHoweverFewStepsItIsAllowed) {
  const auto passes_of = [](std::int64_t passes, std::int64_t steps) {
    Settings s;
    s.train.starts = 1;
    s.train.passes = passes;
    s.train.steps = steps;
    s.train.patience = 1000;
    s.train.batch = 100;  // some ten steps a pass
    const SmallFit f = small_fit("linear", 1500, s);
    auto fits = network_trainings(f.data, f.look, s, 1);
    train(fits, f.data, 1, 1, {});
    return fits[0].state.pass;
  };
  EXPECT_EQ(passes_of(60, 1), kLeastPasses);
  EXPECT_EQ(passes_of(4, 1), 4) << "no more than the settings allow";
  EXPECT_GT(passes_of(60, 300), kLeastPasses);
}

TEST(AverageWarmUp, TheAverageForgetsItsStartInAFewSteps) {
  // Steps that move nothing after the first: what the start weighs in the average is what is left of it.
  Settings s;
  s.train.starts = 1;
  s.train.averaging = 0.99;
  s.train.unit_filters = false;
  const SmallFit f = small_fit("linear", 1500, s);
  Training fit = network_trainings(f.data, f.look, s, 1)[0];
  fit.state.average.map.fill_(1);
  fit.state.network.map.fill_(0.5);
  fit.settings.train.learning_rate = 1e-9;
  Stepper stepper(1, 0);
  Network gradient = zeros_like(fit.state.network);
  const std::vector<std::size_t> batch{0};
  std::vector<double> left;
  for (int step = 0; step < 3 * kAverageWarmUp; ++step) {
    take_step(fit, f.data.train_tiles, f.data.train_targets, batch, 1, stepper, gradient);
    left.push_back((fit.state.average.map[0][0][0].item<double>() - 0.5) / 0.5);
  }
  EXPECT_LT(left[0], 0.2) << "an average over one step";
  EXPECT_LT(left.back(), 1e-3);
  // Were the decay the whole story, most of the start would be there still.
  EXPECT_GT(std::pow(s.train.averaging, 3 * kAverageWarmUp), 0.7);
}

TEST(ErrorsAhead, AnotherFormOfFiltersAsksForMoreThanAnotherNonlinearity) {
  const ModelSettings one;
  ModelSettings bent = one, larger = one, more = one, joint = one, both = one;
  bent.subunits = SubunitNonlinearity::half_squared;
  larger.filter_size += kLargerBy;
  more.filters *= kMoreFilters;
  joint.separable = false;
  both.subunits = SubunitNonlinearity::half_squared;
  both.filters *= kMoreFilters;
  EXPECT_EQ(errors_ahead(one, bent), kNonlinearityErrors);
  for (const ModelSettings& other : {larger, more, joint, both}) EXPECT_EQ(errors_ahead(one, other), kFormErrors);
  EXPECT_GT(kFormErrors, kNonlinearityErrors);
}

}  // namespace
}  // namespace plexiform
