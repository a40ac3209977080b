#pragma once
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace plexiform {

/// The gradient of `loss` in each of `inputs` (doubles) against central differences.
inline void expect_gradients(const std::function<at::Tensor(const std::vector<at::Tensor>&)>& loss,
                             std::vector<at::Tensor> inputs, double tolerance = 1e-6) {
  for (auto& input : inputs) input.requires_grad_(true);
  loss(inputs).backward();
  at::NoGradGuard no_gradient;
  constexpr double kStep = 1e-5;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    ASSERT_TRUE(inputs[i].grad().defined()) << "input " << i << " has no gradient";
    const at::Tensor flat = inputs[i].view({-1}), gradient = inputs[i].grad().reshape({-1});
    for (std::int64_t j = 0; j < flat.numel(); ++j) {
      const double value = flat[j].item<double>();
      flat[j] = value + kStep;
      const double above = loss(inputs).item<double>();
      flat[j] = value - kStep;
      const double below = loss(inputs).item<double>();
      flat[j] = value;
      EXPECT_NEAR(gradient[j].item<double>(), (above - below) / (2 * kStep), tolerance)
          << "input " << i << ", entry " << j;
    }
  }
}

}  // namespace plexiform
