#include "plexiform/model/network.hpp"

#include <gtest/gtest.h>

#include "model/gradients.hpp"
#include "model/random_networks.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/model/output.hpp"

namespace plexiform {
namespace {

TEST(Network, RateIsItsDefinition) {
  // One frame, by hand: drive = sum map * relu(filtered + bias), rate = a log(1 + exp(b (drive + c))).
  Network n = random_network(small_settings());
  const at::Tensor block = at::randn({4, 1, 5, 5}, at::kDouble);
  double drive = 0;
  for (std::int64_t k = 0; k < 2; ++k)
    for (std::int64_t y = 0; y < 5; ++y)
      for (std::int64_t x = 0; x < 5; ++x) {
        double s = n.bias[k].item<double>();
        for (std::int64_t l = 0; l < 4; ++l)
          for (std::int64_t i = 0; i < 3; ++i)
            for (std::int64_t j = 0; j < 3; ++j) {
              const auto row = y + i - 1, column = x + j - 1;
              if (row < 0 || row > 4 || column < 0 || column > 4) continue;
              s += n.temporal[k][l].item<double>() * n.spatial[k][0][i][j].item<double>() *
                   block[3 - l][0][row][column].item<double>();
            }
        drive += n.map[k][y][x].item<double>() * std::max(s, 0.0);
      }
  const double a = std::exp(n.output[0].item<double>()), b = std::exp(n.output[1].item<double>());
  const double expected = a * std::log1p(std::exp(b * (drive + n.output[2].item<double>())));
  EXPECT_NEAR(respond(n, block).rate.value[0].item<double>(), expected, 1e-9 * std::max(1.0, expected));
}

TEST(Network, SubunitsAreWhatTheirDefinitionSays) {
  using enum SubunitNonlinearity;
  for (const auto kind : {relu, half_squared, squared, linear}) {
    at::Tensor x = at::linspace(-3, 3, 25, at::kDouble).requires_grad_();  // 0 among them
    const at::Tensor y = subunit_activity(kind, x);
    y.sum().backward();
    for (std::int64_t i = 0; i < x.numel(); ++i) {
      const double at = x[i].item<double>();
      EXPECT_DOUBLE_EQ(y[i].item<double>(), subunit_value(kind, at));
      EXPECT_DOUBLE_EQ(x.grad()[i].item<double>(), subunit_slope(kind, at)) << to_string(kind) << " " << at;
    }
  }
}

TEST(Network, LogarithmBelongsToTheRate) {
  for (const auto& s : variants()) {
    const Network n = random_network(s);
    const Rate rate = respond(n, at::randn({20, 1, 5, 5}, at::kDouble)).rate;
    EXPECT_LT((rate.value.log() - rate.log).abs().max().item<double>(), 1e-6);
  }
}

TEST(Network, GradientsAreFiniteDifferences) {
  for (const auto& s : variants()) {
    const Network n = random_network(s);
    const at::Tensor block = at::randn({12, 1, 5, 5}, at::kDouble), counts = at::ones({9}, at::kDouble);
    std::vector<at::Tensor> inputs;
    for (const auto& [name, tensor] : parameters(n)) inputs.push_back(tensor->clone());
    expect_gradients(
        [&](const auto& in) {
          Network with = n;
          std::size_t i = 0;
          for (auto& [name, tensor] : parameters(with)) *tensor = in[i++];
          const Rate rate = respond(with, block).rate;
          return (rate.value - counts * rate.log).sum() / 100;
        },
        inputs, 1e-4);
  }
}

TEST(Network, NormalisedFiltersComputeTheSame) {
  for (const auto& s : variants()) {
    Network n = random_network(s);
    const at::Tensor block = at::randn({20, 1, 5, 5}, at::kDouble);
    const at::Tensor before = respond(n, block).rate.log;
    normalise_filters(n);
    EXPECT_LT((respond(n, block).rate.log - before).abs().max().item<double>(), 1e-6);
    const at::Tensor weights = s.separable ? n.spatial : n.filter;
    EXPECT_NEAR(weights[0].norm().item<double>(), 1, 1e-9);
  }
}

TEST(Network, ProjectionKeepsMapsFromBeingNegative) {
  Network n = random_network(small_settings());
  n.map.sub_(10);
  project(n);
  EXPECT_EQ(n.map.min().item<double>(), 0);
}

TEST(Network, ALargerFilterThanTheWindowIsRefused) {
  auto s = small_settings();
  s.filter_size = 7;
  try {
    make_network(s, {1, 5, 5});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("7 pixels, the window has 5 x 5"), std::string::npos) << error.what();
  }
}

TEST(Output, LogSoftplusIsExactFarBelowZero) {
  const at::Tensor z = at::tensor({-200.0F, -50.0F, -12.5F, -11.5F, 0.0F, 3.0F, 90.0F});
  const at::Tensor value = log_softplus(z);
  const auto exact = [](double v) { return v < -30 ? v : std::log(std::log1p(std::exp(v))); };
  for (std::int64_t i = 0; i < z.numel(); ++i)
    EXPECT_NEAR(value[i].item<double>(), exact(z[i].item<double>()),
                2e-5 * std::max(1.0, std::abs(z[i].item<double>())));
}

TEST(Output, TheFittedCurveNeverFalls) {
  at::Tensor p = initial_output(OutputKind::fitted, 0.2, 0.5);
  at::manual_seed(3);
  output_steps(p).copy_(at::rand_like(output_steps(p)));
  const at::Tensor rate = output_rate(OutputKind::fitted, p, at::linspace(-6, 9, 200)).value;
  EXPECT_GE((rate.slice(0, 1) - rate.slice(0, 0, 199)).min().item<double>(), 0);
  EXPECT_GT(rate[0].item<double>(), 0);
}

}  // namespace
}  // namespace plexiform
