// The steps of fine-tuning.
#include "plexiform/transfer/fine_tune.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/expect_error.hpp"
#include "plexiform/fit/objective.hpp"
#include "plexiform/recording/chunks.hpp"
#include "plexiform/recording/cut.hpp"
#include "plexiform/transfer/refit_output.hpp"
#include "recording/support.hpp"
#include "transfer/small_models.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::small_models;

TEST(TuneSplit, MakesBlocksShorterWhereThereAreFewFrames) {
  const Recording recording = testing::noise_recording(16, 16, 1, 6000, 1);
  const Recording cut = cut_recording(recording, 0.1, 1000);  // 500 frames and the test block
  const Split few = tune_split(cut, {}, 1000), whole = tune_split(recording, {}, 1000);
  EXPECT_GT(total(few.train()), 4 * total(few.validation()));
  EXPECT_FALSE(few.validation().empty());
  for (const Range& range : few.validation()) EXPECT_LE(range.size(), 60);
  for (const Range& range : whole.validation()) EXPECT_GE(range.size(), 200);
  EXPECT_GE(total(few.test()), total(whole.test()));
  EXPECT_LE(total(few.test()), 1000);
}

TEST(Tuning, NeedsATestBlockAtTheEnd) {
  SplitSettings split;
  EXPECT_NO_THROW(require_tunable(split));
  split.test = {.frames = {}, .part = 3, .parts = 6};
  expect_error(ErrorKind::data, {"a part in the middle (3 of 6)"}, [&] { require_tunable(split); });
}

/// The white noise network of the first cell on dead leaves.
class Tune : public ::testing::Test {
 protected:
  Tune() { fit_.cell = 0; }
  CellFit fit_ = small_models(Shown::white).fits[0];
  const FittedModels& to_ = small_models(Shown::dead_leaves);
  Tuning tuning_ = begin_tuning(fit_, to_.fits[0].window, to_, {.threads = 1});
};

TEST_F(Tune, LearnsFromTheShareAndIsScoredOnTheTestBlock) {
  const TuneData data = tune_data(tuning_, 0.3, {});
  const auto before = static_cast<std::int64_t>(counted_frames(to_.recording).size()) - tuning_.test_frames;
  const double bins =
      static_cast<double>(total_bins(data.through_fit->train) + total_bins(data.through_fit->validation));
  EXPECT_LT(bins, 0.3 * static_cast<double>(before));
  EXPECT_GT(bins, 0.15 * static_cast<double>(before));
  EXPECT_GT(data.spikes, 0);
  EXPECT_EQ(data.through_fit->counts, data.through_own.counts);
  const Split split = make_split(to_.recording, to_.split);
  EXPECT_EQ(tuning_.frames.bins.counts.size(), static_cast<std::size_t>(total(split.test())));
  expect_error(ErrorKind::data, {}, [&] { tune_data(tuning_, 1e-4, {}); });
}

TEST_F(Tune, OfTheOutputIsTheRefitMadePartOfIt) {
  const TuneData data = tune_data(tuning_, 0.3, {});
  const at::Tensor before = network_of(fit_).output.clone();
  const Network tuned = tuned_output(network_of(fit_), *data.through_fit);
  EXPECT_TRUE(at::equal(network_of(fit_).output, before));
  Stepper stepper;
  const ModelDrive drive{drives(stepper, network_of(fit_), data.through_fit->train_tiles), {}};
  std::vector<double> counts;
  for (const Chunk& chunk : data.through_fit->train)
    for (std::int64_t i = 0; i < chunk.length; ++i)
      counts.push_back(data.through_fit->counts[static_cast<std::size_t>(chunk.first_bin + i)]);
  const auto expected = changed_rates(network_of(fit_), drive, refit_output(network_of(fit_), drive, counts));
  const auto found = rates(stepper, tuned, data.through_fit->train_tiles);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); i += 50) EXPECT_NEAR(found[i], expected[i], 1e-4 * (1 + expected[i]));
  Network fitted = clone(network_of(fit_));
  fitted.settings.output = OutputKind::fitted;
  expect_error(ErrorKind::usage, {"no scale"}, [&] { tuned_output(fitted, *data.through_fit); });
}

TEST_F(Tune, OfAllIsNeverWorseOnTheValidationBlocks) {
  const TuneData data = tune_data(tuning_, 0.3, {});
  Stepper stepper;
  const auto loss = [&](const Network& network) {
    return mean_loss(stepper, network, data.through_fit->validation_tiles, data.through_fit->validation_targets);
  };
  const Network all = tuned_all(tuning_, *data.through_fit, {});
  EXPECT_LE(loss(all), loss(tuned_output(network_of(fit_), *data.through_fit)));
}

TEST(TuneSubunits, OutputAndAllLearnFromTheOtherStimulus) {
  const CellFit fit = testing::small_subunits(Shown::white).fits[0];
  const FittedModels& to = small_models(Shown::dead_leaves);
  const TuneCurve curve = fine_tune(fit, to.fits[0].window, to, std::vector<double>{1}, {.threads = 1});
  ASSERT_EQ(curve.points.size(), 4U);
  for (const auto& point : curve.points) EXPECT_TRUE(point.error.empty()) << point.error;
  EXPECT_EQ(curve.points[1].tuned, Tuned::output);
  EXPECT_EQ(curve.points[2].tuned, Tuned::all);
  EXPECT_GT(curve.points[1].score.bits_per_spike, curve.points[0].score.bits_per_spike);
  EXPECT_GT(curve.points[2].score.bits_per_spike, curve.points[0].score.bits_per_spike);
}

TEST_F(Tune, FromNothingForgetsTheOtherStimulus) {
  const TuneData data = tune_data(tuning_, 0.3, {});
  CellFit other = small_models(Shown::white).fits[1];
  other.cell = 0;
  const Tuning another = begin_tuning(other, to_.fits[0].window, to_, {.threads = 1});
  const Network a = untuned(tuning_, data.through_own, {}), b = untuned(another, data.through_own, {});
  const auto of_a = parameters(a), of_b = parameters(b);
  ASSERT_EQ(of_a.size(), of_b.size());
  for (std::size_t i = 0; i < of_a.size(); ++i)
    EXPECT_TRUE(at::equal(*of_a[i].second, *of_b[i].second)) << of_a[i].first;
}

}  // namespace
}  // namespace plexiform
