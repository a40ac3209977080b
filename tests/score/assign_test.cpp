#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <vector>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

NdArray<double> matrix(std::int64_t rows, std::int64_t columns, std::vector<double> values) {
  NdArray<double> m({rows, columns});
  m.values = std::move(values);
  return m;
}

double sum_of(const NdArray<double>& similarity, const std::vector<std::int64_t>& column_of) {
  double sum = 0;
  for (std::size_t i = 0; i < column_of.size(); ++i) {
    if (column_of[i] >= 0) sum += similarity.row(static_cast<std::int64_t>(i))[static_cast<std::size_t>(column_of[i])];
  }
  return sum;
}

/// The greatest sum over all ways to pair the shorter side.
double by_brute_force(const NdArray<double>& similarity) {
  const bool wide = similarity.shape[1] >= similarity.shape[0];
  const auto few = static_cast<std::size_t>(similarity.shape[wide ? 0 : 1]);
  std::vector<std::size_t> order(static_cast<std::size_t>(similarity.shape[wide ? 1 : 0]));
  std::iota(order.begin(), order.end(), 0u);
  double best = -1e300;
  do {
    double sum = 0;
    for (std::size_t i = 0; i < few; ++i) {
      const std::size_t row = wide ? i : order[i], column = wide ? order[i] : i;
      sum += similarity.row(static_cast<std::int64_t>(row))[column];
    }
    best = std::max(best, sum);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

TEST(Assign, ReachesTheSumOfBruteForceOneToOne) {
  // Many small matrices: an assignment without its column potentials is wrong on one of thirty only.
  const CounterRandom random(1, 1);
  std::uint64_t next = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    const std::int64_t rows = 1 + random.integer(next++, 6), columns = 1 + random.integer(next++, 6);
    NdArray<double> similarity({rows, columns});
    // Sixteenths: ties, and sums without rounding.
    for (double& s : similarity.values) s = static_cast<double>(random.integer(next++, 100) - 50) / 16;
    const auto column_of = assign(similarity);
    std::set<std::int64_t> used;
    for (const std::int64_t column : column_of) {
      ASSERT_TRUE(column < 0 || used.insert(column).second) << "column " << column << " twice";
    }
    ASSERT_EQ(static_cast<std::int64_t>(used.size()), std::min(rows, columns));
    ASSERT_EQ(sum_of(similarity, column_of), by_brute_force(similarity)) << rows << " x " << columns;
  }
}

TEST(Assign, IsNotGreedy) {
  EXPECT_EQ(assign(matrix(2, 2, {0.9, 0.8, 0.8, 0.1})), (std::vector<std::int64_t>{1, 0}));
}

TEST(Assign, LeavesSurplusRowsAndColumnsAlone) {
  EXPECT_EQ(assign(matrix(3, 1, {0.1, 0.9, 0.5})), (std::vector<std::int64_t>{-1, 0, -1}));
  EXPECT_EQ(assign(matrix(1, 3, {0.1, 0.9, 0.5})), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(assign(matrix(2, 0, {})), (std::vector<std::int64_t>{-1, -1}));
  EXPECT_TRUE(assign(matrix(0, 2, {})).empty());
}

TEST(Assign, MakesNoPairOfWhatIsNotDefined) {
  EXPECT_EQ(assign(matrix(2, 2, {kNan, kNan, 0.3, -0.2})), (std::vector<std::int64_t>{-1, 0}));
  EXPECT_EQ(assign(matrix(2, 2, {kNan, 0.1, 0.9, 0.8})), (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(assign(matrix(1, 1, {kNan})), (std::vector<std::int64_t>{-1}));
}

TEST(Assign, RefusesWhatIsNoMatrix) {
  EXPECT_THROW(assign(NdArray<double>({2, 2, 2})), InternalError);
}

}  // namespace
}  // namespace plexiform
