// The search on objectives whose maximum is known.
#include "plexiform/likelihood/maximise.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <memory>

#include "base/expect_error.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();

/// -sum (x_i - middle_i)^2 precision_i / 2 - coupling x_0 x_1: quadratic, so that one step is enough.
Objective<> quadratic(const std::vector<double>& middle, double coupling, const std::vector<ParameterLimits>& limits) {
  Objective<> of;
  of.layout.add_block("x", limits);
  of.at = [=](std::span<const double> x, const Context&) {
    Expansion here = empty_expansion(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      here.value -= (x[i] - middle[i]) * (x[i] - middle[i]) / 2;
      here.gradient[i] = middle[i] - x[i];
      here.information.row(static_cast<std::int64_t>(i))[i] = 1;
    }
    here.value -= coupling * x[0] * x[1];
    here.gradient[0] -= coupling * x[1], here.gradient[1] -= coupling * x[0];
    here.information.row(0)[1] = here.information.row(1)[0] = coupling;
    return here;
  };
  return of;
}

/// The log-likelihood of counts whose rates are exp(x), all the same; its maximum is the logarithm of their mean.
Objective<> constant_rate(double counts, double samples, const ParameterLimits& limits = {}) {
  Objective<> of;
  of.layout.add("log rate", limits);
  of.at = [=](std::span<const double> x, const Context&) {
    Expansion here = empty_expansion(1);
    here.value = counts * x[0] - samples * std::exp(x[0]);
    here.gradient[0] = counts - samples * std::exp(x[0]);
    here.information.values[0] = samples * std::exp(x[0]);
    return here;
  };
  return of;
}

/// Only the sum of the two parameters has a likelihood.
Objective<> of_the_sum(double middle) {
  Objective<> of;
  of.layout.add("a");
  of.layout.add("b");
  of.at = [=](std::span<const double> x, const Context&) {
    const double off = middle - x[0] - x[1];
    Expansion here{-50 * off * off, {100 * off, 100 * off}, NdArray<double>({2, 2}, 100)};
    return here;
  };
  return of;
}

/// One parameter, by value and slope, with an information of 1.
Objective<> of_one(const std::function<double(double)>& value, const std::function<double(double)>& slope) {
  Objective<> of;
  of.layout.add("place");
  of.at = [=](std::span<const double> x, const Context&) {
    return Expansion{value(x[0]), {slope(x[0])}, NdArray<double>({1, 1}, 1)};
  };
  return of;
}

RC_GTEST_PROP(Maximise, FindsTheRateOfCounts, ()) {
  const double mean = *rc::gen::inRange(1, 2000) / 100.0, start = *rc::gen::inRange(-60, 60) / 10.0;
  const Maximum<> best = maximise(constant_rate(1000 * mean, 1000), {start}, {1e-9, 200}, {1});
  RC_ASSERT(best.converged());
  // By as much as the promise leaves open: samples * mean * error^2 / 2.
  RC_ASSERT(std::abs(best.parameters[0] - std::log(mean)) < 3 * std::sqrt(2 * 1e-9 / (1000 * mean)));
  RC_ASSERT(best.point.value == constant_rate(1000 * mean, 1000).at(best.parameters, {1}).value);
}

TEST(Maximise, AStartAtTheMaximumTakesNoStep) {
  const Maximum<> best = maximise(constant_rate(30, 10), {std::log(3.0)}, {1e-9, 200}, {1});
  EXPECT_TRUE(best.converged());
  EXPECT_EQ(best.steps, 0);
  EXPECT_EQ(best.evaluations, 1);
  EXPECT_EQ(best.parameters[0], std::log(3.0));
}

TEST(Maximise, TheToleranceIsWhatMayBeMissing) {
  const Objective<> of = constant_rate(3000, 1000);
  const double top = 3000 * std::log(3.0) - 3000;
  int steps = 0;
  for (const double tolerance : {10.0, 0.1, 1e-3, 1e-6}) {
    const Maximum<> best = maximise(of, {4}, {tolerance, 200}, {1});
    EXPECT_TRUE(best.converged());
    EXPECT_LT(best.promise, tolerance);
    EXPECT_LT(top - best.point.value, 2 * tolerance);
    EXPECT_GE(best.steps, steps);
    steps = best.steps;
  }
}

TEST(Maximise, AParameterThatWouldLeaveItsBoundIsHeldAndTheOthersMakeTheBestOfIt) {
  // Without bounds x_0 would be negative; at 0 the best of x_1 is its own middle.
  const Objective<> of = quadratic({-1, 2}, 0.5, {kNonNegative, {}});
  const Maximum<> best = maximise(of, {1, 0}, {1e-12, 50}, {1});
  EXPECT_TRUE(best.converged());
  EXPECT_EQ(best.parameters[0], 0);
  EXPECT_NEAR(best.parameters[1], 2, 1e-6);
}

