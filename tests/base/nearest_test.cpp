#include "plexiform/base/nearest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace plexiform {
namespace {

const std::vector<std::string> kKnown{"filters", "lags", "filter_size", "learning_rate"};

TEST(Nearest, FindsAMisspeltName) {
  EXPECT_EQ(nearest("filterz", kKnown), "filters");
  EXPECT_EQ(nearest("filter", kKnown), "filters");
  EXPECT_EQ(nearest("lgas", kKnown), "lags");
  EXPECT_EQ(nearest("laerning_rate", kKnown), "learning_rate");
  EXPECT_EQ(nearest("filtersize", kKnown), "filter_size");
}

TEST(Nearest, ASwapOfNeighboursIsOneEdit) {
  EXPECT_EQ(nearest("ab", std::vector<std::string>{"cd", "ba"}), "ba");
}

TEST(Nearest, SaysNothingWhereNothingIsNear) {
  EXPECT_EQ(nearest("temperature", kKnown), std::nullopt);
  EXPECT_EQ(nearest("", kKnown), std::nullopt);
  EXPECT_EQ(nearest("x", kKnown), std::nullopt);
  EXPECT_EQ(nearest("filters", {}), std::nullopt);
  EXPECT_EQ(nearest(std::string(100000, 'f'), kKnown), std::nullopt);
}

}  // namespace
}  // namespace plexiform
