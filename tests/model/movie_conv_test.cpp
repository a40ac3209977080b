#include "plexiform/model/movie_conv.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

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

class MovieConv : public testing::TestWithParam<Case> {};

TEST_P(MovieConv, DoublePrecisionIsTheReference) {
  const auto d = data_of(GetParam(), at::kDouble);
  const auto reference = movie_conv_reference(d.block, d.full(), GetParam().pad);
  EXPECT_LT((movie_conv(d.block, d.full(), GetParam().pad) - reference).abs().max().item<double>(), 1e-10);
}

TEST_P(MovieConv, SinglePrecisionStaysClose) {
  const auto d = data_of(GetParam(), at::kFloat);
  const auto reference = movie_conv_reference(d.block, d.full(), GetParam().pad);
  EXPECT_LT((movie_conv(d.block, d.full(), GetParam().pad) - reference).abs().max().item<double>(), 1e-4);
  EXPECT_LT(
      (separable_movie_conv(d.block, d.spatial, d.temporal, GetParam().pad) - reference).abs().max().item<double>(),
      1e-4);
}

/// Gradients of the sum of `out` times `target` to each input.
using Conv = std::function<at::Tensor(const std::vector<at::Tensor>&)>;
std::vector<at::Tensor> gradients_of(const Conv& conv, std::vector<at::Tensor> inputs, const at::Tensor& target) {
  for (auto& input : inputs) input = input.detach().clone().to(target.scalar_type()).detach().requires_grad_(true);
  (conv(inputs) * target).sum().backward();
  std::vector<at::Tensor> all;
  for (const auto& input : inputs) all.push_back(input.grad().to(at::kDouble));
  return all;
}

TEST_P(MovieConv, GradientsInDoubleAreFiniteDifferences) {
  const auto& c = GetParam();
  const auto d = data_of(c, at::kDouble);
  const auto target = at::randn_like(movie_conv_reference(d.block, d.full(), c.pad));
  expect_gradients([&](const auto& in) { return (movie_conv(in[0], in[1], c.pad) * target).sum(); },
                   {d.block.clone(), d.full().clone()}, 1e-5);
  expect_gradients([&](const auto& in) { return (separable_movie_conv(in[0], in[1], in[2], c.pad) * target).sum(); },
                   {d.block.clone(), d.spatial.clone(), d.temporal.clone()}, 1e-5);
}

TEST_P(MovieConv, GradientsOfTheKernelsAreThoseInDouble) {
  const auto& c = GetParam();
  const auto d = data_of(c, at::kDouble);
  const auto target = at::randn_like(movie_conv_reference(d.block, d.full(), c.pad));
  const auto expect_equal = [&](const Conv& conv, const std::vector<at::Tensor>& inputs) {
    const auto exact = gradients_of(conv, inputs, target), fast = gradients_of(conv, inputs, target.to(at::kFloat));
    for (std::size_t i = 0; i < exact.size(); ++i)
      EXPECT_LT((exact[i] - fast[i]).abs().max().item<double>(), 1e-4 * (1 + exact[i].abs().max().item<double>()))
          << "input " << i;
  };
  expect_equal([&](const auto& in) { return separable_movie_conv(in[0], in[1], in[2], c.pad); },
               {d.block, d.spatial, d.temporal});
  for (const char* algorithm : {"direct", "temporal", "spectral"}) {
    SCOPED_TRACE(algorithm);
    ::setenv("PLEXIFORM_ALGORITHM", algorithm, 1);
    expect_equal([&](const auto& in) { return movie_conv(in[0], in[1], c.pad); }, {d.block, d.full()});
    ::unsetenv("PLEXIFORM_ALGORITHM");
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
