// The way through the whole house on model cells: layouts and seeds outside of those that documents report.
#include <gtest/gtest.h>

#include "fit/small_recording.hpp"
#include "plexiform/evaluate/recovery.hpp"
#include "plexiform/network_map/reveal_fit.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

struct Result {
  SubunitNonlinearity nonlinearity;
  CellSubunits cell;
};

Result revealed(const SmallFit& f, bool quick) {
  auto fits = network_trainings(f.data, f.look, f.settings, 1);
  train(fits, f.data, 1, 2, {});
  CellFit fit;
  fit.model = fits[best_of(fits, f.data)].state.best;
  fit.ln = initial_network(f.data, f.look, preset_settings("ln").model, StartFrom::average, 1, 0);
  fit.window.window = whole(f.recording.stimulus->shape());
  fit.window.centre = {8, 8};
  RevealFitSettings settings;
  settings.reveal.quick = quick;
  CellSubunits cell = reveal_fit(fit, f.recording, f.split, settings, 0, {.threads = 2}).subunits;
  compare_with_truth(cell, f.recording);
  return {cell.nonlinearity, cell};
}

TEST(Recovery, FiveSubunitsFromThreeThousandSpikes) {
  Settings s;
  s.train.passes = 30;
  // The verdict on relu is that of tests/cli/demo.txt.
  for (const bool quick : {true, false}) {
    const auto truth = quick ? SubunitNonlinearity::relu : SubunitNonlinearity::half_squared;
    SCOPED_TRACE(to_string(truth));
    const auto cell = revealed(small_fit("mosaic5", 30'000, s, truth), quick).cell;
    EXPECT_EQ(cell.subunits.size(), 5U);
    EXPECT_GT(*cell.mean_match, 0.98);
    if (!quick) {
      EXPECT_EQ(cell.structure->verdict, Verdict::structured);
    }
  }
}

TEST(Recovery, ValidationTellsReluFromSquaresFromTenThousandSpikes) {
  Settings s;
  s.train.passes = 10;
  for (const auto truth : {SubunitNonlinearity::relu, SubunitNonlinearity::half_squared})
    EXPECT_EQ(revealed(small_fit("mosaic5", 100'000, s, truth), true).nonlinearity, truth) << to_string(truth);
}

TEST(Recovery, SquaringSubunitsThatLeaveNoAverage) {
  Settings s;
  s.train.passes = 30;
  s.train.starts = 1;
  s.train.try_subunits = false;
  s.model.subunits = SubunitNonlinearity::squared;
  const auto f = small_fit("mosaic5", 30'000, s, SubunitNonlinearity::squared);
  ASSERT_TRUE(f.look.empty);
  EXPECT_GT(*revealed(f, true).cell.mean_match, 0.8);
}

}  // namespace
}  // namespace plexiform
