#include "plexiform/stimulus/stored.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/hdf5.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(MemoryStimulus, NamesFrameAndPixelOfAValueThatIsNotFinite) {
  NdArray<float> movie({6, 2, 3, 4});
  movie.values[static_cast<std::size_t>(((5 * 2 + 1) * 3 + 2) * 4 + 1)] = kNan;
  expect_error(ErrorKind::data, {"frame 5, channel 1, row 2, column 1", "finite"}, [&] { memory_stimulus(movie); });
}

TEST(MemoryStimulus, RefusesOtherAxesAndNoPixels) {
  expect_error(ErrorKind::data, {"3 axes", "expected 4"}, [] { memory_stimulus(NdArray<float>({6, 3, 4})); });
  expect_error(ErrorKind::data, {"0 x 4 pixels"}, [] { memory_stimulus(NdArray<float>({6, 1, 0, 4})); });
}

NdArray<float> bad_movie() {
  NdArray<float> movie({6, 1, 3, 4});
  movie.values[5 * 12 + 2 * 4 + 1] = kNan;
  return movie;
}

TEST(Hdf5Stimulus, NamesFileObjectFrameAndPixel) {
  const testing::TemporaryFolder folder;
  {
    auto file = Hdf5File::create(folder / "movie.h5");
    file.write("/frames", bad_movie());
    file.write("/flat", NdArray<float>({6, 3, 4}));
    file.close();
  }
  expect_error(ErrorKind::data, {"movie.h5", "/flat", "expected 4"},
               [&] { hdf5_stimulus(folder / "movie.h5", "/flat"); });
  expect_error(ErrorKind::damaged, {"movie.h5", "/none"}, [&] { hdf5_stimulus(folder / "movie.h5", "/none"); });
  expect_error(ErrorKind::missing, {"none.h5"}, [&] { hdf5_stimulus(folder / "none.h5", "/frames"); });
  const auto stimulus = hdf5_stimulus(folder / "movie.h5", "/frames");
  std::vector<float> out(4 * 4);
  stimulus->read(0, 4, {1, 0, 1, 4}, out);
  expect_error(ErrorKind::data, {"movie.h5", "/frames", "frame 5, channel 0, row 2, column 1"}, [&] {
    stimulus->read(4, 6, {2, 1, 1, 3}, std::span(out).first(6));
  });
}

}  // namespace
}  // namespace plexiform
