#include "plexiform/study/compare.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "plexiform/study/methods.hpp"

namespace plexiform {
namespace {

CellScore score() {
  CellScore s;
  s.network.bits_per_spike = 0.5;
  s.network.cc = 0.4;
  s.ln.bits_per_spike = 0.375;
  s.bits_gain = {0.1, 0.15};
  return s;
}

TEST(Compare, ARowHoldsTheMethodAndWhatItGainsOverLn) {
  const MethodResult row = row_of("stnmf", score());
  EXPECT_EQ(row.method, "stnmf");
  EXPECT_DOUBLE_EQ(row.score.cc, 0.4);
  EXPECT_DOUBLE_EQ(row.gain, 0.125);
  EXPECT_DOUBLE_EQ(row.gain_interval.low, 0.1);
}

TEST(Compare, AFailedMethodLeavesItsErrorInItsPlace) {
  CellScore failed;
  failed.error = "nothing";
  Comparison all;
  all.scored_on = "test block";
  all.cells.push_back({0, "cell", 10, std::nullopt, {row_of("ln", score()), row_of("stnmf", failed)}});
  const std::string json = to_json(all);
  EXPECT_NE(json.find("\"error\":\"nothing\",\"method\":\"stnmf\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"bits_gain\":0.125"), std::string::npos) << json;
}

TEST(Compare, ModulesAreMatchedWhereTheirWindowLies) {
  Circuit truth;
  truth.spatial = NdArray<float>({2, 4, 5});
  truth.weight = NdArray<float>({2}, 1);
  truth.spatial.row(0)[1 * 5 + 2] = 1;
  truth.spatial.row(1)[3 * 5 + 4] = 1;
  at::Tensor modules = at::zeros({1, 4}, at::kDouble);
  modules[0][0] = 1;  // of a window whose first pixel is row 1, column 2
  const Recovery recovery = recovery_of_modules(modules, {1, 2, 2, 2}, truth);
  EXPECT_EQ(recovery.found, 1);
  EXPECT_NEAR(recovery.mean_match, 0.5, 1e-6);
  const Recovery elsewhere = recovery_of_modules(modules, {0, 0, 2, 2}, truth);
  EXPECT_EQ(elsewhere.found, 0);
}

}  // namespace
}  // namespace plexiform
