#include "plexiform/reveal/residual.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/recording/from_arrays.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/reveal/search.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform::reveal {
namespace {

constexpr std::int64_t kSide = 8, kLags = 8;
const Covariates kNone;
const Context kOneThread{.threads = 1};

std::vector<double> bump(double lag) {
  std::vector<double> f;
  double squares = 0;
  for (int l = 0; l < static_cast<int>(kLags); ++l) {
    f.push_back(std::exp(-0.5 * (l - lag) * (l - lag)));
    squares += f.back() * f.back();
  }
  for (double& v : f) v /= std::sqrt(squares);
  return f;
}

Part part_at(double x, double y, double weight, int sign = 1, double size = 1) {
  return {sign, Response::rectified, {weight}, {{x, y, std::log(size), std::log(size), 0}, {}}};
}

/// Two ON subunits that answer at lag 2.
Model two_subunits() {
  Model model;
  model.basis = {1, static_cast<std::size_t>(kLags), {bump(2)}};
  model.parts = {part_at(2.2, 2.4, 0.25), part_at(5.1, 4.6, 0.25)};
  model.log_softness = std::log(0.1), model.offset = -0.05, model.unit = 0.2, model.log_size = 0;
  return model;
}

/// With one more, of a lag of its own.
Model with_third(int sign, double lag, double x, double y, double weight, double size) {
  Model model = two_subunits();
  // Nearly orthogonal to the bump of lag 2: one Gram-Schmidt step.
  auto f = bump(lag);
  double along = 0;
  for (std::size_t l = 0; l < f.size(); ++l) along += f[l] * model.basis.functions[0][l];
  double rest = 0;
  for (std::size_t l = 0; l < f.size(); ++l) f[l] -= along * model.basis.functions[0][l], rest += f[l] * f[l];
  for (double& v : f) v /= std::sqrt(rest);
  model.basis.functions.push_back(f);
  for (auto& part : model.parts) part.mix.push_back(0);
  model.parts.push_back(part_at(x, y, 0, sign, size));
  model.parts.back().mix = {weight * along, weight * std::sqrt(rest)};
  return model;
}

/// Binary noise without a spike.
Movie noise_movie(std::int64_t frames, std::uint64_t seed) {
  NdArray<float> values({frames, 1, kSide, kSide});
  const CounterRandom random(seed, 21);
  for (std::size_t i = 0; i < values.values.size(); ++i) values.values[i] = random.uniform(i) < 0.5 ? -1.0F : 1.0F;
  const Recording recording = recording_from_arrays(std::move(values), NdArray<std::int32_t>({1, frames}), 30);
  SplitSettings settings;
  settings.lags = kLags, settings.test.frames = 0;
  return read_movie(recording, 0, whole(recording.stimulus->shape()), kLags, make_split(recording, settings),
                    kOneThread);
}

/// Counts that come `each` at a time: that is then their variance over their mean.
Movie movie_of(const Model& model, std::int64_t frames, std::uint64_t seed, int each = 1) {
  Movie movie = noise_movie(frames, seed);
  const auto rates = model_rates(model, {movie, kNone, {}}, kOneThread);
  const CounterRandom random(seed, 22);
  for (std::size_t t = 0; t < rates.size(); ++t)
    if (movie.use[t] > 0)
      movie.counts[t] = static_cast<float>(each * random.poisson(t, static_cast<double>(rates[t]) / each));
  return movie;
}

Fitted fitted_to(const Model& model, const Movie& movie) {
  return fit_model(model, {movie, kNone, {}}, {}, kOneThread);
}

Residual tested(const Model& model, const Movie& movie) {
  return residual_test(fitted_to(model, movie), movie, kNone, 1, kOneThread);
}

TEST(Residual, ACompleteModelHasNothingMissing) {
  // p is at most 0.02 in 2 of 100 at most: parameters have taken what they could. 3 or more of 16 in 4 of 1,000.
  int missing = 0;
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    const Residual r = tested(two_subunits(), movie_of(two_subunits(), 1500, 300 + seed, seed % 2 == 0 ? 1 : 2));
    missing += r.is_missing(), sum += r.p;
    EXPECT_GT(r.visible_bits, 0);
  }
  EXPECT_LT(missing, 3);
  EXPECT_GT(sum / 16, 0.25) << "p runs from 0 to 1";
}

