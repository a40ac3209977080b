#include "plexiform/score/student.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace plexiform {

double student_tail(double t, int freedom) {
  const double theta = std::atan(t / std::sqrt(freedom)), c = std::cos(theta), s = std::sin(theta);
  double sum = 0, term = freedom % 2 == 1 ? c : 1;
  for (int k = freedom % 2 == 1 ? 1 : 0; k <= freedom - 2; k += 2) {
    sum += term;
    term *= c * c * static_cast<double>(k + 1) / static_cast<double>(k + 2);
  }
  const double inside = freedom % 2 == 1 ? (theta + s * sum) * 2 / std::numbers::pi : s * sum;
  return std::max((1 - inside) / 2, 0.0);
}

double student_quantile(double tail, int freedom) {
  double low = 0, high = 1;
  while (student_tail(high, freedom) > tail) high *= 2;
  constexpr int kHalvings = 60;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (student_tail(middle, freedom) > tail ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace plexiform
