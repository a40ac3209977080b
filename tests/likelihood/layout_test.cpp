#include "plexiform/likelihood/layout.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

TEST(ParameterLayout, HandlesFindTheirValuesInAnyOrderOfAdding) {
  ParameterLayout layout;
  const ParameterBlock weight = layout.add_block("weight", std::vector<ParameterLimits>(3, kNonNegative));
  const Parameter offset = layout.add("offset");
  const ParameterBlock none = layout.add_block("shear", {});
  ASSERT_EQ(layout.size(), 4u);
  std::vector<double> values{1, 2, 3, 4};
  EXPECT_EQ(offset.of(values), 4);
  EXPECT_EQ(weight.of(values)[1], 2);
  EXPECT_EQ(weight[2].of(values), 3);
  EXPECT_TRUE(none.of(values).empty());
  offset.of(values) = 7;
  weight.of(values)[0] = 5;
  EXPECT_EQ(values, (std::vector<double>{5, 2, 3, 7}));
}

TEST(ParameterLayout, EveryParameterHasItsNameAndLimits) {
  ParameterLayout layout;
  layout.add("log softness", {-3, 3, 1, 0});
  layout.add_block("weight", std::vector<ParameterLimits>{kNonNegative, {}});
  EXPECT_EQ(layout.name(0), "log softness");
  EXPECT_EQ(layout.name(2), "weight 1");
  EXPECT_EQ(layout.limits(0).longest_step, 1);
  EXPECT_EQ(layout.limits(1).least, 0);
  EXPECT_LT(layout.limits(2).least, -1e300);
}

TEST(ParameterLayout, ANameIsGivenOnce) {
  ParameterLayout layout;
  layout.add_block("weight", std::vector<ParameterLimits>(2));
  EXPECT_THROW(layout.add("weight 1"), InternalError);
}

TEST(ParameterLayout, LimitsThatContradictEachOtherAreRefused) {
  ParameterLayout layout;
  EXPECT_THROW(layout.add("a", {1, 0}), InternalError);
  EXPECT_THROW(layout.add("b", {0, 1, -1}), InternalError);
  EXPECT_THROW(layout.add("c", {0, 1, 1, 1.5}), InternalError);
  EXPECT_EQ(layout.size(), 0u);
}

}  // namespace
}  // namespace plexiform
