#include "plexiform/reveal/model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "reveal/planted.hpp"

namespace plexiform::reveal {
namespace {

/// One of everything.
Model rich_model() {
  Model model = model_of(bumps(2, 6),
                         {part_of({2, 3, 0.1, 0.2, 0.3}, {0.5, -0.2}), part_of({5, 4, 0.4, 0.6, 0.75}, {0.8, 0.9}, -1)},
                         -0.3, 0.11);
  model.parts[0].shape.inner = {{0.45, 2.5, 3.5, 0.05}, {0.33, 1.1, 1.2, 0.06}};
  model.log_power = {0.15, true}, model.log_expansion = {0.25, true};
  model.surround = Surround{0.35, 0.7};
  model.gains = {0.01, -0.02, 0.03};
  return model;
}

TEST(Model, ParametersGoThereAndBack) {
  const Model model = rich_model();
  auto values = parameters_of(model);
  EXPECT_EQ(values.size(), ModelLayout(model).count);
  EXPECT_EQ(parameters_of(with_parameters(model, values)), values);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  EXPECT_EQ(parameters_of(with_parameters(model, values)), values);
  EXPECT_EQ(with_parameters(model, values).unit, model.unit) << "what is fixed stays";
}

TEST(Model, TheLayoutSaysWhereEachNumberStands) {
  const Model model = rich_model();
  const ModelLayout layout(model);
  const auto values = parameters_of(model);
  EXPECT_EQ(values[layout.softness], model.log_softness);
  EXPECT_EQ(values[layout.offset], model.offset);
  EXPECT_EQ(values[*layout.power], model.log_power.value);
  EXPECT_EQ(values[*layout.expansion], model.log_expansion.value);
  EXPECT_EQ(values[*layout.surround], model.surround->strength);
  EXPECT_EQ(values[*layout.surround + 1], model.surround->log_ratio);
  for (std::size_t j = 0; j < model.gains.size(); ++j) EXPECT_EQ(values[layout.gains + j], model.gains[j]);
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    const Part& part = model.parts[i];
    const auto& at = layout.parts[i];
    for (std::size_t k = 0; k < part.mix.size(); ++k) EXPECT_EQ(values[at.mix + k], part.mix[k]);
    EXPECT_EQ(values[at.shape], part.shape.centre.x);
    EXPECT_EQ(values[at.shape + 4], part.shape.centre.shear);
    EXPECT_EQ(at.end, at.shape + parameter_count(part.shape));
  }
  EXPECT_EQ(values[layout.parts[0].shape + kOfGaussian], model.parts[0].shape.inner[0].weight);
  EXPECT_EQ(values[layout.parts[0].end - 1], model.parts[0].shape.inner[1].log_size);
  EXPECT_EQ(layout.parts[1].end, layout.count);
  EXPECT_EQ(std::set<double>(values.begin(), values.end()).size(), values.size())
      << "all differ, so that none stands for another";
}

TEST(Model, WhatIsNotFreeHasNoPlace) {
  Model model = rich_model();
  model.log_power.free = model.log_expansion.free = false;
  model.surround.reset();
  const ModelLayout layout(model);
  EXPECT_FALSE(layout.power || layout.expansion || layout.surround);
  EXPECT_EQ(layout.count, ModelLayout(rich_model()).count - 4);
  EXPECT_EQ(with_parameters(model, parameters_of(model)).log_power.value, model.log_power.value);
}

TEST(Model, AMixtureIsTheSumOfItsFunctions) {
  Basis basis = bumps(2, 5, 2);
  const std::vector<double> mix = {0.6, -2};
  const auto mixed = basis.mixed(mix);
  ASSERT_EQ(mixed.size(), 10U);
  double squares = 0;
  for (std::size_t i = 0; i < mixed.size(); ++i) {
    EXPECT_NEAR(mixed[i], 0.6 * basis.functions[0][i] - 2 * basis.functions[1][i], 1e-12);
    squares += mixed[i] * mixed[i];
  }
  EXPECT_NEAR(std::sqrt(squares), part_of({}, mix).weight(), 1e-12) << "functions are orthonormal";
}

TEST(Model, WithoutAPartTheOthersStay) {
  const Model less = without_part(rich_model(), 0);
  ASSERT_EQ(less.parts.size(), 1U);
  EXPECT_EQ(less.parts[0].sign, -1);
}

}  // namespace
}  // namespace plexiform::reveal
