#include "plexiform/reveal/search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "reveal/planted.hpp"

namespace plexiform::reveal {
namespace {

constexpr std::size_t kLags = 6;
const Noise kNoise{10, 6000, 1, true};

Model cell(std::vector<Part> parts, double offset = -0.2) {
  return model_of(bumps(2, kLags), std::move(parts), offset, 0.06);
}
Part on(double x, double y, double weight = 0.5) {
  return part_of(round_gaussian(x, y, 1.1), {weight, 0});
}

/// A search that has got as far as a model.
struct Begun {
  Movie movie;
  SearchSettings settings;
  Context context{.threads = 1};
  Search search{movie, settings, context, {}, {}, {}, {}};

  Begun(const Model& truth, const Model& start, const Noise& noise, std::uint64_t seed)
      : movie(planted_movie(truth, noise, seed)) {
    search.best = fitted(search, start, Care::fine, -1e300);
  }
  Begun(const Begun&) = delete;
  const Model& model() const { return search.best.model; }
};

TEST(Grow, AddsAMissingSubunitOfEitherSignAndThenNothing) {
  for (const int sign : {1, -1}) {
    Part second = sign > 0 ? on(6.8, 5.2) : part_of(round_gaussian(4.2, 4.6, 1.8), {0, 0.6}, -1);
    const Model truth = cell({on(3, 3.4), on(5.2, 6.6), second});
    Begun begun(truth, without_part(truth, 2), {10, 10'000, 1, true}, 1);
    ASSERT_TRUE(grow(begun.search, Care::fine));
    EXPECT_EQ(begun.model().parts.size(), 3U);
    const auto found = matched(begun.model(), truth, {10, 10}, 0.8);
    EXPECT_TRUE(std::ranges::all_of(found, [](int i) { return i >= 0; })) << sign;
    EXPECT_FALSE(grow(begun.search, Care::fine)) << sign;
    EXPECT_TRUE(begun.search.tried.front().taken);
    EXPECT_GT(begun.search.tried.front().gain.nats, 0);
  }
}

TEST(Grow, SplitsOneThatIsTwo) {
  const Model truth = cell({on(3.4, 4.5), on(6.2, 4.9)});
  Model start = cell({part_of({4.8, 4.7, 0.6, 0.2, 0}, {0.8, 0})});
  Begun begun(truth, start, kNoise, 2);
  while (grow(begun.search, Care::fine)) continue;
  EXPECT_EQ(begun.model().parts.size(), 2U);
  EXPECT_TRUE(std::ranges::all_of(matched(begun.model(), truth, {10, 10}), [](int i) { return i >= 0; }));
}

TEST(Grow, EndsAtTheMostAndKeepsToWhatItMayFind) {
  const Model truth = cell({on(3, 3.4), on(6.8, 5.2), part_of(round_gaussian(4.6, 4.4, 1.8), {0, 0.6}, -1)});
  Begun begun(truth, cell({truth.parts[0]}), kNoise, 3);
  begun.settings.most_parts = 1;
  EXPECT_FALSE(grow(begun.search, Care::fine));
  begun.settings.most_parts = 40, begun.settings.suppression = begun.settings.both_polarities = false;
  while (grow(begun.search, Care::fine)) continue;
  for (const auto& part : begun.model().parts) EXPECT_TRUE(part.sign > 0 && !part.even());
}

TEST(Shrink, DropsWhatIsNotThereAndJoinsOneThatWasCut) {
  const Model truth = cell({on(3, 3.4), on(6.8, 5.2)});
  Model start = truth;
  start.parts.push_back(on(2.5, 8, 0.03));
  Begun much(truth, start, kNoise, 4);
  shrink(much.search);
  EXPECT_EQ(much.model().parts.size(), 2U);
  start = truth;
  start.parts[0] = on(3.3, 3.4, 0.25), start.parts.push_back(on(2.7, 3.4, 0.25));
  Begun cut(truth, start, kNoise, 5);
  shrink(cut.search);
  EXPECT_EQ(cut.model().parts.size(), 2U);
  Begun right(truth, truth, kNoise, 6);
  shrink(right.search);
  EXPECT_EQ(right.model().parts.size(), 2U) << "what is there stays";
}

TEST(Shrink, OneThatOnlyMakesItsOppositesOneSidedGoes) {
  // Suppression by one polarity, told as suppression by both and excitation by the other.
  const Part against = part_of(round_gaussian(4.6, 4.8, 1.8), {0, 0.5}, -1);
  const Model truth = cell({on(3, 3.4), on(6.2, 6.4), against}, 0.15);
  Model start = truth;
  start.parts[2].response = Response::even;
  start.parts.push_back(part_of(round_gaussian(4.6, 4.8, 1.8), {0, -0.5}));
  Begun both(truth, start, {10, 10'000, 1, true}, 7);
  shrink(both.search);
  ASSERT_EQ(both.model().parts.size(), 3U);
  EXPECT_EQ(both.model().parts[2].response, Response::rectified);
  const auto found = matched(both.model(), truth, {10, 10}, 0.8);
  EXPECT_TRUE(std::ranges::all_of(found, [](int i) { return i >= 0; }));
}

TEST(Shrink, AHalfStaysWhereItPaysAsASplitMust) {
  // What a split takes is not dropped again by a higher bar.
  const Model truth = cell({on(3, 3.4), on(4.6, 3.6, 0.5), on(6.8, 6.4)});
  for (const std::uint64_t seed : {8, 9, 10}) {
    Begun begun(truth, truth, {10, 5000, 1, true}, seed);
    for (int round = 0; round < 3 && grow(begun.search, Care::fine); ++round) shrink(begun.search);
    int dropped = 0;
    for (const auto& change : begun.search.tried) dropped += change.taken && change.what.starts_with("drop") ? 1 : 0;
    EXPECT_EQ(dropped, 0) << seed;
  }
}

TEST(JoinInside, TwoGaussiansOfOneRectifierAreOneSubunitAndTwoSubunitsStayTwo) {
  Part dumbbell = on(3.4, 4.5);
  dumbbell.shape.inner = {{0.9, 6.2, 4.9, std::log(1.1)}};
  const Model one = cell({dumbbell, on(5, 8)}), two = cell({on(3.4, 4.5), on(5.2, 4.9), on(5, 8)});
  Model start = two;
  start.parts[1].shape.centre.x = 6.2;
  for (auto& part : start.parts) part.mix[0] *= 0.7;
  Begun inside(one, start, {10, 10'000, 1, true}, 7);
  inside.search.best = fitted(inside.search, start, Care::fine, -1e300);
  EXPECT_TRUE(join_inside(inside.search));
  EXPECT_EQ(inside.model().parts.size(), 2U);
  Begun apart(two, two, {10, 10'000, 1, true}, 8);
  EXPECT_FALSE(join_inside(apart.search));
  EXPECT_EQ(apart.model().parts.size(), 3U);
}

TEST(AddInner, GivesASubunitItsShapeAndARoundOneNothing) {
  Part hooked = on(3.8, 4.5);
  hooked.shape.inner = {{0.8, 5.6, 5.7, std::log(0.9)}};
  Begun begun(cell({hooked}), cell({on(3.8, 4.5)}), {10, 12'000, 1, true}, 9);
  EXPECT_TRUE(add_inner(begun.search));
  EXPECT_FALSE(begun.model().parts[0].shape.inner.empty());
  Begun round_one(cell({on(3.8, 4.5)}), cell({on(3.8, 4.5)}), kNoise, 10);
  EXPECT_FALSE(add_inner(round_one.search));
}

TEST(AddSurround, IsTakenWhereThereIsOne) {
  for (const bool there : {true, false}) {
    Model truth = cell({on(3.6, 4), on(6, 5.6)});
    Model start = truth;
    if (there) truth.surround = Surround{0.5, 0.8};
    Begun begun(truth, start, {10, 10'000, 1, true}, 11);
    EXPECT_EQ(add_surround(begun.search), there);
    EXPECT_EQ(begun.model().surround.has_value(), there);
    EXPECT_NEAR(begun.model().surround.value_or(Surround{}).strength, there ? 0.5 : 0, 0.2);
    EXPECT_FALSE(add_surround(begun.search)) << "once";
  }
}

TEST(JoinPolarities, TwinsThatAreOneAreToldAsOne) {
  Part even = on(4.2, 4.8);
  even.response = Response::even;
  const Model one = cell({even});
  Model twins = cell({on(4.2, 4.8), on(4.2, 4.8, -0.5)});
  Begun begun(one, twins, kNoise, 12);
  EXPECT_TRUE(join_polarities(begun.search));
  ASSERT_EQ(begun.model().parts.size(), 1U);
  EXPECT_TRUE(begun.model().parts[0].even());
  EXPECT_FALSE(join_polarities(begun.search));
  begun.settings.both_polarities = false;
  begun.search.best = fitted(begun.search, twins, Care::fine, -1e300);
  EXPECT_FALSE(join_polarities(begun.search)) << "where it may not";
}

TEST(JoinPolarities, AnOnAndAnOffSubunitOfUnequalWeightStayTwo) {
  const Model truth = cell({on(4.2, 4.8, 0.6), on(4.6, 4.8, -0.25)});
  Begun begun(truth, truth, kNoise, 13);
  EXPECT_FALSE(join_polarities(begun.search));
  EXPECT_EQ(begun.model().parts.size(), 2U);
}

TEST(FreePower, IsTakenWhereSubunitsAreNotRectifiersOnly) {
  for (const bool squares : {true, false}) {
    Model truth = cell({on(3.6, 4, 0.4), on(6, 5.6, 0.4)}), start = truth;
    if (squares) truth.log_power.value = std::log(2.0);
    Begun begun(truth, start, kNoise, 14);
    EXPECT_EQ(free_power(begun.search), squares);
    EXPECT_EQ(begun.model().log_power.free, squares);
    EXPECT_NEAR(std::exp(begun.model().log_power.value), squares ? 2 : 1, 0.5);
  }
}

TEST(FreeExpansion, IsTakenWhereTheOutputExpands) {
  for (const bool expands : {true, false}) {
    Model truth = cell({on(3.6, 4, 0.6), on(6, 5.6, 0.6)}, -0.1), start = truth;
    if (expands) truth.log_expansion.value = std::log(2.0);
    Begun begun(truth, start, {10, 10'000, 1, true}, 15);
    EXPECT_EQ(free_expansion(begun.search), expands);
    EXPECT_EQ(begun.model().log_expansion.free, expands);
  }
}

TEST(AddCovariates, AreTakenWhereTheyExplainAndLeftWhereTheyDoNot) {
  const Model truth = cell({on(3.6, 4), on(6, 5.6)});
  for (const bool drifts : {true, false}) {
    Begun begun(truth, truth, kNoise, 16);
    auto rates = model_rates(truth, begun.search.seen(), begun.context);
    const Covariates drift = drift_covariates(begun.movie);
    for (std::size_t t = 0; t < rates.size() && drifts; ++t) rates[t] *= std::exp(0.4F * drift.rows[0][t]);
    redraw(begun.movie, rates, 17);
    begun.search.best = fitted(begun.search, truth, Care::fine, -1e300);
    EXPECT_EQ(add_covariates(begun.search, drift, "drift"), drifts);
    EXPECT_EQ(begun.search.covariates.rows.size(), drifts ? drift.rows.size() : 0);
    EXPECT_EQ(begun.model().gains.size(), begun.search.covariates.rows.size());
    EXPECT_TRUE(!drifts || std::abs(begun.model().gains[0] - 0.4) < 0.12);
  }
}

TEST(RenewDivisive, IsThatOfThePresentModel) {
  const Model truth = cell({on(3.6, 4), on(6, 5.6)});
  Begun begun(truth, truth, kNoise, 18);
  auto stale = divisive_covariate(begun.movie, std::vector<float>(begun.movie.padded_frames(), 0.1F));
  begun.search.covariates = joined(history_covariates(begun.movie), stale);
  Model with = begun.model();
  with.gains.assign(begun.search.covariates.rows.size(), 0.0);
  begun.search.best = fitted(begun.search, with, Care::fine, -1e300);
  Model bare = begun.model();
  bare.gains.clear();
  const auto expected = divisive_covariate(begun.movie, model_rates(bare, begun.search.seen(), begun.context));
  renew_divisive(begun.search);
  EXPECT_EQ(begun.search.covariates.rows.back(), expected.rows[0]);
  EXPECT_EQ(begun.search.covariates.rows.front(), history_covariates(begun.movie).rows.front()) << "others stay";
}

TEST(RefitBasis, IsTakenWhereAnotherPays) {
  const Model truth = cell({on(3.6, 4), part_of(round_gaussian(6, 5.6, 1.1), {0, 0.5})});
  Model start = truth;
  start.basis = bumps(1, kLags);
  start.parts[0].mix = {0.5}, start.parts[1].mix = {0.1};
  Begun begun(truth, start, kNoise, 19);
  begun.settings.functions = 4;
  EXPECT_TRUE(refit_basis(begun.search));
  EXPECT_EQ(begun.model().basis.count(), 2U);
  EXPECT_GT(begun.search.tried.back().gain.nats, 20);
}

}  // namespace
}  // namespace plexiform::reveal
