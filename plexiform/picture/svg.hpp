#pragma once
#include <string>
#include <vector>

#include "plexiform/base/ndarray.hpp"

namespace plexiform {

/// Text as it may stand in HTML and SVG: &, <, >, quotes escaped.
std::string escaped(const std::string& text);

/// A line in a plot: values at 0, 1, 2, ... of the horizontal axis.
struct Line {
  std::string name;
  std::string colour;
  std::vector<double> values;
};

/// Values [rows, columns] as a picture of its own (a file), from white (`low`) to dark (`high`), with names at both
/// sides, a colour bar, and each value where the pointer rests. NaN is crossed out. `axes`: what rows and columns are.
struct MatrixAxes {
  std::string rows, columns, values;
};
std::string matrix_svg(const NdArray<double>& values, const std::vector<std::string>& row_names,
                       const std::vector<std::string>& column_names, const MatrixAxes& axes, double low, double high,
                       const std::string& title);

/// Lines over named steps of the horizontal axis, a picture of its own; NaN leaves a gap.
std::string step_plot_svg(const std::vector<Line>& lines, const std::vector<std::string>& steps,
                          const std::string& x_name, const std::string& y_name, const std::string& title);

/// Points of two scores that can be compared, a picture of its own, with a line where both are the same; what is
/// `filled` says the legend. Points that are not finite are left out.
struct ScatterPoint {
  std::string name;
  double x = 0, y = 0;
  bool filled = false;
};
std::string scatter_svg(const std::vector<ScatterPoint>& points, const std::string& x_name, const std::string& y_name,
                        const std::string& title, const std::string& legend);

}  // namespace plexiform
