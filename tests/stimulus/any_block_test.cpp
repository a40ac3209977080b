// One law for every kind of stimulus: any block and window is the slice of the whole, in any order of reading and from
// any number of threads.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/temporary_folder.hpp"
#include "plexiform/base/hdf5.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/stimulus/image_movie.hpp"
#include "plexiform/stimulus/recipe.hpp"
#include "plexiform/stimulus/stored.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kFrames = 60;

NdArray<float> some_movie() {
  NdArray<float> movie({kFrames, 2, 5, 6});
  for (std::size_t i = 0; i < movie.values.size(); ++i) movie.values[i] = static_cast<float>(i);
  return movie;
}

/// Patches of four small images that stay for five frames; still where `jitter` is 0.
std::unique_ptr<Stimulus> some_images(double jitter) {
  std::vector<NdArray<float>> images;
  for (int i = 0; i < 4; ++i) {
    images.emplace_back(std::vector<std::int64_t>{20 + i, 30});
    for (std::size_t p = 0; p < images.back().values.size(); ++p)
      images.back().values[p] = static_cast<float>((p * 7 + static_cast<std::size_t>(i)) % 11);
  }
  return image_movie(
      std::move(images),
      {.seed = 3, .shape = {2, 4, 5}, .frames = kFrames, .frames_each = 5, .jitter = jitter, .scale = 2});
}

struct Kind {
  std::string name;
  std::function<std::unique_ptr<Stimulus>()> make;
};

Kind white(NoiseValues values) {
  return {values == NoiseValues::binary ? "white_binary" : "white_gaussian", [=] {
            return make_stimulus(WhiteNoiseRecipe{values, 7, {2, 9, 17}, 0.5});
          }};
}

Kind ran1(NoiseValues values, PixelOrder order, std::int64_t running, std::int64_t frozen, std::int64_t frozen_seed) {
  Ran1Recipe recipe{values, -3, 9, 17, order, 0.5, running, frozen, frozen_seed};
  return {std::string("ran1_") + (values == NoiseValues::binary ? "binary_" : "gaussian_") +
              (order == PixelOrder::xy ? "xy" : "yx") + (frozen > 0 ? "_frozen" : ""),
          [=] { return make_stimulus(recipe); }};
}

std::vector<Kind> kinds() {
  return {white(NoiseValues::binary),
          white(NoiseValues::gaussian),
          ran1(NoiseValues::binary, PixelOrder::xy, 0, 0, 0),
          ran1(NoiseValues::binary, PixelOrder::yx, 11, 4, -5),
          ran1(NoiseValues::gaussian, PixelOrder::xy, 11, 4, -5),
          ran1(NoiseValues::gaussian, PixelOrder::yx, 0, 0, 0),
          {"memory", [] { return memory_stimulus(some_movie()); }},
          {"dead_leaves",
           [] {
             return make_stimulus(DeadLeavesRecipe{.seed = 3, .shape = {2, 9, 17}, .largest = 9, .frames_each = 3});
           }},
          {"drifting_gratings",
           [] {
             return make_stimulus(GratingRecipe{.seed = 3, .shape = {2, 9, 17}, .frames_each = 7});
           }},
          {"reversing_gratings",
           [] {
             return make_stimulus(GratingRecipe{GratingMotion::reversing, 3, {1, 9, 17}, 0.5, 4, 8, 6, 20});
           }},
          {"flicker",
           [] {
             return make_stimulus(FlickerRecipe{NoiseValues::gaussian, 3, {2, 9, 17}, 0.5, 2});
           }},
          {"chirp",
           [] {
             return make_stimulus(ChirpRecipe{.shape = {1, 9, 17}, .frame_rate = 17});
           }},
          {"images", [] { return some_images(0); }},
          {"jittered_images", [] { return some_images(2); }}};
}

std::vector<float> read(const Stimulus& stimulus, Range frames, const Window& window) {
  std::vector<float> out(static_cast<std::size_t>(frames.size() * stimulus.shape().channels * window.pixels()));
  stimulus.read(frames.begin, frames.end, window, out);
  return out;
}

