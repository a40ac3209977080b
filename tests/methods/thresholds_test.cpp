// Each threshold of the methods does what it is for.
#include "plexiform/methods/thresholds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "classical/planted.hpp"
#include "plexiform/fit/thresholds.hpp"
#include "plexiform/likelihood/priors.hpp"
#include "plexiform/methods/methods.hpp"
#include "plexiform/methods/readout.hpp"

namespace plexiform {
namespace {

using namespace thresholds::methods;

TEST(LnlnTried, IsEveryNumberStrengthAndNonlinearityOnce) {
  const Settings like = preset_settings("ln");
  const auto all = lnln_tried(like);
  std::set<std::tuple<std::int64_t, double, SubunitNonlinearity>> different;
  for (const Settings& s : all) {
    EXPECT_GE(s.model.filters, kFewestSubunits);
    EXPECT_LE(s.model.filters, kMostSubunits);
    EXPECT_TRUE(s.model.full_window) << "as free as an LN model's filter";
    EXPECT_DOUBLE_EQ(s.train.l1_filter * kWeakerBy, s.train.smooth_filter);
    EXPECT_DOUBLE_EQ(s.train.smooth_temporal * kWeakerBy, s.train.smooth_filter);
    EXPECT_NO_THROW(check_settings(s));
    different.insert({s.model.filters, s.train.smooth_filter, s.model.subunits});
  }
  EXPECT_EQ(different.size(), all.size());
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kMostSubunits - kFewestSubunits + 1) * kLnlnStrengths.size() * 2);
}

TEST(LnlnTried, HasStrengthsThatLnHasToo) {
  for (const double strength : kLnlnStrengths)
    EXPECT_NE(std::ranges::find(thresholds::fit::kLnStrengths, strength), thresholds::fit::kLnStrengths.end());
  EXPECT_EQ(kWeakerBy, thresholds::fit::kWeakerBy);
}

constexpr std::int64_t kSide = 8;

Modules one_module() {
  return {planted::gaussians(kSide, kSide, {{3, 4}}, 1), {}, SubunitNonlinearity::relu, {}};
}

/// How far the fitted softness is from the middle of its prior, in logarithms, where counts are a function of the
/// drive.
double off_usual(const at::Tensor& x, const at::Tensor& counts) {
  const FilteredMovie movie = planted::movie_of(x, counts, kSide, x.size(0) / 10);
  const double mean = counts.narrow(0, 0, x.size(0) - x.size(0) / 10).mean().item<double>();
  return readout_of_modules(one_module(), movie).log_softness - usual_log_softness(mean);
}

TEST(SoftnessSpread, HoldsTheSoftnessWhereCountsSayNothingAndLetsItGoWhereTheyDo) {
  const at::Tensor x = planted::noise(4000, kSide * kSide, 3);
  const at::Tensor drive = x.mv(one_module().filters[0].to(at::kFloat));
  // Counts that have nothing to do with the module: its softness stays near the middle.
  const double free = off_usual(x, planted::counts_of(at::ones({4000}), 0.3, 4));
  EXPECT_LT(std::abs(free), kSoftnessSpread);
  // Counts that are a threshold of the drive, or grow for ever: many spreads away, to both sides.
  const double sharp = off_usual(x, (200 * (drive - 1)).clamp_min(0).round());
  const double soft = off_usual(x, planted::counts_of((2 * drive).exp(), 0.3, 5));
  EXPECT_LT(sharp, -kSoftnessSpread);
  EXPECT_GT(soft, kSoftnessSpread);
  for (const double off : {sharp, soft}) EXPECT_LE(std::abs(off), kSoftnessRange + 1e-6);
}

}  // namespace
}  // namespace plexiform