TEST(Maximise, AParameterAtItsBoundLeavesItWhereThatGains) {
  const Objective<> of = quadratic({1, 2}, 0, {kNonNegative, kNonNegative});
  const Maximum<> best = maximise(of, {0, 0}, {1e-12, 50}, {1});
  EXPECT_NEAR(best.parameters[0], 1, 1e-6);
  EXPECT_NEAR(best.parameters[1], 2, 1e-6);
}

TEST(Maximise, AStartOutOfBoundsBeginsAtTheBound) {
  std::vector<double> first;
  Objective<> of = quadratic({-1, 2}, 0, {kNonNegative, {}});
  of.at = [&first, at = of.at](std::span<const double> x, const Context& context) {
    if (first.empty()) first.assign(x.begin(), x.end());
    return at(x, context);
  };
  maximise(of, {-3, 1}, {}, {1});
  EXPECT_EQ(first, (std::vector<double>{0, 1}));
}

TEST(Maximise, NoTryIsFartherThanTheLongestStepNorOutOfBounds) {
  std::vector<std::vector<double>> tried;
  Objective<> of = quadratic({10, -10}, 0, {{-kInfinity, 7.25, 0.5, 0}, {-4, kInfinity, 3, 0}});
  of.at = [&tried, at = of.at](std::span<const double> x, const Context& context) {
    tried.emplace_back(x.begin(), x.end());
    return at(x, context);
  };
  const Maximum<> best = maximise(of, {0, 0}, {}, {1});
  EXPECT_TRUE(best.converged());
  EXPECT_EQ(best.parameters, (std::vector<double>{7.25, -4}));
  ASSERT_GT(tried.size(), 14u);
  for (std::size_t i = 1; i < tried.size(); ++i) {
    EXPECT_LE(std::abs(tried[i][0] - tried[i - 1][0]), 0.5);
    EXPECT_LE(std::abs(tried[i][1] - tried[i - 1][1]), 3);
    EXPECT_LE(tried[i][0], 7.25);
    EXPECT_GE(tried[i][1], -4);
  }
}

TEST(Maximise, AParameterWithoutAStepStaysAtItsStart) {
  const Objective<> of = quadratic({10, -10}, 0.5, {{-kInfinity, kInfinity, 0, 0}, {}});
  const Maximum<> best = maximise(of, {3, 0}, {1e-12, 50}, {1});
  EXPECT_TRUE(best.converged());
  EXPECT_EQ(best.parameters[0], 3);
  EXPECT_NEAR(best.parameters[1], -11.5, 1e-6);
}

TEST(Maximise, AStepLeavesTheShareThatIsToBeKept) {
  std::vector<double> tried;
  Objective<> of = quadratic({-1, 0}, 0, {{0, kInfinity, kInfinity, 0.1}, {}});
  of.at = [&tried, at = of.at](std::span<const double> x, const Context& context) {
    tried.push_back(x[0]);
    return at(x, context);
  };
  const Maximum<> best = maximise(of, {1, 0}, {1e-4, 50}, {1});
  EXPECT_NEAR(best.parameters[0], 0, 1e-3);
  for (std::size_t i = 1; i < tried.size(); ++i) EXPECT_GE(tried[i], 0.1 * tried[i - 1] * (1 - 1e-12));
}

TEST(Maximise, ARidgeEnds) {
  for (const double start : {0.0, 3.0, -1e6}) {
    const Maximum<> best = maximise(of_the_sum(5), {start, 1}, {1e-9, 50}, {1});
    EXPECT_TRUE(best.converged()) << start;
    EXPECT_LT(best.steps, 20);
    EXPECT_NEAR(best.parameters[0] + best.parameters[1], 5, 1e-4) << start;
  }
}

TEST(Maximise, AParameterThatNothingTellsAboutStaysWhereItIs) {
  Objective<> of = constant_rate(30, 10);
  of.layout.add("idle");
  of.at = [at = of.at](std::span<const double> x, const Context& context) {
    const Expansion one = at(x.first(1), context);
    Expansion two = empty_expansion(2);
    two.value = one.value, two.gradient[0] = one.gradient[0], two.information.values[0] = one.information.values[0];
    return two;
  };
  const Maximum<> best = maximise(of, {-2, 0.7}, {1e-9, 50}, {1});
  EXPECT_TRUE(best.converged());
  EXPECT_EQ(best.parameters[1], 0.7);
  EXPECT_NEAR(best.parameters[0], std::log(3.0), 1e-4);
}

TEST(Maximise, AnInformationThatIsFarTooSmallOnlyMakesStepsShorter) {
  // The curvature is 1000 times what the information says.
  const Maximum<> best =
      maximise(of_one([](double x) { return -500 * (x - 2) * (x - 2); }, [](double x) { return -1000 * (x - 2); }), {0},
               {1e-6, 200}, {1});
  EXPECT_NEAR(best.parameters[0], 2, 1e-3);
}

