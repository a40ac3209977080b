#include "plexiform/network_map/prune_filters.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "fit/small_recording.hpp"
#include "plexiform/score/autocorrelation.hpp"

namespace plexiform {
namespace {

/// A network of two filters, the second of which is the first again or a checkerboard.
struct TwoFilters {
  SmallFit small;
  CellFit fit;
};

TwoFilters two_filters(bool first_smooth, bool second_smooth) {
  Settings settings;
  settings.model.filters = 2;
  settings.train.passes = 4;
  TwoFilters two{small_fit("mosaic5", 3000, settings), {}};
  two.fit.window.window = {0, 0, 16, 16};
  network_of(two.fit) = initial_network(two.small.data, two.small.look, settings.model, StartFrom::average, 1, 0);
  const at::Tensor sign = at::tensor({1.0F, -1.0F, 1.0F, -1.0F, 1.0F});
  const at::Tensor checkerboard = at::outer(sign, sign);
  if (!first_smooth) network_of(two.fit).spatial[0][0] = checkerboard;
  if (!second_smooth) network_of(two.fit).spatial[1][0] = checkerboard;
  return two;
}

FilterPruning pruned(const TwoFilters& two) {
  return prune_filters(two.fit, two.small.recording, two.small.split, two.small.settings.train, 1, {.threads = 1});
}

TEST(PruneFilters, TakesOutTheOneThatLooksLikeNoiseAndTrainsTheRest) {
  const TwoFilters two = two_filters(true, false);
  const FilterPruning result = pruned(two);
  EXPECT_EQ(result.kept, 1U);
  EXPECT_GT(result.morans_i[0], kLocalised);
  // Neighbours of a checkerboard are opposite; its 13 and 12 fields leave a mean that is not quite 0.
  EXPECT_NEAR(result.morans_i[1], -1, 0.1);
  EXPECT_EQ(network_of(result.pruned).settings.filters, 1);
  EXPECT_EQ(network_of(result.pruned).map.size(0), 1);
  EXPECT_GT(result.after_bits, result.before_bits);  // before it was not trained at all
  EXPECT_LT(result.behind.nats, 0);
  EXPECT_FALSE(at::equal(network_of(result.pruned).map[0], network_of(two.fit).map[0]));
}

TEST(PruneFilters, LeavesANetworkAloneOfWhichAllOrNoneWouldGo) {
  for (const bool smooth : {true, false}) {
    const TwoFilters two = two_filters(smooth, smooth);
    const FilterPruning result = pruned(two);
    EXPECT_EQ(result.kept, smooth ? 2U : 0U);
    EXPECT_EQ(network_of(result.pruned).settings.filters, 2);
    EXPECT_TRUE(at::equal(network_of(result.pruned).map, network_of(two.fit).map));
    EXPECT_EQ(result.behind.nats, 0);
    EXPECT_EQ(result.after_bits, result.before_bits);
  }
}

}  // namespace
}  // namespace plexiform
