// The same stimulus on other grids and at other rates.
#include "plexiform/recording/geometry.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <memory>

#include "base/expect_error.hpp"
#include "recording/support.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::random_movie;
using testing::silent_recording;

std::vector<float> movie_of(const Recording& recording) {
  const FrameShape shape = recording.stimulus->shape();
  std::vector<float> movie(static_cast<std::size_t>(recording.stimulus->frames() * shape.channels * shape.pixels()));
  recording.stimulus->read(0, recording.stimulus->frames(), whole(shape), movie);
  return movie;
}

Recording recorded(std::int64_t frames, std::int64_t height, std::int64_t width, std::uint64_t seed,
                   std::int64_t channels = 1) {
  Recording recording =
      silent_recording(memory_stimulus(random_movie(frames, channels, height, width, seed)), 2, frames);
  const CounterRandom random(seed, 3);
  for (std::size_t i = 0; i < recording.counts.values.size(); ++i)
    recording.counts.values[i] = static_cast<std::int32_t>(random.integer(i, 5));
  recording.pixel_um = 30;
  recording.centers = {{1, 2}, {3.5, 0}};
  return recording;
}

/// The same movie with every pixel as `finer` x `finer` and every frame as `faster`; counts fall into the first of
/// them.
Recording finer(const Recording& of, std::int64_t finer, std::int64_t faster) {
  const FrameShape s = of.stimulus->shape();
  const auto old = movie_of(of);
  NdArray<float> movie({of.stimulus->frames() * faster, s.channels, s.height * finer, s.width * finer});
  std::size_t at = 0;
  for (std::int64_t t = 0; t < movie.shape[0]; ++t)
    for (std::int64_t c = 0; c < s.channels; ++c)
      for (std::int64_t y = 0; y < movie.shape[2]; ++y)
        for (std::int64_t x = 0; x < movie.shape[3]; ++x)
          movie.values[at++] = old[static_cast<std::size_t>(
              ((t / faster * s.channels + c) * s.height + y / finer) * s.width + x / finer)];
  Recording to = silent_recording(memory_stimulus(movie), of.cells(), of.bins() * faster);
  for (std::int64_t cell = 0; cell < of.cells(); ++cell)
    for (std::int64_t bin = 0; bin < of.bins(); ++bin)
      to.counts.row(cell)[static_cast<std::size_t>(bin * faster)] = of.counts.row(cell)[static_cast<std::size_t>(bin)];
  to.frame_rate = of.frame_rate * static_cast<double>(faster);
  to.pixel_um = *of.pixel_um / static_cast<double>(finer);
  for (const Place& p : of.centers) {
    const auto f = static_cast<double>(finer);
    to.centers.push_back({(p.x + 0.5) * f - 0.5, (p.y + 0.5) * f - 0.5});
  }
  return to;
}

RC_GTEST_PROP(Rescaled, WhatWasMadeFinerAndFasterComesBack, ()) {
  const auto pixels = *rc::gen::inRange<std::int64_t>(1, 4), frames = *rc::gen::inRange<std::int64_t>(1, 4);
  const Recording one = recorded(12, *rc::gen::inRange<std::int64_t>(2, 6), *rc::gen::inRange<std::int64_t>(2, 6),
                                 *rc::gen::arbitrary<std::uint64_t>(), *rc::gen::inRange<std::int64_t>(1, 3));
  const Recording other = finer(one, pixels, frames);
  const Range all{0, other.bins()};
  const Recording back = rescaled(other, {&all, 1}, geometry_of(one));
  RC_ASSERT(back.counts.values == one.counts.values);
  RC_ASSERT(same_geometry(geometry_of(back), geometry_of(one)));
  const auto movie = movie_of(back), expected = movie_of(one);
  RC_ASSERT(movie.size() == expected.size());
  for (std::size_t i = 0; i < movie.size(); ++i) RC_ASSERT(std::abs(movie[i] - expected[i]) < 1e-5F);
  for (std::size_t i = 0; i < 2; ++i) RC_ASSERT(std::abs(back.centers[i].x - one.centers[i].x) < 1e-9);
}

RC_GTEST_PROP(Rescaled, AWindowIsPartOfTheWhole, ()) {
  const Recording one = recorded(9, 7, 9, *rc::gen::arbitrary<std::uint64_t>());
  const Geometry to{{1, 5, 6}, 10, *rc::gen::element(22.0, 41.0, 70.0)};
  const Range all{0, one.bins()};
  const Recording seen = rescaled(one, {&all, 1}, to);
  const auto movie = movie_of(seen);
  const Window w{*rc::gen::inRange<std::int64_t>(0, 3), *rc::gen::inRange<std::int64_t>(0, 3), 2, 3};
  std::vector<float> part(6);
  seen.stimulus->read(1, 2, w, part);
  for (std::int64_t y = 0; y < 2; ++y)
    for (std::int64_t x = 0; x < 3; ++x)
      RC_ASSERT(part[static_cast<std::size_t>(3 * y + x)] ==
                movie[static_cast<std::size_t>(30 + (w.y + y) * 6 + w.x + x)]);
}

