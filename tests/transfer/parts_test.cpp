// The parts of a transfer on cases whose answer is known.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/expect_error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/transfer/cluster_order.hpp"
#include "plexiform/transfer/refit_output.hpp"
#include "plexiform/transfer/shared_cells.hpp"
#include "plexiform/transfer/spread_share.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

/// A network of which only the output counts here.
Network with_output(double log_a, double log_b, double c) {
  Network network = make_network(ModelSettings{}, {1, 16, 16});
  network.output = at::tensor({static_cast<float>(log_a), static_cast<float>(log_b), static_cast<float>(c)});
  return network;
}

TEST(RefitOutput, FindsTheScaleAndOffsetThatMadeTheSpikes) {
  const Network network = with_output(-1, 0.5, -0.4);
  std::vector<double> drive;
  for (std::uint64_t t = 0; t < 20000; ++t) drive.push_back(CounterRandom(1, 0).normal(t));
  for (const auto& [scale, offset] : {std::pair{1.0, 0.0}, std::pair{0.2, -0.7}, std::pair{3.0, 0.9}}) {
    const auto rate = changed_rates(network, {drive, {}}, {scale, offset});
    // Expected counts have their likelihood's maximum at the truth; drawn ones near it.
    const OutputChange exact = refit_output(network, {drive, {}}, rate);
    EXPECT_NEAR(exact.scale, scale, 1e-3 * scale);
    EXPECT_NEAR(exact.offset, offset, 1e-3);
    std::vector<double> counts;
    for (std::size_t t = 0; t < rate.size(); ++t)
      counts.push_back(static_cast<double>(CounterRandom(2, 0).poisson(t, rate[t])));
    const OutputChange drawn = refit_output(network, {drive, {}}, counts);
    EXPECT_NEAR(drawn.offset, offset, 0.25);
    EXPECT_NEAR(std::log(drawn.scale / scale), 0, 0.3);
  }
}

TEST(RefitOutput, RatesMeanAsManySpikesAsThereWere) {
  const Network network = with_output(0, 0, 0);
  const std::vector<double> drive{-3, -1, 0, 2, 5}, counts{0, 1, 0, 0, 7};
  const auto rate = changed_rates(network, {drive, {}}, refit_output(network, {drive, {}}, counts));
  EXPECT_NEAR(std::accumulate(rate.begin(), rate.end(), 0.0), 8, 1e-9);
}

TEST(RefitOutput, ADriveThatIsTheSameEverywhereTakesAScale) {
  const Network network = with_output(0, 0, 0);
  const auto rate = changed_rates(
      network, ModelDrive{std::vector<double>(4, 1.0), {}},
      refit_output(network, ModelDrive{std::vector<double>(4, 1.0), {}}, std::vector<double>{1, 0, 3, 0}));
  for (const double r : rate) EXPECT_NEAR(r, 1, 1e-12);
  expect_error(ErrorKind::data, {"no spike"}, [&] {
    refit_output(network, ModelDrive{std::vector<double>(4, 1.0), {}}, std::vector<double>(4, 0.0));
  });
}

TEST(SpreadShare, TakesItsShareFromAllOver) {
  const std::vector<Range> ranges{{0, 3000}, {4000, 7000}, {9000, 13000}};
  for (const double share : {0.05, 0.1, 0.37, 1.0}) {
    const auto chosen = spread_share(ranges, share, 100);
    double total = 0;
    for (const Range& r : chosen) {
      total += static_cast<double>(r.size());
      EXPECT_TRUE(std::ranges::any_of(ranges, [&](const Range& of) { return r.begin >= of.begin && r.end <= of.end; }));
    }
    EXPECT_NEAR(total / 10000, share, 0.011);
    EXPECT_LT(chosen.front().begin, 2000);
    EXPECT_GT(chosen.back().end, 12000);
  }
  EXPECT_TRUE(spread_share(ranges, 0, 100).empty());
  EXPECT_EQ(spread_share(ranges, 1e-9, 100).size(), 1u);
  EXPECT_EQ(spread_share(ranges, 1, 5000), ranges);
}

TEST(ClusterOrder, KeepsGroupsTogether) {
  // Three groups of cells, shuffled: alike within, unlike between, the first two more alike than the third.
  const std::vector<int> group{0, 2, 1, 0, 1, 2, 0, 1, 2};
  NdArray<double> similarity({9, 9});
  for (std::size_t i = 0; i < 9; ++i)
    for (std::size_t j = 0; j < 9; ++j)
      similarity.values[i * 9 + j] = group[i] == group[j]       ? 1.0 - 0.01 * static_cast<double>(i + j)
                                     : group[i] + group[j] == 1 ? 0.5
                                                                : 0.1;
  const auto order = cluster_order(similarity);
  std::vector<int> groups;
  for (const auto i : order) groups.push_back(group[static_cast<std::size_t>(i)]);
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  EXPECT_EQ(groups.size(), 3u);
  EXPECT_NE(groups[1], 2);  // the odd one out lies at an end
  auto sorted = order;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(sorted[i], static_cast<std::int64_t>(i));
}

