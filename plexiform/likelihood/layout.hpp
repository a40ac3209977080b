#pragma once
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace plexiform {

/// Where a parameter may lie, and how far one step may take it.
struct ParameterLimits {
  /// Bounds. A parameter at one of them that would leave its range stays there, and the others make the best of it.
  double least = -std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::infinity();
  double longest_step = std::numeric_limits<double>::infinity();  ///< either way; 0: the parameter stays at its start
  double least_kept = 0;  ///< share of a positive value that a step leaves of it at least; 0: all of it may go
};

/// A parameter that is not negative: 0 is where it is held.
inline constexpr ParameterLimits kNonNegative{0, std::numeric_limits<double>::infinity(),
                                              std::numeric_limits<double>::infinity(), 0};

/// One parameter of a layout. `of(values)` is its value in an array that has one entry for each parameter.
struct Parameter {
  std::size_t index = 0;

  template <class Values>
  decltype(auto) of(Values&& values) const {
    return values[index];
  }
};

/// Consecutive parameters of one kind. `of(values)` is a span of theirs.
struct ParameterBlock {
  std::size_t first = 0, count = 0;

  Parameter operator[](std::size_t i) const { return {first + i}; }
  template <class Values>
  auto of(Values&& values) const {
    return std::span(values).subspan(first, count);
  }
};

/// The parameters of a model, by name: who adds one gets the handle that finds its value. So no code counts offsets,
/// and an error can say which parameter it is about.
class ParameterLayout {
 public:
  /// Throws InternalError if the name is taken, or if the limits contradict each other.
  Parameter add(const std::string& name, const ParameterLimits& limits = {});
  /// As many as there are limits; the first is called "<name> 0".
  ParameterBlock add_block(const std::string& name, std::span<const ParameterLimits> limits);

  std::size_t size() const { return names_.size(); }
  const std::string& name(std::size_t index) const { return names_[index]; }
  const ParameterLimits& limits(std::size_t index) const { return limits_[index]; }

 private:
  std::vector<std::string> names_;
  std::vector<ParameterLimits> limits_;
};

}  // namespace plexiform
