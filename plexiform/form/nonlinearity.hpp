#pragma once
#include <string>

namespace plexiform {

/// What a subunit does with its filtered input: max(x, 0), max(x, 0)^2, x^2, x.
enum class SubunitNonlinearity { relu, half_squared, squared, linear };
SubunitNonlinearity subunit_nonlinearity_from(const std::string& name);  ///< Error{usage} names the nearest
std::string to_string(SubunitNonlinearity nonlinearity);

/// The definition of f(x), by which the kernels (compute), the tensors (model) and the model cells are tested.
constexpr double subunit_value(SubunitNonlinearity nonlinearity, double x) {
  switch (nonlinearity) {
    case SubunitNonlinearity::relu:
      return x < 0 ? 0 : x;  // NaN stays
    case SubunitNonlinearity::half_squared:
      return x > 0 ? x * x : 0;
    case SubunitNonlinearity::squared:
      return x * x;
    case SubunitNonlinearity::linear:
      break;
  }
  return x;
}
/// Its derivative f'(x); 0 where f has a corner, at relu's 0.
constexpr double subunit_slope(SubunitNonlinearity nonlinearity, double x) {
  switch (nonlinearity) {
    case SubunitNonlinearity::relu:
      return x > 0 ? 1 : 0;
    case SubunitNonlinearity::half_squared:
      return x > 0 ? 2 * x : 0;
    case SubunitNonlinearity::squared:
      return 2 * x;
    case SubunitNonlinearity::linear:
      break;
  }
  return 1;
}

}  // namespace plexiform
