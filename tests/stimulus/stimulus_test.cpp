#include "plexiform/stimulus/stimulus.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/expect_error.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/stimulus/recipe.hpp"
#include "plexiform/stimulus/stored.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

std::unique_ptr<Stimulus> ten_frames() {
  return memory_stimulus(NdArray<float>({10, 1, 3, 4}));
}

TEST(Stimulus, RefusesFramesOutsideOfIt) {
  const auto stimulus = ten_frames();
  const auto endless = make_stimulus(WhiteNoiseRecipe{.shape = {1, 3, 4}});
  std::vector<float> out(12 * 20);
  expect_error(ErrorKind::data, {"frames 5 to 11", "0 to 10"}, [&] { stimulus->read(5, 11, {0, 0, 3, 4}, out); });
  expect_error(ErrorKind::data, {"frames 5 to 4"}, [&] { stimulus->read(5, 4, {0, 0, 3, 4}, out); });
  expect_error(ErrorKind::data, {"frames -1 to 4", "0 onwards"}, [&] { endless->read(-1, 4, {0, 0, 3, 4}, out); });
}

TEST(Stimulus, RefusesAWindowOutsideOfIt) {
  const auto stimulus = ten_frames();
  constexpr std::int64_t kHuge = kEndless;
  std::vector<float> out(12);
  for (const Window& window : {Window{0, 0, 4, 4},
                               {0, 0, 3, 5},
                               {1, 0, 3, 4},
                               {0, 1, 3, 4},
                               {-1, 0, 3, 4},
                               {0, -1, 3, 4},
                               {0, 0, 0, 4},
                               {0, 0, 3, -4},
                               {kHuge, 0, kHuge, 4},
                               {0, 0, kHuge, kHuge}}) {
    expect_error(ErrorKind::data, {"a window of", "3 x 4"}, [&] { stimulus->read(0, 1, window, out); });
  }
}

TEST(Stimulus, RoomOfTheWrongSizeIsOurOwnMistake) {
  const auto endless = make_stimulus(WhiteNoiseRecipe{.shape = {1, 3, 4}});
  std::vector<float> out(25);
  EXPECT_THROW(endless->read(0, 2, {0, 0, 3, 4}, out), InternalError);
  EXPECT_THROW(endless->read(0, kEndless - 1, {0, 0, 3, 4}, out), InternalError);
}

TEST(Stimulus, NoFramesAreReadAsNothing) {
  ten_frames()->read(10, 10, {0, 0, 3, 4}, {});
}

}  // namespace
}  // namespace plexiform
