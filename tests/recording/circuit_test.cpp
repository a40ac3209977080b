#include "plexiform/recording/circuit.hpp"

#include <gtest/gtest.h>

namespace plexiform {
namespace {

TEST(Circuit, SubunitsDriveOrSuppressByTheSignOfTheirWeight) {
  Circuit circuit;
  circuit.spatial = NdArray<float>({5, 1, 1}, 1);
  circuit.weight = NdArray<float>({5});
  circuit.weight.values = {1, -0.5, 0, 2, -1};
  EXPECT_EQ(driving_subunits(circuit), (std::vector<std::int64_t>{0, 3}));
  EXPECT_EQ(suppressive_subunits(circuit), (std::vector<std::int64_t>{1, 4}));
}

}  // namespace
}  // namespace plexiform
