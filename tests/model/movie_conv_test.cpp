#include "plexiform/model/movie_conv.hpp"

#include <gtest/gtest.h>

#include "model/gradients.hpp"
#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

/// One table serves values and gradients: shapes with remainders, one filter, one lag, one position, padding.
struct Case {
  std::int64_t frames, lags, channels, height, width, filters, rows, columns, pad;
};

const Case kCases[] = {
    {7, 3, 1, 5, 5, 2, 3, 3, 0},   {7, 3, 1, 5, 5, 2, 3, 3, 1},   {1, 4, 1, 4, 6, 1, 2, 3, 0},
    {9, 1, 2, 4, 4, 3, 3, 3, 1},   {5, 2, 1, 3, 4, 1, 3, 4, 0},   {45, 20, 1, 3, 3, 1, 1, 1, 0},
    {100, 3, 1, 3, 2, 1, 2, 2, 1}, {33, 16, 2, 3, 3, 2, 3, 3, 1},
};

struct Data {
  at::Tensor block, spatial, temporal;
  at::Tensor full() const {
    return temporal.view({temporal.size(0), temporal.size(1), 1, 1, 1}) * spatial.unsqueeze(1);
  }
};

Data data_of(const Case& c, at::ScalarType type) {
  at::manual_seed(static_cast<std::uint64_t>(c.frames * 100 + c.lags));
  return {at::randn({c.frames + c.lags - 1, c.channels, c.height, c.width}, type),
          at::randn({c.filters, c.channels, c.rows, c.columns}, type), at::randn({c.filters, c.lags}, type)};
}

using Separable = at::Tensor (*)(const at::Tensor&, const at::Tensor&, const at::Tensor&, std::int64_t);
const std::pair<const char*, Separable> kSeparable[] = {
    {"chosen", separable_movie_conv},
    {"time first", movie_conv_algorithms::separable_time_first},
    {"space first", movie_conv_algorithms::separable_space_first},
    {"conv2d", movie_conv_algorithms::separable_conv2d},
};

class MovieConv : public testing::TestWithParam<Case> {};

TEST_P(MovieConv, Conv3dIsTheReference) {
  const auto d = data_of(GetParam(), at::kDouble);
  const auto reference = movie_conv_reference(d.block, d.full(), GetParam().pad);
  EXPECT_LT((movie_conv(d.block, d.full(), GetParam().pad) - reference).abs().max().item<double>(), 1e-10);
}

TEST_P(MovieConv, EverySeparableAlgorithmIsTheReference) {
  const auto d = data_of(GetParam(), at::kDouble);
  const auto reference = movie_conv_reference(d.block, d.full(), GetParam().pad);
  for (const auto& [name, algorithm] : kSeparable) {
    const auto out = algorithm(d.block, d.spatial, d.temporal, GetParam().pad);
    ASSERT_EQ(out.sizes(), reference.sizes()) << name;
    EXPECT_LT((out - reference).abs().max().item<double>(), 1e-10) << name;
  }
}

TEST_P(MovieConv, SinglePrecisionStaysClose) {
  const auto d = data_of(GetParam(), at::kFloat);
  const auto reference = movie_conv_reference(d.block, d.full(), GetParam().pad);
  EXPECT_LT((movie_conv(d.block, d.full(), GetParam().pad) - reference).abs().max().item<double>(), 1e-4);
  EXPECT_LT(
      (separable_movie_conv(d.block, d.spatial, d.temporal, GetParam().pad) - reference).abs().max().item<double>(),
      1e-4);
}

TEST_P(MovieConv, GradientsAreFiniteDifferences) {
  const auto& c = GetParam();
  const auto d = data_of(c, at::kDouble);
  const auto target = at::randn_like(movie_conv_reference(d.block, d.full(), c.pad));
  expect_gradients([&](const auto& in) { return (movie_conv(in[0], in[1], c.pad) * target).sum(); },
                   {d.block.clone(), d.full().clone()}, 1e-5);
  for (const auto& [name, algorithm] : kSeparable) {
    SCOPED_TRACE(name);
    expect_gradients([&, f = algorithm](const auto& in) { return (f(in[0], in[1], in[2], c.pad) * target).sum(); },
                     {d.block.clone(), d.spatial.clone(), d.temporal.clone()}, 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, MovieConv, testing::ValuesIn(kCases));

TEST(MovieConvShapes, MisfitsAreOurError) {
  EXPECT_THROW(movie_conv(at::zeros({3, 1, 4, 4}), at::zeros({1, 5, 1, 3, 3}), 0), InternalError);
  EXPECT_THROW(movie_conv(at::zeros({9, 1, 4, 4}), at::zeros({1, 5, 2, 3, 3}), 0), InternalError);
  EXPECT_THROW(separable_movie_conv(at::zeros({9, 1, 4, 4}), at::zeros({1, 1, 5, 5}), at::zeros({1, 5}), 0),
               InternalError);
}

}  // namespace
}  // namespace plexiform