TEST(Residual, NamesASuppressionThatIsLeftOut) {
  const Model truth = with_third(-1, 5, 4, 3.5, 0.3, 1.8);
  const Residual r = tested(two_subunits(), movie_of(truth, 5000, 301));
  EXPECT_TRUE(r.is_missing());
  EXPECT_EQ(r.strongest.kind, MissingKind::subunit);
  EXPECT_EQ(r.strongest.sign, -1);
  EXPECT_EQ(r.strongest.polarity, 1);
  EXPECT_NEAR(static_cast<double>(r.strongest.lag), 5, 1);
  EXPECT_NEAR(r.strongest.x, 4, 1.5);
  EXPECT_NEAR(r.strongest.y, 3.5, 1.5);
  EXPECT_GT(r.missed_bits, r.visible_bits);
  EXPECT_GT(r.z, r.null_quantile);
  EXPECT_EQ(r.opposite.sign, 1);
  EXPECT_LE(r.opposite.score.z, r.z);
}

TEST(Residual, NamesAnOffSubunitThatIsLeftOut) {
  const Model truth = with_third(1, 4, 6, 1.5, -0.25, 1);
  const Residual r = tested(two_subunits(), movie_of(truth, 5000, 302));
  EXPECT_TRUE(r.is_missing());
  EXPECT_EQ(r.strongest.sign, 1);
  EXPECT_EQ(r.strongest.polarity, -1);
  EXPECT_NEAR(static_cast<double>(r.strongest.lag), 4, 1);
  EXPECT_NEAR(r.strongest.x, 6, 1);
  EXPECT_NEAR(r.strongest.y, 1.5, 1);
}

TEST(Residual, NamesASurroundThatIsLeftOut) {
  Model truth = two_subunits();
  truth.surround = Surround{0.6, thresholds::kLogSurroundRatio};
  const Residual r = tested(two_subunits(), movie_of(truth, 5000, 303));
  EXPECT_TRUE(r.is_missing());
  EXPECT_EQ(r.strongest.kind, MissingKind::surround);
  EXPECT_EQ(r.strongest.sign, -1);
  const auto with = with_missing(two_subunits(), r.strongest, 4);
  ASSERT_TRUE(with && with->surround);
  EXPECT_GT(with->surround->strength, 0);
  EXPECT_FALSE(with_missing(truth, r.strongest, 4)) << "there is one";
}

TEST(Residual, NamesAGaussianInsideASubunit) {
  Model truth = two_subunits();
  truth.parts[1].shape.inner.push_back({0.8, 6.4, 2.8, -0.3});
  const Residual r = tested(two_subunits(), movie_of(truth, 8000, 304));
  EXPECT_TRUE(r.is_missing());
  EXPECT_EQ(r.strongest.kind, MissingKind::shape);
  EXPECT_EQ(r.strongest.part, 1U);
  EXPECT_EQ(r.strongest.sign, 1);
  EXPECT_NEAR(r.strongest.x, 6.4, 1.2);
  EXPECT_NEAR(r.strongest.y, 2.8, 1.2);
  const auto with = with_missing(two_subunits(), r.strongest, 1);
  ASSERT_TRUE(with);
  ASSERT_EQ(with->parts[1].shape.inner.size(), 1U);
  EXPECT_GT(with->parts[1].shape.inner[0].weight, 0);
}

TEST(Residual, NamesASubunitOfAModelWithoutOne) {
  Model none = two_subunits();
  none.parts.clear();
  const Residual r = tested(none, movie_of(two_subunits(), 3000, 311));
  EXPECT_TRUE(r.is_missing());
  EXPECT_EQ(r.strongest.kind, MissingKind::subunit);
  EXPECT_EQ(r.strongest.lag, 2U);
  EXPECT_EQ(r.strongest.sign, r.strongest.polarity) << "ON excitation, or OFF suppression";
}

TEST(Residual, TheSameBitsOnAnyNumberOfThreads) {
  const Movie movie = movie_of(with_third(-1, 5, 4, 3.5, 0.3, 1.8), 3000, 305);
  const Fitted fit = fitted_to(two_subunits(), movie);
  const Residual one = residual_test(fit, movie, kNone, 1, {.threads = 1});
  const Residual three = residual_test(fit, movie, kNone, 1, {.threads = 3});
  EXPECT_EQ(one.z, three.z);
  EXPECT_EQ(one.null_quantile, three.null_quantile);
  EXPECT_EQ(one.p, three.p);
  EXPECT_EQ(one.missed_bits, three.missed_bits);
  EXPECT_EQ(one.strongest.filter, three.strongest.filter);
  EXPECT_NE(one.null_quantile, residual_test(fit, movie, kNone, 2, {.threads = 1}).null_quantile) << "another seed";
}