RC_GTEST_PROP(ClusterOrder, IsAPermutationWhateverTheNumbers, ()) {
  const auto n = *rc::gen::inRange<std::int64_t>(0, 9);
  NdArray<double> similarity({n, n});
  for (double& v : similarity.values) v = *rc::gen::element(0.0, 0.3, -1.0, std::nan(""), 1.0);
  auto order = cluster_order(similarity);
  std::ranges::sort(order);
  RC_ASSERT(order.size() == static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) RC_ASSERT(order[static_cast<std::size_t>(i)] == i);
}

class SharedByAll : public ::testing::Test {
 protected:
  static Recording recording(std::uint64_t seed, std::int64_t cells, Shown shown = Shown::white) {
    CellRecipe recipe;
    recipe.seed = seed;
    recipe.cells = cells;
    recipe.frames = 100;
    recipe.show.kind = shown;
    return simulate(recipe);
  }
  static SharedCells shared(const std::vector<std::pair<std::string, Recording>>& recordings,
                            CellMatch match = CellMatch::by_name) {
    std::vector<NamedRecording> named;
    for (const auto& [name, recording] : recordings) named.push_back({name, &recording, checked_cells({}, recording)});
    return shared_cells(named, match);
  }
};

TEST_F(SharedByAll, AreMatchedByNameWhateverTheyWereShown) {
  const SharedCells cells = shared({{"white", recording(101, 3)}, {"leaves", recording(102, 3, Shown::dead_leaves)}});
  ASSERT_EQ(cells.cells.size(), 2U);
  EXPECT_EQ(cells.cells[0].name, "mosaic5 102");
  EXPECT_EQ(cells.cells[0].row, (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(cells.left_out,
            (std::vector<std::string>{"mosaic5 101 (not in all recordings)", "mosaic5 104 (not in all recordings)"}));
}

TEST_F(SharedByAll, OfThreeMustBeInAll) {
  const SharedCells cells = shared({{"a", recording(101, 3)}, {"b", recording(102, 3)}, {"c", recording(103, 2)}});
  ASSERT_EQ(cells.cells.size(), 1U);
  EXPECT_EQ(cells.cells[0].name, "mosaic5 103");
  EXPECT_EQ(cells.cells[0].row, (std::vector<std::int64_t>{2, 1, 0}));
  EXPECT_EQ(cells.left_out.size(), 3U);  // 101, 102, and 104 once
}

TEST_F(SharedByAll, AreMatchedByRowOnlyWhereTheCallerSaysSo) {
  Recording white = recording(101, 2), leaves = recording(101, 2, Shown::dead_leaves);
  leaves.names = {"", ""};
  expect_error(ErrorKind::data, {"leaves: its cells have no name"}, [&] {
    shared({{"white", white}, {"leaves", leaves}});
  });
  white.names = leaves.names;
  expect_error(ErrorKind::data, {"white: its cells have no name"}, [&] {
    shared({{"white", white}, {"leaves", leaves}});
  });
  const SharedCells cells = shared({{"white", white}, {"leaves", leaves}}, CellMatch::by_row);
  ASSERT_EQ(cells.cells.size(), 2U);
  EXPECT_EQ(cells.cells[1].name, "cell 1");
  EXPECT_EQ(cells.cells[1].row, (std::vector<std::int64_t>{1, 1}));
  // Rows are the caller's word, but the truth knows better.
  expect_error(ErrorKind::data, {"'cell 0' is another cell in white than in others"}, [&] {
    shared({{"white", white}, {"others", recording(102, 2)}}, CellMatch::by_row);
  });
}

TEST_F(SharedByAll, WhatDoesNotMatchIsNamed) {
  const Recording one = recording(101, 2), other = recording(103, 1);
  expect_error(ErrorKind::data, {"no cell is in all recordings", "a has 'mosaic5 101', 'mosaic5 102'", "b has"}, [&] {
    shared({{"a", one}, {"b", other}});
  });
  Recording twice = one;
  twice.names[1] = twice.names[0];
  expect_error(ErrorKind::data, {"a: cells 0 and 1 are both called 'mosaic5 101'"}, [&] {
    shared({{"a", twice}, {"b", one}});
  });
  Recording liar = one;
  liar.truth[0].threshold += 0.1;
  expect_error(ErrorKind::data, {"'mosaic5 101' is another cell in a than in b"}, [&] {
    shared({{"a", one}, {"b", liar}});
  });
}

}  // namespace
}  // namespace plexiform