TEST(Maximise, AKinkThatPromisesWithoutEndEndsTheSearch) {
  const Maximum<> best =
      maximise(of_one([](double x) { return -std::abs(x - 0.3); }, [](double x) { return x > 0.3 ? -1.0 : 1.0; }), {5},
               {1e-3, 1000}, {1});
  EXPECT_EQ(best.end, SearchEnd::stuck);
  EXPECT_NEAR(best.parameters[0], 0.3, 0.01);
  EXPECT_LT(best.evaluations, 200);
}

TEST(Maximise, ATryThatIsNotFiniteTurnsBack) {
  // The first step would go to 9, where there is nothing.
  const auto value = [](double x) { return x < 4 ? -(x - 3) * (x - 3) : kNan; };
  const Maximum<> best = maximise(of_one(value, [](double x) { return x < 4 ? -2 * (x - 3) : kNan; }), {-3}, {}, {1});
  EXPECT_NEAR(best.parameters[0], 3, 0.02);
}

TEST(Maximise, EndsEarlyWhereItIsHopeless) {
  const Objective<> of = constant_rate(3000, 1000);
  const double top = 3000 * std::log(3.0) - 3000;
  const Maximum<> hopeless = maximise(of, {2}, {1e-6, 200, top + 1e5}, {1});
  EXPECT_EQ(hopeless.end, SearchEnd::hopeless);
  EXPECT_EQ(hopeless.steps, 0);
  const Maximum<> hopeful = maximise(of, {2}, {1e-6, 200, top - 1}, {1});
  EXPECT_TRUE(hopeful.converged());
}

TEST(Maximise, TakesNoMoreStepsThanItMay) {
  const Maximum<> best = maximise(constant_rate(3000, 1000), {5}, {1e-9, 2}, {1});
  EXPECT_EQ(best.end, SearchEnd::most_steps);
  EXPECT_EQ(best.steps, 2);
  EXPECT_GT(best.promise, 1e-9);
}

TEST(Maximise, WhatIsNotFiniteNamesItsParameter) {
  Objective<> of = quadratic({1, 2, 3}, 0, std::vector<ParameterLimits>(3));
  expect_error(ErrorKind::numeric, {"'x 1'", "nan"}, [&] { maximise(of, {0, kNan, 0}, {}, {1}); });
  const auto plain = of.at;
  of.at = [=](std::span<const double> x, const Context& context) {
    Expansion here = plain(x, context);
    here.gradient[2] = kInfinity;
    return here;
  };
  expect_error(ErrorKind::numeric, {"'x 2'", "at 0.5", "inf"}, [&] { maximise(of, {0, 0, 0.5}, {}, {1}); });
  of.at = [=](std::span<const double> x, const Context& context) {
    Expansion here = plain(x, context);
    here.value = -kInfinity;
    return here;
  };
  expect_error(ErrorKind::numeric, {"log-likelihood is -inf", "'x 0' = 4, 'x 1' = 0, 'x 2' = 0.5"}, [&] {
    maximise(of, {4, 0, 0.5}, {}, {1});
  });
}

TEST(Maximise, ARequestToStopIsHeard) {
  std::stop_source stop;
  Objective<> of = constant_rate(3000, 1000);
  of.at = [&stop, at = of.at](std::span<const double> x, const Context& context) {
    stop.request_stop();
    return at(x, context);
  };
  Context context{1};
  context.stop = stop.get_token();
  EXPECT_THROW(maximise(of, {5}, {}, context), Interrupted);
}

TEST(Maximise, AStartOfAnotherLengthIsOurMistake) {
  EXPECT_THROW(maximise(constant_rate(1, 1), {1, 2}, {}, {1}), InternalError);
}

/// What an objective knows beside the expansion comes back from the maximum itself, without another evaluation.
TEST(Maximise, KeepsWhatTheObjectiveKnowsOfTheMaximum) {
  struct WithBlocks : Expansion {
    std::vector<double> blocks;
  };
  const Objective<> plain = constant_rate(30, 10);
  Objective<WithBlocks> of;
  of.layout = plain.layout;
  int calls = 0;
  of.at = [&](std::span<const double> x, const Context& context) {
    ++calls;
    return WithBlocks{plain.at(x, context), {x[0], 2 * x[0]}};
  };
  const Maximum<WithBlocks> best = maximise(of, {-1}, {1e-9, 50}, {1});
  EXPECT_EQ(best.point.blocks, (std::vector<double>{best.parameters[0], 2 * best.parameters[0]}));
  EXPECT_EQ(calls, best.evaluations);
}

}  // namespace
}  // namespace plexiform
