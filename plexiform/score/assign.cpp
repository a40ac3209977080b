#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

/// Costs [row, column] with no more rows than columns, all finite; a view that may swap the two.
class Costs {
 public:
  explicit Costs(const NdArray<double>& similarity)
      : similarity_(similarity), swapped_(similarity.shape[0] > similarity.shape[1]), worst_(worst_cost(similarity)) {}

  bool swapped() const { return swapped_; }
  std::int64_t rows() const { return similarity_.shape[swapped_ ? 1 : 0]; }
  std::int64_t columns() const { return similarity_.shape[swapped_ ? 0 : 1]; }
  bool is_pair(std::int64_t row, std::int64_t column) const { return std::isfinite(at(row, column)); }
  double operator()(std::int64_t row, std::int64_t column) const {
    return is_pair(row, column) ? -at(row, column) : worst_;
  }

 private:
  double at(std::int64_t row, std::int64_t column) const {
    const std::int64_t i = swapped_ ? column : row, j = swapped_ ? row : column;
    return similarity_.values[static_cast<std::size_t>(i * similarity_.shape[1] + j)];
  }
  /// So high that no assignment takes it where it could do without.
  static double worst_cost(const NdArray<double>& similarity) {
    double largest = 1;
    for (const double s : similarity.values) {
      if (std::isfinite(s)) largest = std::max(largest, std::abs(s));
    }
    return 4 * largest * static_cast<double>(similarity.shape[0] + similarity.shape[1]);
  }

  const NdArray<double>& similarity_;
  bool swapped_;
  double worst_;
};

/// Shortest augmenting paths with potentials (Jonker and Volgenant 1987, Computing 38:325): rows enter one by one, and
/// each is given a column along the cheapest path of exchanges. Column 0 is a place to start from; the rest count
/// from 1.
class Assignment {
 public:
  explicit Assignment(const Costs& costs)
      : costs_(costs),
        columns_(static_cast<std::size_t>(costs.columns()) + 1),
        row_potential_(static_cast<std::size_t>(costs.rows()) + 1),
        column_potential_(columns_),
        row_of_(columns_) {
    for (std::size_t row = 1; row < row_potential_.size(); ++row) enter(row);
  }

  /// The row of a column (both from 0), or -1.
  std::int64_t row_of(std::int64_t column) const {
    return static_cast<std::int64_t>(row_of_[static_cast<std::size_t>(column) + 1]) - 1;
  }

 private:
  void enter(std::size_t row) {
    std::vector<double> distance(columns_, std::numeric_limits<double>::infinity());
    std::vector<std::size_t> before(columns_, 0);
    std::vector<bool> reached(columns_, false);
    row_of_[0] = row;
    std::size_t column = 0;
    while (row_of_[column] != 0) {
      reached[column] = true;
      column = extend(column, reached, distance, before);
    }
    for (; column != 0; column = before[column]) row_of_[column] = row_of_[before[column]];
  }

  /// Looks from the row at `column` to all columns not reached yet; moves the potentials so that the nearest of them
  /// costs nothing, and returns it.
  std::size_t extend(std::size_t column, const std::vector<bool>& reached, std::vector<double>& distance,
                     std::vector<std::size_t>& before) {
    const std::size_t row = row_of_[column];
    std::size_t nearest = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t j = 1; j < columns_; ++j) {
      if (reached[j]) continue;
      const double reduced = cost(row, j) - row_potential_[row] - column_potential_[j];
      if (reduced < distance[j]) distance[j] = reduced, before[j] = column;
      if (distance[j] < least) least = distance[j], nearest = j;
    }
    for (std::size_t j = 0; j < columns_; ++j) {
      if (reached[j]) {
        row_potential_[row_of_[j]] += least;
        column_potential_[j] -= least;
      } else {
        distance[j] -= least;
      }
    }
    return nearest;
  }

  double cost(std::size_t row, std::size_t column) const {
    return costs_(static_cast<std::int64_t>(row) - 1, static_cast<std::int64_t>(column) - 1);
  }

  const Costs& costs_;
  std::size_t columns_;
  std::vector<double> row_potential_, column_potential_;
  std::vector<std::size_t> row_of_;  ///< 0: none
};

}  // namespace

std::vector<std::int64_t> assign(const NdArray<double>& similarity) {
  if (similarity.shape.size() != 2 ||
      NdArray<double>::count(similarity.shape) != static_cast<std::int64_t>(similarity.values.size())) {
    throw InternalError("assign: the similarity is not a matrix");
  }
  std::vector<std::int64_t> column_of(static_cast<std::size_t>(similarity.shape[0]), -1);
  if (similarity.values.empty()) return column_of;
  const Costs costs(similarity);
  const Assignment assignment(costs);
  for (std::int64_t column = 0; column < costs.columns(); ++column) {
    const std::int64_t row = assignment.row_of(column);
    if (row < 0 || !costs.is_pair(row, column)) continue;
    column_of[static_cast<std::size_t>(costs.swapped() ? column : row)] = costs.swapped() ? row : column;
  }
  return column_of;
}

}  // namespace plexiform
