#include "plexiform/likelihood/box_step.hpp"

#include <Eigen/Dense>
#include <algorithm>

namespace plexiform {
namespace {

using Vector = Eigen::VectorXd;
using Matrix = Eigen::MatrixXd;

/// Shares of the largest diagonal entry (and of each entry its own): what keeps a matrix with a ridge invertible, and
/// what damping takes for the curvature of a parameter that has next to none. Far above rounding, far below what a fit
/// can tell.
constexpr double kOfLargest = 1e-12, kOfOwn = 1e-9, kLeastDamped = 1e-9;
/// A bound is given up where that gains more than this share of what the step gains anyway.
constexpr double kWorthReleasing = 1e-10;

Matrix damped(const NdArray<double>& information, double damping) {
  const auto n = static_cast<Eigen::Index>(information.shape[0]);
  Matrix system = Eigen::Map<const Matrix>(information.values.data(), n, n);
  const Vector diagonal = system.diagonal();
  const double largest = n > 0 ? std::max(diagonal.maxCoeff(), 1e-300) : 0;
  system.diagonal() += kOfOwn * diagonal + damping * diagonal.cwiseMax(kLeastDamped * largest) +
                       Vector::Constant(n, kOfLargest * largest);
  return system;
}

enum class Held { no, low, high, always };

/// The parameters that move, and where the others are.
struct ActiveSet {
  Vector step;
  std::vector<Held> held;

  std::vector<Eigen::Index> moving() const {
    std::vector<Eigen::Index> indices;
    for (std::size_t i = 0; i < held.size(); ++i)
      if (held[i] == Held::no) indices.push_back(static_cast<Eigen::Index>(i));
    return indices;
  }
};

/// Parameters that stand at a bound which the gradient points through are held from the start.
ActiveSet begun(std::span<const double> gradient, std::span<const double> low, std::span<const double> high) {
  ActiveSet set{Vector::Zero(static_cast<Eigen::Index>(gradient.size())), {}};
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const bool at_low = low[i] >= 0, at_high = high[i] <= 0;
    set.held.push_back(at_low && at_high               ? Held::always
                       : at_low && !(gradient[i] > 0)  ? Held::low
                       : at_high && !(gradient[i] < 0) ? Held::high
                                                       : Held::no);
  }
  return set;
}

/// Moves towards the maximum over the moving parameters until one meets its bound, which then holds it.
/// False where none did.
bool meets_bound(ActiveSet& set, const Matrix& system, const Vector& slope, std::span<const double> low,
                 std::span<const double> high) {
  const auto moving = set.moving();
  if (moving.empty()) return false;
  const Matrix part = system(moving, moving);
  const Vector target = part.ldlt().solve(slope(moving));
  double share = 1;
  std::size_t first = set.held.size();
  const auto room = [&](std::size_t i, double by) {
    return ((by < 0 ? low[i] : high[i]) - set.step[static_cast<Eigen::Index>(i)]) / by;
  };
  for (std::size_t j = 0; j < moving.size(); ++j) {
    const double by = target[static_cast<Eigen::Index>(j)];
    const auto i = static_cast<std::size_t>(moving[j]);
    if (by != 0 && room(i, by) < share) share = std::max(room(i, by), 0.0), first = i;
  }
  set.step(moving) += share * target;
  if (first == set.held.size()) return false;
  const auto j = static_cast<std::size_t>(std::ranges::find(moving, static_cast<Eigen::Index>(first)) - moving.begin());
  set.held[first] = target[static_cast<Eigen::Index>(j)] < 0 ? Held::low : Held::high;
  set.step[static_cast<Eigen::Index>(first)] = set.held[first] == Held::low ? low[first] : high[first];
  return true;
}

/// Lets go the parameter that gains most by leaving its bound. False where none gains.
bool releases(ActiveSet& set, const Matrix& system, const Vector& slope, double gain) {
  double most = kWorthReleasing * gain;
  std::size_t which = set.held.size();
  for (std::size_t i = 0; i < set.held.size(); ++i) {
    const auto at = static_cast<Eigen::Index>(i);
    const double inward = set.held[i] == Held::low ? slope[at] : set.held[i] == Held::high ? -slope[at] : 0;
    if (inward <= 0 || !(inward * inward / (2 * system(at, at)) > most)) continue;
    most = inward * inward / (2 * system(at, at));
    which = i;
  }
  if (which == set.held.size()) return false;
  set.held[which] = Held::no;
  return true;
}

}  // namespace

BoxStep box_step(std::span<const double> gradient, const NdArray<double>& information, std::span<const double> low,
                 std::span<const double> high, double damping) {
  const auto n = static_cast<Eigen::Index>(gradient.size());
  const Matrix system = damped(information, damping);
  const Vector up = Eigen::Map<const Vector>(gradient.data(), n);
  ActiveSet set = begun(gradient, low, high);
  const auto slope = [&] { return Vector(up - system * set.step); };
  const auto gain = [&] { return up.dot(set.step) - set.step.dot(system * set.step) / 2; };
  // Each round holds or lets go one parameter and never loses; the limit is for rounding that goes in circles.
  for (std::size_t round = 0; round < 10 * gradient.size() + 10; ++round) {
    if (meets_bound(set, system, slope(), low, high)) continue;
    if (!releases(set, system, slope(), gain())) break;
  }
  return {{set.step.begin(), set.step.end()}, std::max(gain(), 0.0)};
}

}  // namespace plexiform