TEST(Residual, EndsOnAStopRequest) {
  const Movie movie = movie_of(two_subunits(), 1000, 306);
  const Fitted fit = fitted_to(two_subunits(), movie);
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(residual_test(fit, movie, kNone, 1, {.threads = 1, .stop = source.get_token()}), Interrupted);
}

TEST(Residual, ReadsTwoChannels) {
  Model model = two_subunits();
  std::vector<double> both = bump(2);
  both.resize(2 * both.size(), 0.0);
  model.basis = {2, static_cast<std::size_t>(kLags), {both}};
  constexpr std::int64_t kFrames = 1500;
  NdArray<float> values({kFrames, 2, kSide, kSide});
  const CounterRandom random(307, 21);
  for (std::size_t i = 0; i < values.values.size(); ++i) values.values[i] = random.uniform(i) < 0.5 ? -1.0F : 1.0F;
  const Recording recording = recording_from_arrays(std::move(values), NdArray<std::int32_t>({1, kFrames}), 30);
  SplitSettings settings;
  settings.lags = kLags, settings.test.frames = 0;
  Movie movie =
      read_movie(recording, 0, whole(recording.stimulus->shape()), kLags, make_split(recording, settings), kOneThread);
  // What drives the cell beside the model is seen in the second channel alone.
  Model truth = model;
  std::vector<double> second(both.size(), 0.0);
  std::ranges::copy(bump(5), second.begin() + kLags);
  truth.basis.functions.push_back(second);
  for (auto& part : truth.parts) part.mix.push_back(0);
  truth.parts.push_back(part_at(4, 3, 0));
  truth.parts.back().mix = {0, 0.4};
  const auto rates = model_rates(truth, {movie, kNone, {}}, kOneThread);
  const CounterRandom spikes(307, 22);
  for (std::size_t t = 0; t < rates.size(); ++t)
    if (movie.use[t] > 0) movie.counts[t] = static_cast<float>(spikes.poisson(t, static_cast<double>(rates[t])));
  const Residual r = tested(model, movie);
  EXPECT_TRUE(r.is_missing());
  EXPECT_NEAR(static_cast<double>(r.strongest.lag), 5, 1);
  EXPECT_EQ(r.strongest.polarity, 1);
  const auto largest = std::ranges::max_element(r.strongest.filter, {}, [](double h) { return std::abs(h); });
  EXPECT_GE(largest - r.strongest.filter.begin(), kLags) << "of the second channel";
}

TEST(DrawnScores, HaveUnitVarianceAtAnyDispersion) {
  const Movie movie = movie_of(two_subunits(), 3000, 308);
  Fitted fit = fitted_to(two_subunits(), movie);
  const auto pixels = [&](std::size_t, const BlockFrames& frames, BlockSpace&, float* rows) {
    // Single pixels, far from each other: hardly related.
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t t = 0; t < frames.frames; ++t)
        rows[i * frames.frames + t] = frames.movie[i * 19 * movie.stride() + t];
  };
  for (const double dispersion : {0.5, 1.0, 2.7}) {
    fit.dispersion = dispersion;
    const DrawnScores scores = drawn_scores(fit, movie, kNone, 4, pixels, 0.02, 400, 9, kOneThread);
    double sum = 0, squares = 0;
    for (const double z : scores.drawn.values) sum += z, squares += z * z;
    const double n = static_cast<double>(scores.drawn.values.size());
    EXPECT_NEAR(sum / n, 0, 0.1) << dispersion;
    EXPECT_NEAR(squares / n, 1, 0.2) << dispersion;
  }
}

Missing suppression(double lag) {
  Missing m;
  m.sign = -1, m.lag = static_cast<std::size_t>(lag), m.x = 4, m.y = 3.5, m.size = 1.8, m.filter = bump(lag);
  return m;
}

