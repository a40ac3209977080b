#include "plexiform/reveal/structure.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/stimulus/stored.hpp"

namespace plexiform::reveal {
namespace {

constexpr std::int64_t kSide = 8, kLags = 8;

std::vector<double> gaussian(double x, double y, double size) {
  std::vector<double> w(kSide * kSide);
  unit_gaussian({x, y, std::log(size), std::log(size), 0}, {kSide, kSide}, w);
  return w;
}

/// A cell that sums what `output` makes of each filter's view, which has a standard deviation of 1.
struct Planted {
  std::vector<std::vector<double>> filters;
  double (*part)(double);
  double (*output)(double);
  double rate = 0.2;      ///< spikes per frame
  std::int64_t held = 1;  ///< frames that an image stays
  std::int64_t frames = 8000;
};

Planted linear_cell() {
  return {{gaussian(3.5, 3.8, 1.2)}, [](double x) { return x; }, [](double x) { return std::max(x - 0.3, 0.0); }};
}
Planted u_shaped_cell() {
  return {{gaussian(3.5, 3.8, 1.2)}, [](double x) { return x; }, [](double x) { return x * x; }};
}
Planted two_subunits() {
  return {{gaussian(2, 3.5, 0.9), gaussian(5, 3.5, 0.9)},
          [](double x) { return std::max(x, 0.0); },
          [](double x) { return std::max(x - 0.4, 0.0); }};
}

double of_lag(std::int64_t l) {
  return l < 3 ? 0.5 * static_cast<double>(l + 1) : -0.25 * static_cast<double>(kLags - l) / 2;
}

Movie movie_of(const Planted& cell, std::uint64_t seed) {
  const CounterRandom noise(seed, 0), spikes(seed, 1);
  const auto pixels = kSide * kSide;
  NdArray<float> shown({cell.frames, 1, kSide, kSide});
  for (std::int64_t t = 0; t < cell.frames; ++t)
    for (std::int64_t p = 0; p < pixels; ++p)
      shown.values[static_cast<std::size_t>(t * pixels + p)] =
          static_cast<float>(noise.normal(static_cast<std::uint64_t>(t / cell.held * pixels + p)));
  std::vector<double> rate(static_cast<std::size_t>(cell.frames), 0.0);
  for (const auto& filter : cell.filters) {
    std::vector<double> through, view(rate.size(), 0.0);
    for (std::size_t t = 0; t < rate.size(); ++t)
      through.push_back(std::inner_product(filter.begin(), filter.end(),
                                           shown.values.begin() + static_cast<std::ptrdiff_t>(t) * pixels, 0.0));
    double squares = 0;
    for (std::size_t t = kLags; t < rate.size(); ++t) {
      for (std::int64_t l = 0; l < kLags; ++l) view[t] += of_lag(l) * through[t - static_cast<std::size_t>(l)];
      squares += view[t] * view[t];
    }
    const double spread = std::sqrt(squares / static_cast<double>(rate.size()));
    for (std::size_t t = 0; t < rate.size(); ++t) rate[t] += cell.part(view[t] / spread);
  }
  for (double& r : rate) r = cell.output(r);
  const double mean = std::accumulate(rate.begin(), rate.end(), 0.0) / static_cast<double>(rate.size());
  Recording recording;
  recording.frame_rate = 30;
  recording.counts = NdArray<std::int32_t>({1, cell.frames});
  for (std::size_t t = kLags; t < rate.size(); ++t)
    recording.counts.values[t] = static_cast<std::int32_t>(spikes.poisson(t, cell.rate * rate[t] / mean));
  recording.stimulus = memory_stimulus(std::move(shown));
  recording.segments = {{.start = 0, .length = cell.frames, .first_frame = 0, .history_begin = 0}};
  SplitSettings settings;
  settings.lags = kLags, settings.test.frames = 0;
  return read_movie(recording, 0, {0, 0, kSide, kSide}, kLags, make_split(recording, settings), {.threads = 2});
}

OneFilterTest tested(const Movie& movie, const OneFilterSettings& settings = {}, int threads = 2) {
  const Context context{.threads = threads};
  return test_one_filter(movie, first_basis(movie, 2, 5, context), settings, 7, context);
}

TEST(Structure, OneFilterIsNoStructureWhateverItsOutput) {
  // An error rate of one in a hundred each.
  for (const auto& cell : {linear_cell(), u_shaped_cell()}) {
    const auto test = tested(movie_of(cell, 201));
    EXPECT_EQ(test.cannot, "");
    EXPECT_FALSE(test.structured()) << "z " << test.z << ", p " << test.p;
    EXPECT_GT(test.p, thresholds::kStructureAlpha);
    EXPECT_GT(test.visible_bits, test.effect_bits);
  }
}

TEST(Structure, TwoSubunitsAreSeen) {
  const auto test = tested(movie_of(two_subunits(), 201));
  EXPECT_TRUE(test.structured());
  EXPECT_GT(test.z, *std::ranges::max_element(test.null) + 1);
  EXPECT_LT(test.p, 1e-4);
  EXPECT_GE(test.p, thresholds::kLeastP);
  EXPECT_GT(test.effect_bits, test.visible_bits);
  EXPECT_EQ(test.null.size(), 199U);
}

TEST(Structure, CountsExchangedWithinBinsOfAllFramesHideIt) {
  // The twin that fails: counts that have been exchanged once among frames of one drive tell of one number only.
  Movie movie = movie_of(two_subunits(), 201);
  const Context context{.threads = 2};
  const BasisFound basis = first_basis(movie, 2, 5, context);
  FramesSeen seen;
  std::vector<float> counts;
  for (std::size_t b = 0; b < movie.blocks.size(); ++b) {
    seen.blocks.push_back(b);
    for (std::size_t t = movie.blocks[b].begin; t < movie.blocks[b].begin + movie.blocks[b].length; ++t)
      if (movie.use[t] > 0) seen.frames.push_back(static_cast<std::uint32_t>(t)), counts.push_back(movie.counts[t]);
  }
  seen.spikes = movie.spikes();
  const OneFilter filter = fit_one_filter(movie, basis.basis, seen, context);
  const DriveBins bins = bins_of(filter.drive, 50, 1000000);
  const auto source = exchanges(bins, counts, 1, 3, context)[1];
  for (std::size_t b = 0; b < bins.count(); ++b)
    for (auto r = bins.first[b]; r < bins.first[b + 1]; ++r)
      movie.counts[seen.frames[bins.order[r]]] = counts[bins.order[bins.first[b] + source[r]]];
  EXPECT_FALSE(test_one_filter(movie, basis, {}, 7, context).structured());
}

TEST(Structure, TheSameOnAnyNumberOfThreads) {
  const Movie movie = movie_of(two_subunits(), 202);
  const auto one = tested(movie, {}, 1), three = tested(movie, {}, 3);
  EXPECT_EQ(one.z, three.z);
  EXPECT_EQ(one.p, three.p);
  EXPECT_EQ(one.null, three.null);
}

TEST(Structure, TheVerdictIsThatOfItsP) {
  OneFilterTest test;
  for (const double p : {0.0, 0.005, 0.01, 0.0101, 0.5, 1.0}) {
    test.p = p;
    EXPECT_EQ(test.structured(), p <= test.alpha) << p;
  }
}

TEST(Structure, SaysWhatCannotBeTested) {
  Planted cell = linear_cell();
  cell.rate = 0.01;
  EXPECT_EQ(tested(movie_of(cell, 201)).cannot.substr(0, 14), "too few spikes");
  cell = linear_cell();
  cell.held = 3;
  EXPECT_NE(tested(movie_of(cell, 201)).cannot.find("the same as the one before"), std::string::npos);
  cell = linear_cell();
  cell.output = [](double) { return 1.0; };
  const auto nothing = tested(movie_of(cell, 203));
  EXPECT_EQ(nothing.cannot, "the spikes tell no temporal function from noise");
  EXPECT_FALSE(nothing.structured());
  EXPECT_EQ(nothing.p, 1);
  Movie always = movie_of(linear_cell(), 201);
  std::ranges::copy(always.use, always.counts.begin());
  EXPECT_EQ(tested(always).cannot.substr(0, 18), "counts hardly vary");
}

TEST(Structure, RefusesDrawsThatCannotReachAlpha) {
  const Movie movie = movie_of(linear_cell(), 201);
  OneFilterSettings settings;
  settings.draws = 50;
  EXPECT_THROW(tested(movie, settings), Error);
  settings = {};
  settings.alike = 256;
  EXPECT_THROW(tested(movie, settings), Error);
}

TEST(DriveBins, HoldFramesOfAlikeDriveWithinStretches) {
  const CounterRandom random(3, 0);
  std::vector<float> drive;
  for (std::uint64_t t = 0; t < 1000; ++t) drive.push_back(static_cast<float>(random.normal(t)));
  const DriveBins bins = bins_of(drive, 30, 400);
  ASSERT_EQ(bins.count(), 32U);  // two stretches of 500, each in 16
  std::vector<std::uint32_t> all = bins.order;
  std::ranges::sort(all);
  for (std::uint32_t i = 0; i < 1000; ++i) ASSERT_EQ(all[i], i) << "each frame once";
  for (std::size_t b = 0; b < bins.count(); ++b) {
    EXPECT_NEAR(bins.first[b + 1] - bins.first[b], 31.25, 1);
    for (auto r = bins.first[b]; r < bins.first[b + 1]; ++r) {
      EXPECT_EQ(bins.order[r] / 500, b / 16) << "in its stretch";
      if (r > bins.first[b / 16 * 16]) {
        EXPECT_LE(drive[bins.order[r - 1]], drive[bins.order[r]]);
      }
    }
  }
}

TEST(Exchanges, KeepTheCountsOfEachBin) {
  const CounterRandom random(4, 0);
  std::vector<float> drive, counts;
  for (std::uint64_t t = 0; t < 603; ++t) {
    drive.push_back(static_cast<float>(random.normal(t)));
    counts.push_back(static_cast<float>(random.integer(1000 + t, 4)));
  }
  const DriveBins bins = bins_of(drive, 20, 300);
  constexpr int kDraws = 400;
  const auto sources = exchanges(bins, counts, kDraws, 9, {.threads = 2});
  ASSERT_EQ(sources.size(), kDraws + 1U);
  std::vector<double> mean(counts.size(), 0.0);
  for (std::size_t d = 0; d <= kDraws; ++d)
    for (std::size_t b = 0; b < bins.count(); ++b) {
      std::vector<float> before, after;
      for (auto r = bins.first[b]; r < bins.first[b + 1]; ++r) {
        before.push_back(counts[bins.order[r]]);
        after.push_back(counts[bins.order[bins.first[b] + sources[d][r]]]);
        if (d > 0) mean[r] += static_cast<double>(after.back()) / kDraws;
      }
      if (d == 0) {
        ASSERT_EQ(before, after) << "the recording itself";
      }
      std::ranges::sort(before), std::ranges::sort(after);
      ASSERT_EQ(before, after) << "draw " << d << ", bin " << b;
    }
  // On each frame every count of its bin is as likely: means over draws within five of their errors.
  for (std::size_t b = 0; b < bins.count(); ++b) {
    double sum = 0, squares = 0;
    const auto first = bins.first[b], last = bins.first[b + 1];
    for (auto r = first; r < last; ++r) {
      const auto c = static_cast<double>(counts[bins.order[r]]);
      sum += c, squares += c * c;
    }
    const double n = last - first, middle = sum / n, error = std::sqrt((squares / n - middle * middle) / kDraws);
    for (auto r = first; r < last; ++r) EXPECT_NEAR(mean[r], middle, 5 * error);
  }
}

/// Products of rows [row][frame].
std::vector<double> products(const std::vector<std::vector<double>>& a, const std::vector<std::vector<double>>& b) {
  std::vector<double> out;
  for (const auto& x : a)
    for (const auto& y : b) out.push_back(std::inner_product(x.begin(), x.end(), y.begin(), 0.0));
  return out;
}

TEST(GreatestScores, AreOfFeaturesOrthogonalToWhatIsTakenOut) {
  const CounterRandom random(6, 0);
  std::uint64_t at = 0;
  const auto row = [&] {
    std::vector<double> r(300);
    for (double& v : r) v = random.normal(at++);
    return r;
  };
  const std::vector<std::vector<double>> taken{row(), row(), row()}, draws{row(), row()};
  // Orthogonal by hand, one after the other.
  auto axes = taken;
  const auto take = [](std::vector<double>& r, const std::vector<double>& axis) {
    const double along = std::inner_product(r.begin(), r.end(), axis.begin(), 0.0) /
                         std::inner_product(axis.begin(), axis.end(), axis.begin(), 0.0);
    for (std::size_t t = 0; t < r.size(); ++t) r[t] -= along * axis[t];
  };
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < i; ++j) take(axes[i], axes[j]);
  std::vector<double> clean = row();
  for (const auto& axis : axes) take(clean, axis);
  const double norm = std::sqrt(std::inner_product(clean.begin(), clean.end(), clean.begin(), 0.0));
  const auto scores_of = [&](const std::vector<double>& feature) {
    std::vector<std::vector<double>> right = taken;
    right.insert(right.end(), draws.begin(), draws.end());
    return greatest_scores(
        {1, 3, 2, products({feature}, right), products(taken, right), products({feature}, {feature})});
  };
  std::vector<double> mixed = clean;
  for (std::size_t t = 0; t < mixed.size(); ++t) mixed[t] += 0.7 * taken[0][t] - 2 * taken[2][t];
  for (const auto& feature : {clean, mixed}) {
    const auto scores = scores_of(feature);
    ASSERT_EQ(scores.features, 1U);
    for (std::size_t d = 0; d < 2; ++d)
      EXPECT_NEAR(scores.z[d], std::abs(std::inner_product(clean.begin(), clean.end(), draws[d].begin(), 0.0)) / norm,
                  1e-4);
  }
  EXPECT_EQ(scores_of(taken[1]).features, 0U) << "nothing is left of it";
}

TEST(MaximumLaw, IsFoundFromItsDraws) {
  const MaximumLaw truth{80, 1.2};
  const CounterRandom random(11, 0);
  std::vector<double> draws;
  for (std::uint64_t i = 0; i < 4000; ++i) draws.push_back(truth.quantile(1 - random.uniform(i)));
  const MaximumLaw law = fit_maximum_law(draws);
  EXPECT_NEAR(law.scale, truth.scale, 0.05);
  EXPECT_NEAR(std::log(law.features / truth.features), 0, 0.3);
  for (const double p : {0.5, 0.1, 0.01, 1e-4}) {
    EXPECT_NEAR(truth.tail(truth.quantile(p)), p, 1e-9);
    EXPECT_NEAR(std::log(law.tail(truth.quantile(p)) / p), 0, 0.5) << p;
  }
}

TEST(MaximumLaw, OfOneFeatureIsTheNormalsTwoTails) {
  EXPECT_NEAR((MaximumLaw{1, 1}.tail(1.959964)), 0.05, 1e-6);
  EXPECT_NEAR((MaximumLaw{10, 2}.tail(2 * 1.959964)), 1 - std::pow(0.95, 10), 1e-6);
  EXPECT_EQ((MaximumLaw{10, 2}.tail(0)), 1);
  EXPECT_GT((MaximumLaw{100, 1}.tail(12)), 0) << "far out too";
}

TEST(PlaceRows, AreTheMovieThroughTheirWeights) {
  const Movie movie = movie_of(linear_cell(), 204);
  const PlaceGrid grid = places_over(kSide, kSide, 1.1, 2.5);
  ASSERT_EQ(grid.x, (std::vector<double>{1, 3.5, 6}));
  const PlaceRows places(grid, kSide, kSide);
  Buffer read, space;
  const float* rows = movie.rows(2, read);
  std::vector<float> to(places.count() * movie.stride());
  places.project(movie, rows, space, to.data());
  const auto weights = places.weights();
  for (std::size_t p = 0; p < places.count(); ++p) {
    double norm = 0, sum = 0;
    for (std::size_t x = 0; x < movie.pixels(); ++x) {
      const double w = weights[p * movie.pixels() + x];
      norm += w * w, sum += w * static_cast<double>(rows[x * movie.stride() + 17]);
    }
    EXPECT_NEAR(norm, 1, 1e-5);
    EXPECT_NEAR(static_cast<double>(to[p * movie.stride() + 17]), sum, 1e-4);
  }
}

TEST(OneFilter, IsFoundWhereTheAverageIsEmpty) {
  const Movie movie = movie_of(u_shaped_cell(), 205);
  const Context context{.threads = 2};
  FramesSeen seen;
  for (std::size_t b = 0; b < movie.blocks.size(); ++b) {
    seen.blocks.push_back(b);
    for (std::size_t t = movie.blocks[b].begin; t < movie.blocks[b].begin + movie.blocks[b].length; ++t)
      if (movie.use[t] > 0) seen.frames.push_back(static_cast<std::uint32_t>(t));
  }
  seen.spikes = movie.spikes();
  const OneFilter filter = fit_one_filter(movie, first_basis(movie, 1, 5, context).basis, seen, context);
  EXPECT_GT(std::abs(overlap(filter.weights, gaussian(3.5, 3.8, 1.2))), 0.95);
  double sum = 0, squares = 0;
  for (const float v : filter.drive) sum += static_cast<double>(v), squares += static_cast<double>(v * v);
  EXPECT_NEAR(sum / static_cast<double>(filter.drive.size()), 0, 1e-3);
  EXPECT_NEAR(squares / static_cast<double>(filter.drive.size()), 1, 1e-3);
}

TEST(SmoothCurve, FollowsAnyShape) {
  std::vector<float> drive, values;
  for (int t = 0; t < 20000; ++t) {
    drive.push_back(static_cast<float>(t) / 5000 - 2);
    values.push_back(drive.back() * drive.back());
  }
  const Curve curve = smooth_curve(drive, by_drive(drive), values);
  for (const double x : {-0.8, -0.3, 0.4, 0.9}) {  // smoothing over 0.13 lifts it by 0.018
    EXPECT_NEAR(point_of(curve, x).value, x * x, 0.03) << x;
    EXPECT_NEAR(point_of(curve, x).slope, 2 * x, 0.02) << x;
  }
}

}  // namespace
}  // namespace plexiform::reveal
