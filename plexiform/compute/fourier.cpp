#include "plexiform/compute/fourier.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

constexpr std::array<std::size_t, 4> kRadices = {4, 2, 3, 5};

std::size_t without_factors(std::size_t n) {
  for (const std::size_t r : {2UL, 3UL, 5UL})
    while (n % r == 0) n /= r;
  return n;
}

}  // namespace

std::size_t fourier_size(std::size_t n) {
  while (without_factors(n) != 1) ++n;
  return n;
}

FourierPlan make_fourier_plan(std::size_t n) {
  if (n == 0 || without_factors(n) != 1) throw InternalError("no Fourier plan for length " + std::to_string(n));
  FourierPlan plan{n, {}};
  std::size_t left = n, s = 1;
  for (const std::size_t radix : kRadices)
    for (; left % radix == 0; left /= radix, s *= radix) {
      FourierPlan::Stage stage{radix, left / radix, s, {}};
      for (std::size_t p = 0; p < stage.m; ++p)
        for (std::size_t i = 1; i < radix; ++i) {
          const double angle = -2 * std::numbers::pi * static_cast<double>(p * i) / static_cast<double>(left);
          stage.twiddles.push_back(static_cast<float>(std::cos(angle)));
          stage.twiddles.push_back(static_cast<float>(std::sin(angle)));
        }
      plan.stages.push_back(std::move(stage));
    }
  return plan;
}

}  // namespace plexiform