/// The slice of a whole movie, by its definition.
std::vector<float> slice(const std::vector<float>& movie, const FrameShape& shape, Range frames, const Window& w) {
  std::vector<float> out;
  for (std::int64_t t = frames.begin; t < frames.end; ++t) {
    for (std::int64_t c = 0; c < shape.channels; ++c) {
      for (std::int64_t y = w.y; y < w.y + w.height; ++y) {
        for (std::int64_t x = w.x; x < w.x + w.width; ++x) {
          out.push_back(
              movie[static_cast<std::size_t>(((t * shape.channels + c) * shape.height + y) * shape.width + x)]);
        }
      }
    }
  }
  return out;
}

/// A range inside [0, n), not empty.
Range any_part(std::int64_t n) {
  const auto begin = *rc::gen::inRange<std::int64_t>(0, n);
  return {begin, *rc::gen::inRange<std::int64_t>(begin + 1, n + 1)};
}

Window any_window(const FrameShape& shape) {
  const Range rows = any_part(shape.height), columns = any_part(shape.width);
  return {rows.begin, columns.begin, rows.size(), columns.size()};
}

class AnyBlock : public ::testing::TestWithParam<Kind> {};

TEST_P(AnyBlock, IsTheSliceOfTheWhole) {
  const auto first = GetParam().make();
  const auto movie = read(*first, {0, kFrames}, whole(first->shape()));
  const bool holds = rc::check([&] {
    const auto fresh = GetParam().make();
    for (int reads = 0; reads < 3; ++reads) {  // of one stimulus, so that what a read leaves behind is tried too
      const Range frames = any_part(kFrames);
      const Window window = any_window(fresh->shape());
      RC_ASSERT(read(*fresh, frames, window) == slice(movie, fresh->shape(), frames, window));
    }
  });
  EXPECT_TRUE(holds);
}

TEST_P(AnyBlock, IsTheSameFromManyThreads) {
  const auto one = GetParam().make();
  const auto movie = read(*one, {0, kFrames}, whole(one->shape()));
  const auto many = GetParam().make();
  std::vector<float> out(movie.size());
  const auto frame = static_cast<std::int64_t>(movie.size()) / kFrames;
  parallel_for(kFrames, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t t = end - 1; t >= begin; --t) {
      many->read(t, t + 1, whole(many->shape()),
                 std::span(out).subspan(static_cast<std::size_t>(t * frame), static_cast<std::size_t>(frame)));
    }
  });
  EXPECT_EQ(out, movie);
}

INSTANTIATE_TEST_SUITE_P(Stimulus, AnyBlock, ::testing::ValuesIn(kinds()),
                         [](const auto& info) { return info.param.name; });

TEST(Hdf5Stimulus, AnyBlockIsTheSliceOfTheWhole) {
  const testing::TemporaryFolder folder;
  const auto movie = some_movie();
  {
    auto file = Hdf5File::create(folder / "movie.h5");
    file.write("/stimulus/frames", movie, 1);
    file.close();
  }
  const auto stimulus = hdf5_stimulus(folder / "movie.h5", "/stimulus/frames");
  ASSERT_EQ(stimulus->shape(), (FrameShape{2, 5, 6}));
  ASSERT_EQ(stimulus->frames(), kFrames);
  const bool holds = rc::check([&] {
    const Range frames = any_part(kFrames);
    const Window window = any_window(stimulus->shape());
    RC_ASSERT(read(*stimulus, frames, window) == slice(movie.values, stimulus->shape(), frames, window));
  });
  EXPECT_TRUE(holds);
  parallel_for(kFrames, 8, [&](std::int64_t begin, std::int64_t end) {
    EXPECT_EQ(read(*stimulus, {begin, end}, {0, 0, 5, 6}), slice(movie.values, {2, 5, 6}, {begin, end}, {0, 0, 5, 6}));
  });
}

}  // namespace
}  // namespace plexiform