TEST(Rescaled, APixelShowsTheMeanOfItsAreaAndGreyBeyondTheBorder) {
  Recording one = recorded(1, 1, 4, 1);
  NdArray<float> movie({1, 1, 1, 4});
  movie.values = {1, 2, 3, 4};
  one.stimulus = memory_stimulus(movie);
  const Range all{0, 1};
  const auto seen = [&](std::int64_t width, double pixel) {
    return movie_of(rescaled(one, {&all, 1}, {{1, 1, width}, 30, pixel}));
  };
  const auto near = [](const std::vector<float>& found, const std::vector<float>& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-6);
  };
  near(seen(2, 30), {2, 3});  // the middle
  // Of twice the size: a pixel as high as the grid is half outside of it, where there is grey.
  near(seen(2, 60), {0.75F, 1.75F});
  near(seen(6, 30), {0, 1, 2, 3, 4, 0});
}

TEST(Rescaled, BinsThatAreNotAskedForLendTheirFramesOnly) {
  const Recording one = recorded(20, 3, 3, 4);
  const Range bins[] = {{3, 8}, {12, 20}};
  Geometry to = geometry_of(one);
  to.frame_rate = 15;
  const Recording seen = rescaled(one, bins, to);
  EXPECT_EQ(seen.segments, (std::vector<Segment>{{0, 2, 2, 0, -1}, {2, 4, 6, 0, -1}}));
  const auto row = one.counts.row(1);
  EXPECT_EQ(seen.counts.row(1)[0], row[4] + row[5]);
  EXPECT_EQ(seen.counts.row(1)[5], row[18] + row[19]);
}

TEST(Rescaled, APixelOfUnknownSizeStaysAPixel) {
  const Recording known = recorded(8, 3, 4, 4);
  Recording unknown = known;
  unknown.pixel_um.reset();
  Geometry to = geometry_of(known);
  to.frame_rate = 15;
  const Range all{0, 8};
  EXPECT_EQ(movie_of(rescaled(unknown, {&all, 1}, to)), movie_of(rescaled(known, {&all, 1}, to)));
  EXPECT_EQ(rescaled(unknown, {&all, 1}, to).centers[1].x, 3.5);
}

TEST(Rescaled, WhatCannotBeIsRefused) {
  const Recording one = recorded(20, 3, 3, 4);
  const Range all{0, 20};
  const auto refused = [&](const Geometry& to, const std::vector<std::string>& words) {
    expect_error(ErrorKind::data, words, [&] { rescaled(one, {&all, 1}, to); });
  };
  refused({{1, 3, 3}, 60, 30}, {"frames at 30 Hz cannot be turned into frames at 60 Hz"});
  refused({{1, 3, 3}, 20, 30}, {"a whole number"});
  refused({{1, 6, 6}, 30, {}}, {"the size of a pixel is not known"});
  refused({{2, 3, 3}, 30, 30}, {"has 1 channels, expected 2"});
  refused({{1, 3, 3}, 1, 30}, {"no 30 frames in a row"});
  refused({{1, 3, 3}, 30, 1e6}, {"one pixel covers all of the other grid"});
  refused({{1, 3, 3}, 30, 1e-6}, {"one pixel covers all of the other grid"});
}

TEST(Geometry, WhatDiffersIsNamed) {
  const Geometry one{{1, 16, 16}, 30, {}}, faster{{1, 16, 16}, 60, {}}, small{{1, 8, 8}, 30, {}},
      fine{{1, 16, 16}, 30, 15}, coarse{{1, 16, 16}, 30, 30};
  const auto refused = [](const Geometry& a, const Geometry& b, const std::vector<std::string>& words) {
    expect_error(ErrorKind::data, words, [&] { require_same_geometry("a", a, "b", b); });
  };
  refused(one, faster, {"frame rate of a is 30 Hz, of b 60 Hz"});
  refused(fine, coarse, {"pixel size of a is 15 um, of b 30 um"});
  refused(one, small, {"grid", "1 x 16 x 16", "1 x 8 x 8"});
  require_same_geometry("a", one, "b", coarse);  // a size that is not known cannot be wrong
}

}  // namespace
}  // namespace plexiform
