#include "plexiform/compare/compare_cell.hpp"

#include <gtest/gtest.h>

#include <stop_token>
#include <utility>

#include "compare/compared_cell.hpp"
#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

ComparedCell compared(const HastyFit& of, const Context& context = {}, const ComparisonHooks& hooks = {}) {
  return compare_cell(of.fit, of.recording, of.split, of.frames, of.comparison, 5, context, hooks);
}

TEST(CompareCell, ARowHoldsTheMethodAndWhatItGainsOverLn) {
  CellScore score;
  score.network.bits_per_spike = 0.5;
  score.network.cc = 0.4;
  score.ln.bits_per_spike = 0.375;
  score.bits_gain = {0.1, 0.15};
  const MethodResult row = row_of("stnmf", score);
  EXPECT_EQ(row.method, "stnmf");
  EXPECT_DOUBLE_EQ(row.score.cc, 0.4);
  EXPECT_DOUBLE_EQ(row.gain, 0.125);
  EXPECT_DOUBLE_EQ(row.gain_interval.low, 0.1);
}

TEST(CompareCell, EachRowIsTheScoreOfTheModelThatItsMethodLeft) {
  const HastyFit of = hasty_fit(4000, {"stc"});
  const ComparedCell cell = compared(of);
  ASSERT_EQ(cell.table.methods.size(), 3U);
  EXPECT_EQ(cell.table.methods[0].method, "ln");
  EXPECT_EQ(cell.table.methods[1].method, "cnn");
  EXPECT_EQ(cell.table.methods[2].method, "stc");
  EXPECT_EQ(cell.table.true_subunits, 5);
  const CellScore network = score_cell(of.fit, of.recording, of.frames, 5, {});
  EXPECT_EQ(cell.table.n_spikes, network.n_spikes);
  EXPECT_EQ(cell.table.methods[0].score.bits_per_spike, network.ln.bits_per_spike);
  EXPECT_EQ(cell.table.methods[0].gain, 0);
  EXPECT_EQ(cell.table.methods[1].score.cc, network.network.cc);
  EXPECT_TRUE(cell.table.methods[1].mean_match);
  CellFit stc = of.fit;
  stc.model = cell.methods.at(0).model.value().model;
  const CellScore alone = score_cell(stc, of.recording, of.frames, 5, {});
  EXPECT_EQ(cell.table.methods[2].score.bits_per_spike, alone.network.bits_per_spike);
  EXPECT_EQ(cell.table.methods[2].gain_interval.low, alone.bits_gain.low);
  EXPECT_FALSE(cell.table.methods[2].mean_match);  // its axes are not subunits
}

TEST(CompareCell, AMethodsResultDependsNeitherOnTheMethodsBesideItNorOnThreads) {
  HastyFit of = hasty_fit(4000, {"stc"});
  const ComparedCell alone = compared(of, {.threads = 1});
  of.comparison.methods = {"stc", "soft_clustering"};
  const ComparedCell beside = compared(of, {.threads = 3});
  ASSERT_EQ(beside.methods.size(), 2U);
  EXPECT_EQ(beside.methods[0].method, "soft_clustering");
  EXPECT_EQ(beside.methods[1].method, "stc");
  EXPECT_EQ(beside.methods[1].score.rate, alone.methods[0].score.rate);
  EXPECT_TRUE(beside.table.methods[2].mean_match);
}

// 250 spikes are too few for reveal, which says so.
TEST(CompareCell, AMethodThatFailsLeavesItsErrorInItsRowAndTheOthersContinue) {
  const HastyFit of = hasty_fit(2500, {"reveal", "stc"});
  std::vector<std::string> begun, done;
  ComparisonHooks hooks;
  hooks.begun = [&](const std::string& method) { begun.push_back(method); };
  hooks.done = [&](const MethodResult& row) { done.push_back(row.method + (row.error.empty() ? "" : " failed")); };
  const ComparedCell cell = compared(of, {}, hooks);
  EXPECT_EQ(begun, (std::vector<std::string>{"reveal", "stc"}));
  EXPECT_EQ(done, (std::vector<std::string>{"reveal failed", "stc"}));
  const MethodResult& reveal = cell.table.methods[2];
  EXPECT_NE(reveal.error.find("not enough data"), std::string::npos) << reveal.error;
  EXPECT_FALSE(cell.methods[0].model);
  EXPECT_EQ(cell.methods[0].score.error, reveal.error);
  EXPECT_EQ(cell.revealed.subunits.structure.value().verdict, Verdict::too_little_data);
  EXPECT_TRUE(cell.table.methods[3].error.empty()) << cell.table.methods[3].error;
}

TEST(CompareCell, AnUnknownMethodIsRefusedByName) {
  try {
    methods_named(std::vector<std::string>{"stc", "stnmd"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_STREQ(error.what(), "unknown method 'stnmd'; did you mean 'stnmf'?");
    EXPECT_NE(error.advice().find("known: reveal, gaussians, lnln"), std::string::npos) << error.advice();
  }
}

TEST(CompareCell, ACellWithoutAFitHasItsErrorInEveryRow) {
  const Recording recording = model_cell(1000);
  const ComparedCell cell = cell_without_fit(recording, 0, "no spikes", {});
  ASSERT_EQ(cell.table.methods.size(), 2 + all_methods().size());
  for (const auto& row : cell.table.methods) EXPECT_EQ(row.error, "no spikes") << row.method;
  for (const auto& method : cell.methods) EXPECT_EQ(method.score.error, "no spikes") << method.method;
  EXPECT_EQ(cell.table.true_subunits, 5);
  EXPECT_EQ(cell.revealed.subunits.error, "no spikes");
}

TEST(CompareCell, ARequestToStopEndsIt) {
  const HastyFit of = hasty_fit(2500, {"stc"});
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(compared(of, {.stop = source.get_token()}), Interrupted);
}

}  // namespace
}  // namespace plexiform
