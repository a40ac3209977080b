#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <vector>

#include "plexiform/base/error.hpp"
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

RC_GTEST_PROP(Assign, ReachesTheSumOfBruteForceOneToOne, ()) {
  const auto rows = *rc::gen::inRange<std::int64_t>(1, 7), columns = *rc::gen::inRange<std::int64_t>(1, 7);
  NdArray<double> similarity({rows, columns});
  for (double& s : similarity.values) s = *rc::gen::inRange(-50, 50) / 16.0;  // ties, and sums without rounding
  const auto column_of = assign(similarity);
  std::set<std::int64_t> used;
  for (const std::int64_t column : column_of) {
    if (column >= 0) RC_ASSERT(used.insert(column).second);
  }
  RC_ASSERT(static_cast<std::int64_t>(used.size()) == std::min(rows, columns));
  RC_ASSERT(sum_of(similarity, column_of) == by_brute_force(similarity));
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