TEST(WithMissing, ItsLagFunctionJoinsTheBasis) {
  const auto model = with_missing(two_subunits(), suppression(5), 4);
  ASSERT_TRUE(model);
  ASSERT_EQ(model->basis.count(), 2U);
  const auto &a = model->basis.functions[0], &b = model->basis.functions[1];
  EXPECT_NEAR(std::inner_product(a.begin(), a.end(), b.begin(), 0.0), 0, 1e-12);
  EXPECT_NEAR(std::inner_product(b.begin(), b.end(), b.begin(), 0.0), 1, 1e-12);
  ASSERT_EQ(model->parts.size(), 3U);
  EXPECT_EQ(model->parts[0].mix, (std::vector<double>{0.25, 0})) << "the others stay what they were";
  const Part& part = model->parts[2];
  EXPECT_EQ(part.sign, -1);
  EXPECT_NEAR(part.weight(), 1, 1e-12);
  EXPECT_NEAR(size_of(part.shape.centre), 1.8, 1e-12);
  const auto filter = model->basis.mixed(part.mix), wanted = bump(5);
  for (std::size_t l = 0; l < filter.size(); ++l) EXPECT_NEAR(filter[l], wanted[l], 1e-12);
}

TEST(WithMissing, StaysInAFullBasis) {
  const auto near = with_missing(two_subunits(), suppression(2), 1);
  ASSERT_TRUE(near);
  EXPECT_EQ(near->basis.count(), 1U);
  EXPECT_NEAR(near->parts[2].mix[0], 1, 1e-12);
  EXPECT_FALSE(with_missing(two_subunits(), suppression(7), 1)) << "a full basis cannot hold it";
}

TEST(InWords, SaysWhatIsMissingOrWhatWouldHaveBeenSeen) {
  Residual r;
  r.strongest = suppression(6);
  r.p = 0.01, r.missed_bits = 0.03, r.visible_bits = 0.004, r.strongest.x = 4.1, r.strongest.y = 11.8;
  EXPECT_EQ(in_words(r), "suppression at lag 6 near (4, 12) is not described (0.03 bits per spike)");
  r.strongest.sign = 1;
  EXPECT_EQ(in_words(r), "excitation at lag 6 near (4, 12) is not described (0.03 bits per spike)");
  r.strongest.kind = MissingKind::shape, r.strongest.part = 1;
  EXPECT_EQ(in_words(r), "the shape of the subunit near (4, 12) is not described (0.03 bits per spike)");
  r.strongest.kind = MissingKind::surround;
  EXPECT_EQ(in_words(r), "the surround of the subunits is not described (0.03 bits per spike)");
  r.p = 0.3;
  EXPECT_EQ(in_words(r), "nothing more to be seen; a subunit of 0.004 bits per spike would have been");
  r.p = 0.01, r.missed_bits = 1e-4;
  EXPECT_FALSE(r.is_missing()) << "too little to speak of";
}

TEST(AddMissing, TakesWhatPaysAndTheSettingsAllow) {
  const Movie movie = movie_of(with_third(-1, 5, 4, 3.5, 0.3, 1.8), 5000, 309);
  SearchSettings settings;
  const Fitted fit = fitted_to(two_subunits(), movie);
  const Missing missing = residual_test(fit, movie, kNone, 1, kOneThread).strongest;
  settings.suppression = false;
  Search without{movie, settings, kOneThread, {}, fit, {}, {}};
  EXPECT_FALSE(add_missing(without, missing));
  EXPECT_TRUE(without.tried.empty());
  settings.suppression = true;
  Search search{movie, settings, kOneThread, {}, fit, {}, {}};
  EXPECT_TRUE(add_missing(search, missing));
  ASSERT_EQ(search.best.model.parts.size(), 3U);
  EXPECT_EQ(search.best.model.parts[2].sign, -1);
  EXPECT_EQ(search.best.model.basis.count(), 2U);
  EXPECT_TRUE(search.tried.back().taken);
}

TEST(AddMissing, LeavesWhatDoesNotPay) {
  const Movie movie = movie_of(two_subunits(), 3000, 310);
  const SearchSettings settings;
  Search search{movie, settings, kOneThread, {}, fitted_to(two_subunits(), movie), {}, {}};
  const Residual nothing = residual_test(search.best, movie, kNone, 1, kOneThread);
  EXPECT_FALSE(add_missing(search, nothing.strongest));
  EXPECT_FALSE(add_missing(search, nothing.opposite));
  EXPECT_EQ(search.best.model.parts.size(), 2U);
}

}  // namespace
}  // namespace plexiform::reveal
